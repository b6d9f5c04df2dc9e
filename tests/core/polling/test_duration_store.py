from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from core.model.errors import StoreFull
from core.model.job_outline import JobClass
from core.model.video import Mode
from core.polling.duration_store import KEY, DurationStore, recall_durations
from core.polling.task_durations import DurationModel
from storage.memory.stores import MemoryKeyValues
from tests.fakes.clock import VirtualClock

KIND = JobClass("anyint", "kling-v3", Mode.STD, 5, audio=False)


class FullNotes(MemoryKeyValues):
    """Takes nothing as long as it is full."""

    is_full = True

    async def remember(self, key: str, value: str) -> None:
        if self.is_full:
            raise StoreFull("no room")
        await super().remember(key, value)


@asynccontextmanager
async def running(duration_store: DurationStore) -> AsyncGenerator[None]:
    task = asyncio.create_task(duration_store.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_was_learned_is_taken_up_by_the_next_run() -> None:
    clock, notes, durations = VirtualClock(), MemoryKeyValues(), DurationModel()
    learning = DurationStore(notes, clock, durations)
    durations.finish(KIND, 180.0)

    await learning.save()

    assert (await recall_durations(notes)).dump() == durations.dump()


async def test_it_is_saved_every_few_minutes() -> None:
    clock, notes, durations = VirtualClock(), MemoryKeyValues(), DurationModel()
    async with running(DurationStore(notes, clock, durations)):
        durations.finish(KIND, 180.0)
        await clock.advance(290)
        early = await notes.recall(KEY)

        await clock.advance(20)
        late = await notes.recall(KEY)

    assert early is None
    assert late is not None


async def test_a_full_disk_only_delays_it() -> None:
    clock, notes, durations = VirtualClock(), FullNotes(), DurationModel()
    async with running(DurationStore(notes, clock, durations)):
        durations.finish(KIND, 180.0)
        await clock.advance(310)
        notes.is_full = False
        await clock.advance(310)

        assert await notes.recall(KEY) is not None


@pytest.mark.parametrize("saved", ["", "{", "[]", "null", '{"version": 99}', '{"version": 1, "groups": 7}'])
async def test_what_cannot_be_read_is_learned_again(saved: str) -> None:
    notes = MemoryKeyValues()
    await notes.remember(KEY, saved)

    assert (await recall_durations(notes)).dump()["groups"] == []
