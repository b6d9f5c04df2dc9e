"""The bot's notes about its messages: deleted ones, cards that are not up to date, copies it sent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from typing import Final

from core.model.errors import StoreError
from core.ports import KeyValueStore
from core.ports.json_notes import recall, whole_numbers

log = logging.getLogger(__name__)

STALE_CARDS: Final = "untold_cards"
MOST_STALE_CARDS: Final = 200
_GONE: Final = "gone"
_SENT: Final = "sent"


class DeletedMessages:
    """Messages and channels that were deleted, by the ids that Discord gives to nothing else."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes

    async def note(self, place_id: int) -> None:
        """Note that a message or a channel is gone for good."""
        await self._notes.remember(_gone(place_id), _GONE)

    async def among(self, place_ids: Iterable[int]) -> frozenset[int]:
        """Return those of these ids that are known to be deleted."""
        return frozenset([one for one in set(place_ids) if await self._notes.recall(_gone(one)) == _GONE])


class StaleCards:
    """Jobs whose cards could not show the job's end, so that they can be updated later: the newest."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes
        self._changing = asyncio.Lock()

    async def note(self, job_id: int) -> None:
        """Note that a job's card does not show the job's end. Never raises: the video matters more."""
        try:
            async with self._changing:
                others = await self._without(job_id)
                await self._keep([*others, job_id])
        except StoreError as error:
            log.warning("a card will not be told later", extra={"job": job_id, "why": str(error)})

    async def settle(self, job_id: int) -> None:
        """Forget about a card: it is up to date, or no member will ever see it again."""
        async with self._changing:
            await self._keep(await self._without(job_id))

    async def all(self) -> list[int]:
        """Return the jobs whose cards are to be updated, the oldest first."""
        return await recall(self._notes, STALE_CARDS, whole_numbers) or []

    async def _without(self, job_id: int) -> list[int]:
        return [known for known in await self.all() if known != job_id]

    async def _keep(self, job_ids: list[int]) -> None:
        await self._notes.remember(STALE_CARDS, json.dumps(job_ids[-MOST_STALE_CARDS:]))


class SentCopies:
    """Copies of videos that were sent by direct message, by member; their buttons go on working there."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes

    async def note(self, job_id: int, member_id: int) -> None:
        """Note that a copy is about to be sent. Raise StoreError."""
        await self._notes.remember(f"{_copies(member_id)}{job_id}", _SENT)

    async def has(self, job_id: int, member_id: int) -> bool:
        """Whether the bot has sent this member a copy of a job's video."""
        return await self._notes.recall(f"{_copies(member_id)}{job_id}") is not None

    async def job_names(self, member_id: int) -> list[str]:
        """Return the jobs of which this member was sent a copy, as the notes name them."""
        beginning = _copies(member_id)
        return [key.removeprefix(beginning) for key in await self._notes.keys(beginning)]

    async def forget(self, member_id: int) -> None:
        """Remove the notes about what this member was sent. Raise StoreError."""
        for key in await self._notes.keys(_copies(member_id)):
            await self._notes.forget(key)


def _gone(place_id: int) -> str:
    return f"gone/{place_id}"


def _copies(member_id: int) -> str:
    return f"copy/{member_id}/"
