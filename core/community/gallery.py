"""The gallery: clips that enough members voted for, each copied once to a channel of its own."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from core.ports import KeyValueStore
from core.ports.json_notes import of_fields, recall

THRESHOLD: Final = 3
_BEGUN: Final = "begun"
_NOBODY: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gallery:
    """Where a server's gallery is, and how many votes bring a clip there."""

    channel_id: int
    threshold: int = THRESHOLD

    @property
    def voters(self) -> str:
        """How many members it takes, in words."""
        return "one member" if self.threshold == 1 else f"{self.threshold} different members"


@dataclass(frozen=True, slots=True)
class Voter:
    id: int
    is_bot: bool = False

    def counts_for(self, requester_id: int) -> bool:
        """Whether the vote counts: not a member's vote for their own clip, and not a bot's."""
        return not self.is_bot and self.id != requester_id


class Galleries:
    """Stores the galleries, and which clips are in them, in the program's notes."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes
        self._known: dict[int, Gallery | None] = {}

    async def of(self, guild_id: int) -> Gallery | None:
        if guild_id not in self._known:
            self._known[guild_id] = await recall(self._notes, _server(guild_id), _gallery)
        return self._known[guild_id]

    async def open(self, guild_id: int, gallery: Gallery) -> None:
        await self._notes.remember(_server(guild_id), json.dumps(asdict(gallery)))
        self._known[guild_id] = gallery

    async def close(self, guild_id: int) -> None:
        await self._notes.remember(_server(guild_id), _NOBODY)
        self._known[guild_id] = None

    async def holds(self, job_id: int) -> bool:
        """Whether the clip of a job is in a gallery for certain."""
        return await self._notes.recall(_clip(job_id)) not in {None, _NOBODY, _BEGUN}

    async def is_begun(self, job_id: int) -> bool:
        """Whether a copy to the gallery was begun whose outcome is unknown."""
        return await self._notes.recall(_clip(job_id)) == _BEGUN

    async def begin(self, job_id: int) -> None:
        await self._notes.remember(_clip(job_id), _BEGUN)

    async def finish(self, job_id: int, message_id: int) -> None:
        await self._notes.remember(_clip(job_id), str(message_id))


def _gallery(row: dict[str, Any]) -> Gallery:
    """Read a gallery. Raise one of DAMAGE."""
    gallery = of_fields(Gallery, row)
    if gallery.threshold < 1:
        raise ValueError("no vote would be needed")
    return gallery


def _server(guild_id: int) -> str:
    return f"gallery/server/{guild_id}"


def _clip(job_id: int) -> str:
    return f"gallery/clip/{job_id}"
