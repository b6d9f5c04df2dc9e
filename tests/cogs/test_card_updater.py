from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from cogs.cards.card import Card
from cogs.cards.card_updater import CardUpdater
from cogs.ui.client import DiscordClient
from cogs.ui.components import Layout
from core.model.job import JobState
from core.ports import JobView, Stage, Working
from tests.cogs.drawn import job, refused, words
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.discord_client import NoClient

GAP = 20.0


@dataclass
class Wall(NoClient):
    """Every channel there is, and each edit of a message: when, which, what it shows."""

    clock: VirtualClock
    edits: list[tuple[float, int, str]] = field(default_factory=list[tuple[float, int, str]])
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    hung: set[int] = field(default_factory=set[int])
    """Channels in which no edit is ever answered."""
    refusals: int = 0
    refuses_with: int = 0
    refuses_as: int = 503

    def get_partial_messageable(self, id: int, /) -> discord.PartialMessageable:  # noqa: A002 - discord.py's name
        stand_in: Any = SimpleNamespace(id=id, get_partial_message=partial(self.message, channel_id=id))
        channel: discord.PartialMessageable = stand_in
        return channel

    def message(self, message_id: int, *, channel_id: int = 201) -> discord.PartialMessage:
        async def edit(*, view: Layout, **_: object) -> None:
            await self.is_open.wait()
            if channel_id in self.hung:
                await asyncio.Event().wait()
            if self.refusals:
                self.refusals -= 1
                raise refused(self.refuses_as, self.refuses_with)
            self.edits.append((self.clock.monotonic(), message_id, words(view)))

        stand_in: Any = SimpleNamespace(id=message_id, edit=edit)
        message: discord.PartialMessage = stand_in
        return message

    def of(self, job_id: int) -> list[str]:
        """What the card of a job showed, one after another."""
        return [shown for _, message_id, shown in self.edits if message_id == 400 + job_id]


@pytest.fixture
def wall() -> Wall:
    wall = Wall(VirtualClock())
    wall.is_open.set()
    return wall


@pytest.fixture
async def card_updater(wall: Wall, card: Card) -> AsyncIterator[CardUpdater]:
    """A board at work."""
    channels: DiscordClient = wall
    card_updater = CardUpdater(channels, card, wall.clock, gap_seconds=GAP)
    async with asyncio.TaskGroup() as group:
        work = group.create_task(card_updater.run())
        yield card_updater
        work.cancel()


def at(percent: int, *, job_id: int = 7) -> JobView:
    return JobView(job(JobState.RUNNING, job_id=job_id), Working(Stage.RUNNING, percent))


def in_channel(job_view: JobView, channel_id: int) -> JobView:
    job = job_view.job
    return replace(job_view, job=replace(job, destination=replace(job.destination, channel_id=channel_id)))


async def test_a_card_is_brought_up_to_date_at_once_the_first_time(
    card_updater: CardUpdater, wall: Wall
) -> None:
    card_updater.show(at(10))
    await settle()

    assert ["10 %" in shown for shown in wall.of(7)] == [True]


async def test_the_latest_glance_wins(card_updater: CardUpdater, wall: Wall) -> None:
    for percent in range(10, 60, 10):
        card_updater.show(at(percent))
    await settle()

    assert len(wall.of(7)) == 1
    assert "50 %" in wall.of(7)[0]


async def test_between_two_edits_of_a_card_there_is_a_gap(card_updater: CardUpdater, wall: Wall) -> None:
    for percent in range(1, 100):
        card_updater.show(at(percent))
        await wall.clock.advance(1)

    moments = [moment for moment, _, _ in wall.edits]
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert len(moments) == 5
    assert min(gaps) >= GAP


async def test_the_last_change_is_shown_when_the_gap_is_over(card_updater: CardUpdater, wall: Wall) -> None:
    card_updater.show(at(10))
    await settle()
    card_updater.show(at(20))
    await wall.clock.advance(GAP)

    assert "20 %" in wall.of(7)[-1]


async def test_what_did_not_change_is_not_sent(card_updater: CardUpdater, wall: Wall) -> None:
    for _ in range(5):
        card_updater.show(at(10))
        await wall.clock.advance(GAP)

    assert len(wall.of(7)) == 1


async def test_cards_do_not_wait_for_each_others_gap(card_updater: CardUpdater, wall: Wall) -> None:
    for job_id in range(1, 6):
        card_updater.show(at(10, job_id=job_id))
    await settle()

    assert [len(wall.of(job_id)) for job_id in range(1, 6)] == [1] * 5


