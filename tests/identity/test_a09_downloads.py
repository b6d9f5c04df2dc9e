"""A clip that is not there yet is waited for by its own job alone; no other job waits for its host."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from core.model.job import JobState
from tests.identity.town import DAY, RENDERING_SECONDS, Lies, Play, Says, Town, says
from tests.stranger.made_up.answers import Answer
from tests.stranger.made_up.documents import Surface

SURFACES: Final = list(Surface)
LATE: Final = 7
"""Orders whose clips come late: more than one host has lanes for downloads."""

NOT_READY: Final = says({"error": {"message": "not ready"}}, 409)
CUT_SHORT: Final = Answer("cut short", 200, "\0\0\0\x18ftypisom")


def late(answer: Answer, times: int) -> Says:
    """Answer so to the first requests for the clips of the first orders."""
    return lambda task, number: answer if task.order <= LATE and number < times else None


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("answer", [NOT_READY, CUT_SHORT, says("busy", 503)])
def test_a09_clips_that_come_late_hold_up_no_other_of_their_host(
    play: Play, surface: Surface, answer: Answer
) -> None:
    last = LATE + 1

    async def scene(town: Town) -> None:
        started = town.clock.monotonic()
        await town.order(last)

        await town.until_notified(last, most=300)

        assert town.clock.monotonic() - started < RENDERING_SECONDS + 20
        assert town.has_own_clip(last)
        assert list(town.courier.brought) == [last]
        await town.until_notified(most=300)
        assert all(town.has_own_clip(number) for number in range(1, last))

    lies = late(answer, times=7)
    play(surface, scene, Lies(content=lies, media=lies))


@pytest.mark.parametrize("surface", SURFACES)
def test_a_clip_that_never_comes_is_asked_for_seldom_and_its_member_told(
    play: Play, surface: Surface
) -> None:
    async def scene(town: Town) -> None:
        await town.order()
        await town.until(lambda: town.job().state is JobState.READY, most=60)
        task_id = town.gateway.of_order(1).id
        ready = town.clock.monotonic()
        await town.until(lambda: town.gateway.fetched.count(task_id) == 5, most=60)
        assert town.clock.monotonic() - ready > 7, "the waits between tries double"

        await asyncio.sleep(DAY)
        await town.until_notified()

        assert town.job().state is JobState.RESULT_GONE
        assert town.courier.said(1)
        assert town.gateway.fetched.count(task_id) < 1000

    never = late(NOT_READY, times=10**9)
    play(surface, scene, Lies(content=never, media=never))


@pytest.mark.parametrize("surface", [Surface.NATIVE, Surface.WORLDROUTER])
@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_link_that_is_refused_for_half_an_hour_loses_no_clip(
    play: Play, surface: Surface, status: int
) -> None:
    towns: list[Town] = []

    def refused(_task: object, _number: int) -> Answer | None:
        return says("<Error>not yet</Error>", status) if towns[0].clock.monotonic() < 1800 else None

    async def scene(town: Town) -> None:
        towns.append(town)
        await town.bring_its_clip(most=3600)

    play(surface, scene, Lies(media=refused))
