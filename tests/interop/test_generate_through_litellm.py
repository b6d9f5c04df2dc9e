"""`matinee generate` as a process, through LiteLLM, to an upstream that misbehaves."""

from __future__ import annotations

import asyncio

import pytest

from tests.interop.orders import Way, until
from tests.interop.upstream import Case

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="session")]


async def test_a_video_is_made_and_saved(way: Way) -> None:
    case = way.upstream.expect("A paper boat", Case())

    ran = await way.generate("A paper boat")

    (task,) = case.tasks
    assert (ran.code, case.posts) == (0, 1), ran.out + ran.err
    assert way.file.read_bytes() == task.clip
    assert (task.fields["duration"], task.fields["aspect_ratio"]) == ("5", "16:9")


async def test_an_upstream_that_drops_what_it_took_leaves_the_outcome_unknown(way: Way) -> None:
    case = way.upstream.expect("A dropped boat", Case(drops=1))

    ran = await way.generate("A dropped boat")

    assert (ran.code, ran.last["event"]) == (4, "unknown"), ran.out + ran.err
    assert (case.posts, len(case.tasks)) == (1, 1)


async def test_an_upstream_that_drops_what_it_took_and_then_is_full_was_still_paid_once(way: Way) -> None:
    """A gateway that sends again by itself gets 429 for its repeats, and passes that on."""
    case = way.upstream.expect("A dropped boat in the only slot", Case(drops=1, slots=1))

    ran = await way.generate("A dropped boat in the only slot")

    assert (ran.code, ran.last["event"]) == (4, "unknown"), ran.out + ran.err
    assert (case.posts, len(case.tasks)) == (1, 1)


async def test_a_refusal_is_reported_in_the_upstreams_words(way: Way) -> None:
    case = way.upstream.expect("A rude boat", Case(refuses="Your prompt is too rude."))

    ran = await way.generate("A rude boat")

    assert (ran.code, ran.last["event"], ran.last["reason"]) == (3, "refused", "request"), ran.out + ran.err
    assert "Your prompt is too rude." in ran.last["message"]
    assert "Nothing was charged." in ran.last["message"]
    assert (case.posts, case.tasks) == (1, [])


async def test_a_place_that_becomes_free_is_waited_for(way: Way) -> None:
    case = way.upstream.expect("A boat in a queue", Case(fulls=1))

    ran = await way.generate("A boat in a queue")

    (task,) = case.tasks
    assert (ran.code, case.posts) == (0, 2), ran.out + ran.err
    assert way.file.read_bytes() == task.clip


async def test_an_upstream_that_stays_full_refuses(way: Way) -> None:
    case = way.upstream.expect("A boat that nobody has room for", Case(slots=0))

    ran = await way.generate("A boat that nobody has room for")

    assert (ran.code, ran.last["event"], ran.last["reason"]) == (3, "refused", "busy"), ran.out + ran.err
    assert case.tasks == []


async def test_a_slow_upstream_is_waited_for(way: Way) -> None:
    case = way.upstream.expect("A slow boat", Case(answers=asyncio.Event()))

    async with asyncio.TaskGroup() as group:
        running = group.create_task(way.generate("A slow boat"))
        await until(lambda: case.tasks)
        await asyncio.sleep(6)  # longer than HTTP clients wait unless told otherwise
        case.answers.set()

    (task,) = case.tasks
    assert (running.result().code, case.posts) == (0, 1), running.result()
    assert way.file.read_bytes() == task.clip


async def test_an_upstream_that_is_slower_than_the_patience_leaves_the_outcome_unknown(way: Way) -> None:
    case = way.upstream.expect("A boat in the ice", Case(answers=asyncio.Event()))

    ran = await way.generate("A boat in the ice", MATINEE_CREATE_READ_TIMEOUT_SECONDS="2")
    case.answers.set()

    assert (ran.code, ran.last["event"]) == (4, "unknown"), ran.out + ran.err
    assert (case.posts, len(case.tasks)) == (1, 1)
