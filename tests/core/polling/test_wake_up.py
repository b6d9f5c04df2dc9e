from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from core.polling.wake_up import LONGEST_NAP_SECONDS, WakeUp
from tests.fakes.clock import VirtualClock, settle


class Work:
    """Things that wait, by the moment at which each is due, and when each was done."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.wake_up = WakeUp(self.clock)
        self.due: dict[str, float] = {}
        self.done: dict[str, float] = {}
        self.looks = 0

    def waiting(self) -> Iterator[tuple[float, str]]:
        self.looks += 1
        return ((at - self.clock.monotonic(), thing) for thing, at in self.due.items())

    async def run(self) -> None:
        while True:
            thing = await self.wake_up.next_due(self.waiting)
            del self.due[thing]
            self.done[thing] = self.clock.monotonic()


@pytest.fixture
async def work() -> Work:
    return Work()


async def test_each_thing_is_done_when_it_is_due_without_looks_in_between(work: Work) -> None:
    work.due = {"late": 60.0, "soon": 5.0, "at once": 0.0}
    running = asyncio.create_task(work.run())
    await settle()
    at_first = dict(work.done)
    await work.clock.advance(100)

    assert at_first == {"at once": 0.0}
    assert work.done == {"at once": 0.0, "soon": 5.0, "late": 60.0}
    assert work.looks <= 7
    running.cancel()
    await settle()


async def test_of_what_is_due_the_first_goes_first(work: Work) -> None:
    work.due = {"b": -1.0, "a": -2.0, "c": 0.0}
    running = asyncio.create_task(work.run())
    await settle()

    assert list(work.done) == ["b", "a", "c"]
    running.cancel()
    await settle()


async def test_a_call_lets_what_is_new_be_seen_also_where_it_came_before_the_wait(work: Work) -> None:
    work.wake_up.call()
    running = asyncio.create_task(work.run())
    await work.clock.advance(10)
    work.due = {"new": 12.0}
    work.wake_up.call()
    await work.clock.advance(10)

    assert work.done == {"new": 12.0}
    running.cancel()
    await settle()


async def test_a_call_that_is_forgotten_ends_no_wait(work: Work) -> None:
    work.wake_up.call()
    work.wake_up.clear()
    waiting = asyncio.create_task(work.wake_up.wait(30))
    await work.clock.advance(29)
    early = waiting.done()
    await work.clock.advance(1)

    assert (early, waiting.done()) == (False, True)


async def test_an_entry_that_is_due_a_hair_later_does_not_make_the_caller_loop(work: Work) -> None:
    work.due = {"nearly": 1e-9}
    running = asyncio.create_task(work.run())
    await work.clock.advance(1)

    assert work.done == {"nearly": 0.01}
    assert work.looks == 3
    running.cancel()
    await settle()


async def test_without_work_it_looks_once_an_hour(work: Work) -> None:
    running = asyncio.create_task(work.run())
    await work.clock.advance(3 * LONGEST_NAP_SECONDS)

    assert work.looks == 4
    running.cancel()
    await settle()
