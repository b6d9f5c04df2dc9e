"""Messages and channels that are known to be gone, so that nobody is sent there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from core.ports import KeyValueStore

_GONE: Final = "gone"


class DeletedMessages:
    """Keeps in the program's notes what was deleted, by the ids that Discord gives to nothing else."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes

    async def note(self, place_id: int) -> None:
        """Note that a message or a channel is gone for good."""
        await self._notes.remember(_key(place_id), _GONE)

    async def among(self, place_ids: Iterable[int]) -> frozenset[int]:
        """Return those of these that are known to be gone."""
        return frozenset([one for one in set(place_ids) if await self._notes.recall(_key(one)) == _GONE])


def _key(place_id: int) -> str:
    return f"gone/{place_id}"
