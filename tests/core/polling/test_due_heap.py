from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.polling.due_heap import DueHeap
from tests.fakes.clock import VirtualClock, settle


class Reader:
    """A caller that waits for due entries, over and over, and notes when each came."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.due_heap = DueHeap(clock)
        self.seen: list[tuple[float, int]] = []
        self.looks = 0

    async def read(self) -> None:
        while True:
            due = await self.due_heap.due()
            self.looks += 1
            self.seen += [(self.clock.monotonic(), job_id) for job_id in due]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def reader(clock: VirtualClock) -> AsyncIterator[Reader]:
    reader = Reader(clock)
    task = asyncio.create_task(reader.read())
    yield reader
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_jobs_come_when_they_are_due_the_earliest_first(reader: Reader, clock: VirtualClock) -> None:
    reader.due_heap.put(1, seconds=30)
    reader.due_heap.put(2, seconds=10)
    reader.due_heap.put(3)

    await clock.advance(60)

    assert reader.seen == [(0, 3), (10, 2), (30, 1)]
    assert len(reader.due_heap) == 0


async def test_a_new_job_that_is_due_earlier_wakes_the_reader(reader: Reader, clock: VirtualClock) -> None:
    reader.due_heap.put(1, seconds=100)
    await clock.advance(10)

    reader.due_heap.put(2, seconds=5)
    await clock.advance(10)

    assert reader.seen == [(15, 2)]


@pytest.mark.parametrize(("first", "second"), [(5, 50), (50, 5)])
async def test_the_latest_time_set_counts(
    reader: Reader, clock: VirtualClock, first: float, second: float
) -> None:
    reader.due_heap.put(1, seconds=first)
    reader.due_heap.put(1, seconds=second)

    await clock.advance(100)

    assert reader.seen == [(second, 1)]


async def test_a_dropped_job_does_not_come(reader: Reader, clock: VirtualClock) -> None:
    reader.due_heap.put(1, seconds=5)

    reader.due_heap.drop(1)
    await clock.advance(100)

    assert reader.seen == []


async def test_seconds_in_the_past_mean_now(reader: Reader) -> None:
    reader.due_heap.put(1, seconds=-500)

    await settle()

    assert reader.seen == [(0, 1)]


async def test_a_wake_brings_the_reader_round_with_nothing(reader: Reader) -> None:
    await settle()
    before = reader.looks

    reader.due_heap.wake()
    await settle()

    assert (reader.looks - before, reader.seen) == (1, [])


async def test_a_wake_while_no_caller_waits_is_not_lost(clock: VirtualClock) -> None:
    due_heap = DueHeap(clock)

    due_heap.wake()

    assert await asyncio.wait_for(due_heap.due(), 1) == []


async def test_the_wall_clock_does_not_matter(reader: Reader, clock: VirtualClock) -> None:
    reader.due_heap.put(1, seconds=20)
    await clock.advance(10)

    clock.jump(-(clock.now() - clock.now().replace(year=2020)))
    await clock.advance(11)

    assert reader.seen == [(20, 1)]


async def test_an_idle_agenda_hardly_wakes(reader: Reader, clock: VirtualClock) -> None:
    await clock.advance(86_400)

    assert reader.looks <= 24


async def test_an_entry_that_is_not_taken_out_is_late(clock: VirtualClock) -> None:
    due_heap = DueHeap(clock)
    due_heap.put(1, seconds=10)

    await clock.advance(10)
    assert due_heap.lateness == 0
    await clock.advance(30)
    assert due_heap.lateness == 30
    assert await due_heap.due() == [1]
    assert due_heap.lateness == 0
