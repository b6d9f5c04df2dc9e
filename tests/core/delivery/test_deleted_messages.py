from __future__ import annotations

from core.delivery.deleted_messages import Departed
from storage.memory.stores import MemoryNotes


async def test_what_is_gone_is_known_after_a_restart_and_nothing_else_is_gone() -> None:
    notes = MemoryNotes()
    await Departed(notes).note(11)
    await Departed(notes).note(12)

    assert await Departed(notes).among([10, 11, 12, 11]) == {11, 12}
