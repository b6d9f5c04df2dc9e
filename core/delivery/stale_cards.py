"""Cards that could not say how their job came out, so that they can say it later."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Final

from core.model.errors import StoreError
from core.ports import KeyValueStore
from core.ports.json_notes import recall, whole_numbers

log = logging.getLogger(__name__)

KEY: Final = "untold_cards"
MOST: Final = 200


class StaleCards:
    """Keeps the newest of these jobs in the program's notes."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes
        self._changing = asyncio.Lock()

    async def note(self, job_id: int) -> None:
        """Note that a job's card does not say how the job came out. Never raises: the video matters more."""
        try:
            async with self._changing:
                others = await self._without(job_id)
                await self._keep([*others, job_id])
        except StoreError as error:
            log.warning("a card will not be told later", extra={"job": job_id, "why": str(error)})

    async def settle(self, job_id: int) -> None:
        """Forget about a card: it says what it should, or nobody will ever see it again."""
        async with self._changing:
            await self._keep(await self._without(job_id))

    async def all(self) -> list[int]:
        """Return the jobs whose cards are to be told, the oldest first."""
        return await recall(self._notes, KEY, whole_numbers) or []

    async def _without(self, job_id: int) -> list[int]:
        return [known for known in await self.all() if known != job_id]

    async def _keep(self, job_ids: list[int]) -> None:
        await self._notes.remember(KEY, json.dumps(job_ids[-MOST:]))
