from __future__ import annotations

import asyncio

from core.delivery.stale_cards import KEY, MOST, StaleCards
from core.model.errors import StoreFull
from storage.memory.stores import MemoryKeyValues


class FullNotes(MemoryKeyValues):
    async def remember(self, key: str, value: str) -> None:
        raise StoreFull(f"no room for {key}: {value}")


async def test_nothing_is_untold_at_first() -> None:
    assert await StaleCards(MemoryKeyValues()).all() == []


async def test_cards_are_kept_between_runs_until_they_are_settled() -> None:
    notes = MemoryKeyValues()
    for job_id in (7, 8, 7):
        await StaleCards(notes).note(job_id)

    before = await StaleCards(notes).all()
    await StaleCards(notes).settle(8)

    assert before == [8, 7]
    assert await StaleCards(notes).all() == [7]


async def test_many_at_once_are_all_kept_up_to_a_bound() -> None:
    untold = StaleCards(MemoryKeyValues())

    await asyncio.gather(*(untold.note(job_id) for job_id in range(MOST + 5)))

    assert await untold.all() == list(range(5, MOST + 5))


async def test_a_full_disk_stops_nobody() -> None:
    notes = FullNotes()

    await StaleCards(notes).note(7)

    assert await notes.recall(KEY) is None
