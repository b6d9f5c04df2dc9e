"""The real bot in a local Discord, through LiteLLM, to an upstream that misbehaves."""

from __future__ import annotations

import asyncio

import pytest

from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.scenes import order
from tests.interop.orders import Way, played, until
from tests.interop.upstream import Case

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]


async def test_a_video_arrives(way: Way) -> None:
    case = way.upstream.expect("A boat for the channel", Case())

    async with way.town() as town:
        clip = await played(await order(town, "A boat for the channel"))

    (task,) = case.tasks
    assert (clip, case.posts) == (task.clip, 1)


@pytest.mark.parametrize("slots", [None, 1])
async def test_a_create_that_was_dropped_is_reported_as_unknown_and_not_sent_again(
    way: Way, slots: int | None
) -> None:
    case = way.upstream.expect("A boat that was dropped", Case(drops=1, slots=slots))

    async with way.town() as town:
        card = await order(town, "A boat that was dropped")
        await card.says("Not confirmed", "it may be charged", "will not send it again")
        job = await towns.reached(town, card.job_id, JobState.UNKNOWN)

    assert job.state is JobState.UNKNOWN
    assert (case.posts, len(case.tasks)) == (1, 1)


async def test_a_refusal_is_reported_in_the_upstreams_words(way: Way) -> None:
    case = way.upstream.expect("A boat with a rude name", Case(refuses="Your prompt is too rude."))

    async with way.town() as town:
        card = await order(town, "A boat with a rude name")
        await card.says("No video", "Your prompt is too rude.", "Nothing was charged.")

    assert (case.posts, case.tasks) == (1, [])


async def test_a_place_that_becomes_free_is_waited_for(way: Way) -> None:
    case = way.upstream.expect("A boat that waits", Case(fulls=1))

    async with way.town() as town:
        clip = await played(await order(town, "A boat that waits"))

    (task,) = case.tasks
    assert (clip, case.posts) == (task.clip, 2)


async def test_a_slow_upstream_is_waited_for(way: Way) -> None:
    case = way.upstream.expect("A boat against the wind", Case(answers=asyncio.Event()))

    async with way.town() as town:
        card = await order(town, "A boat against the wind")
        await until(lambda: case.tasks)
        case.answers.set()
        clip = await played(card)

    (task,) = case.tasks
    assert (clip, case.posts) == (task.clip, 1)


async def test_an_upstream_that_is_slower_than_the_patience_is_reported_as_unknown(way: Way) -> None:
    case = way.upstream.expect("A boat in pack ice", Case(answers=asyncio.Event()))

    async with way.town(MATINEE_CREATE_READ_TIMEOUT_SECONDS="2") as town:
        card = await order(town, "A boat in pack ice")
        await card.says("Not confirmed")
        case.answers.set()

    assert (case.posts, len(case.tasks)) == (1, 1)
