"""Which copies of videos the bot sent to whom by direct message: their buttons go on working there."""

from __future__ import annotations

from typing import Final

from core.ports import KeyValueStore

_SENT: Final = "sent"


class SentCopies:
    """Kept in the program's notes, by the member, so that erasing finds them."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes

    async def note(self, job_id: int, member_id: int) -> None:
        """Note that a copy is about to be sent. Raise StoreError."""
        await self._notes.remember(f"{_of(member_id)}{job_id}", _SENT)

    async def has(self, job_id: int, member_id: int) -> bool:
        """Whether the bot has sent this member a copy of a job's video."""
        return await self._notes.recall(f"{_of(member_id)}{job_id}") is not None

    async def noted(self, member_id: int) -> list[str]:
        """Return the jobs of which this member was sent a copy, as the notes name them."""
        beginning = _of(member_id)
        return [key.removeprefix(beginning) for key in await self._notes.keys(beginning)]

    async def forget(self, member_id: int) -> None:
        """Keep nothing of what this member was sent. Raise StoreError."""
        for key in await self._notes.keys(_of(member_id)):
            await self._notes.forget(key)


def _of(member_id: int) -> str:
    return f"copy/{member_id}/"