async def test_a09_a_channel_that_hangs_holds_up_no_other_card(card_updater: CardUpdater, wall: Wall) -> None:
    wall.hung = set(range(900, 906))
    for job_id in range(10, 40):
        card_updater.show(in_channel(at(10, job_id=job_id), 900 + job_id % 6))
    await settle()

    card_updater.show(at(10))
    await settle()

    assert len(wall.of(7)) == 1


async def test_cards_of_one_channel_are_edited_one_after_another(
    card_updater: CardUpdater, wall: Wall
) -> None:
    wall.is_open.clear()
    for job_id in range(1, 6):
        card_updater.show(at(10, job_id=job_id))
    await settle()
    card_updater.show(at(90, job_id=5))
    wall.is_open.set()
    await settle()

    assert [message_id for _, message_id, _ in wall.edits] == [401, 402, 403, 404, 405]
    assert "90 %" in wall.of(5)[0], "what was shown meanwhile wins"


async def test_after_closing_nothing_is_shown(card_updater: CardUpdater, wall: Wall) -> None:
    async with card_updater.closing(7):
        card_updater.show(at(10))
    card_updater.show(at(20))
    await wall.clock.advance(3 * GAP)

    assert wall.edits == []


async def test_an_update_that_waits_is_dropped_by_closing(card_updater: CardUpdater, wall: Wall) -> None:
    card_updater.show(at(10))
    await settle()
    card_updater.show(at(20))
    async with card_updater.closing(7):
        pass
    await wall.clock.advance(3 * GAP)

    assert len(wall.edits) == 1


async def test_closing_waits_for_an_edit_under_way(card_updater: CardUpdater, wall: Wall) -> None:
    wall.is_open.clear()
    card_updater.show(at(10))
    await settle()
    closed: list[int] = []

    async def close() -> None:
        async with card_updater.closing(7):
            closed.append(len(wall.edits))

    async with asyncio.TaskGroup() as group:
        group.create_task(close())
        await settle()
        before = list(closed)
        wall.is_open.set()

    assert before == []
    assert closed == [1]


async def test_the_first_card_is_not_drawn_over_a_result(card_updater: CardUpdater, wall: Wall) -> None:
    async with card_updater.closing(7):
        pass

    await card_updater.first(at(10), wall.message(407))

    assert wall.edits == []


async def test_the_first_card_counts_as_shown(card_updater: CardUpdater, wall: Wall) -> None:
    await card_updater.first(at(10), wall.message(407))
    card_updater.show(at(10))
    card_updater.show(at(20))
    await settle()
    soon = len(wall.edits)
    await wall.clock.advance(GAP)

    assert soon == 1
    assert "20 %" in wall.of(7)[-1]


async def test_an_edit_that_fails_does_not_stop_the_others(card_updater: CardUpdater, wall: Wall) -> None:
    wall.refusals = 1
    card_updater.show(at(10, job_id=1))
    card_updater.show(at(10, job_id=2))
    await settle()

    assert wall.of(1) == []
    assert len(wall.of(2)) == 1


async def test_an_edit_that_failed_is_made_up_for(card_updater: CardUpdater, wall: Wall) -> None:
    wall.refusals = 1
    card_updater.show(at(10))
    await settle()
    card_updater.show(at(10))
    await wall.clock.advance(GAP)

    assert len(wall.of(7)) == 1


async def test_a_card_that_is_gone_is_not_tried_again_for_the_same_words(
    card_updater: CardUpdater, wall: Wall
) -> None:
    wall.refusals, wall.refuses_with = 2, 10008
    card_updater.show(at(10))
    await settle()
    card_updater.show(at(10))
    await wall.clock.advance(GAP)

    assert wall.refusals == 1


async def test_a10_a_card_that_refuses_its_words_is_not_asked_again_for_the_same(
    card_updater: CardUpdater, wall: Wall
) -> None:
    wall.refusals, wall.refuses_as, wall.refuses_with = 2, 400, 99999
    card_updater.show(at(10))
    await settle()
    card_updater.show(at(10))
    await wall.clock.advance(GAP)

    assert wall.refusals == 1


async def test_a_job_without_a_card_is_passed_over(card_updater: CardUpdater, wall: Wall) -> None:
    running = job(JobState.RUNNING)
    card_updater.show(JobView(replace(running, destination=replace(running.destination, card_id=None))))
    card_updater.show(at(10, job_id=2))
    await settle()

    assert [message_id for _, message_id, _ in wall.edits] == [402]
