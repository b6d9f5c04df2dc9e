from __future__ import annotations

from core.delivery.deleted_messages import DeletedMessages
from storage.memory.stores import MemoryKeyValues


async def test_what_is_gone_is_known_after_a_restart_and_nothing_else_is_gone() -> None:
    notes = MemoryKeyValues()
    await DeletedMessages(notes).note(11)
    await DeletedMessages(notes).note(12)

    assert await DeletedMessages(notes).among([10, 11, 12, 11]) == {11, 12}
