from __future__ import annotations

import asyncio

from core.delivery.message_notes import MOST_STALE_CARDS, STALE_CARDS, DeletedMessages, StaleCards
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

    await asyncio.gather(*(untold.note(job_id) for job_id in range(MOST_STALE_CARDS + 5)))

    assert await untold.all() == list(range(5, MOST_STALE_CARDS + 5))


async def test_a_full_disk_stops_no_caller() -> None:
    notes = FullNotes()

    await StaleCards(notes).note(7)

    assert await notes.recall(STALE_CARDS) is None


async def test_what_is_gone_is_known_after_a_restart_and_nothing_else_is_gone() -> None:
    notes = MemoryKeyValues()
    await DeletedMessages(notes).note(11)
    await DeletedMessages(notes).note(12)

    assert await DeletedMessages(notes).among([10, 11, 12, 11]) == {11, 12}
