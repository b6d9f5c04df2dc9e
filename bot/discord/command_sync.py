"""Sends Discord the commands, however long it takes; until then members have those that Discord knows."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from bot.discord.client import Client
from cogs.ui.discord_errors import translate_errors
from core.model.errors import DeliveryError
from core.ports import Clock

log = logging.getLogger(__name__)

SYNC_SECONDS: Final = 30.0
FIRST_PAUSE_SECONDS: Final = 60.0
LONGEST_PAUSE_SECONDS: Final = 3600.0
"""Discord counts the commands that are made in a day, and refuses more."""


class CommandSync:
    """Videos are made and delivered whatever Discord answers here."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._is_done = asyncio.Event()

    async def once(self) -> None:
        """Send them once; where Discord refuses the commands, that is logged."""
        try:
            async with translate_errors(SYNC_SECONDS):
                await self._client.sync_commands()
        except DeliveryError as error:
            log.warning("Discord did not take the commands; trying again later", extra={"why": str(error)})
        else:
            self._is_done.set()

    async def run(self) -> None:
        """Try again, ever more seldom, until Discord has taken them; then wait to be cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while not self._is_done.is_set():
            await self._clock.sleep(pause)
            await self.once()
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        await asyncio.Event().wait()
