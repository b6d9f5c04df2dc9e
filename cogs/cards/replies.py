"""Answers to messages: cards that stay, and short texts that are deleted after a minute."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import discord

from cogs.cards.prompt_marks import MarkedMessage
from cogs.ui.client import DiscordClient
from cogs.ui.components import Layout, notice
from cogs.ui.discord_errors import NoReplies, translate_errors
from core.model.errors import DeliveryDelayed, DeliveryError, PlaceRefuses
from core.polling.wake_up import WakeUp
from core.ports import Clock

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 30.0
STANDING_SECONDS: Final = 60.0
MOST_STANDING: Final = 3
_PAUSES: Final = (2.0, 10.0)


async def post(
    channel: discord.abc.Messageable, view: Layout, *, nonce: str, to: MarkedMessage | None = None
) -> discord.Message:
    """Post a message, as an answer where that is allowed. It pings no member. Raise DeliveryError."""
    async with translate_errors(MESSAGE_SECONDS):
        if to is None:
            return await channel.send(view=view, nonce=nonce)
    reference = discord.MessageReference(
        message_id=to.message_id, channel_id=to.channel_id, fail_if_not_exists=False
    )
    try:
        async with translate_errors(MESSAGE_SECONDS):
            return await channel.send(view=view, nonce=nonce, reference=reference)
    except NoReplies:
        return await post(channel, view, nonce=nonce)


async def post_patiently(
    clock: Clock,
    channel: discord.abc.Messageable,
    view: Layout,
    *,
    nonce: str,
    to: MarkedMessage | None = None,
) -> discord.Message:
    """Post a message, trying again a little later where Discord has trouble: the nonce keeps it one."""
    for pause in _PAUSES:
        try:
            return await post(channel, view, nonce=nonce, to=to)
        except PlaceRefuses:
            raise
        except DeliveryDelayed:
            await clock.sleep(pause)
    return await post(channel, view, nonce=nonce, to=to)


@dataclass(order=True, slots=True)
class _Slip:
    due: float
    message: discord.PartialMessage = field(compare=False)
    reader_id: int = field(compare=False)


class Replies:
    """Short answers in a channel, each deleted after a minute; a few at a time for each member."""

    def __init__(self, channels: DiscordClient, clock: Clock) -> None:
        self._channels = channels
        self._clock = clock
        self._standing: list[_Slip] = []
        self._readers: Counter[int] = Counter()
        self._wake_up = WakeUp(clock)

    async def say(self, spot: MarkedMessage, reader_id: int, words: str) -> None:
        """Answer a message. Never raises: where no answer is possible, the member sees the message's mark."""
        if self._readers[reader_id] >= MOST_STANDING:
            return
        self._readers[reader_id] += 1
        channel = self._channels.get_partial_messageable(spot.channel_id)
        try:
            posted = await post(channel, notice(words), nonce=self._nonce(spot, reader_id, words), to=spot)
        except DeliveryError as error:
            self._forget(reader_id)
            log.info("a short answer was not posted", extra={"prompt": spot.message_id, "why": str(error)})
            return
        due = self._clock.monotonic() + STANDING_SECONDS
        heapq.heappush(self._standing, _Slip(due, channel.get_partial_message(posted.id), reader_id))
        self._wake_up.call()

    def _nonce(self, spot: MarkedMessage, reader_id: int, words: str) -> str:
        """Tell each answer from all others: Discord takes no second one of the same nonce for minutes."""
        said = f"{spot.message_id}/{reader_id}/{words}/{self._clock.now()}"
        return f"{hashlib.sha256(said.encode()).hexdigest()[:20]}-s"

    async def run(self) -> None:
        """Delete answers when their minute is over, until cancelled."""
        while True:
            _ = await self._wake_up.next_due(self._next)
            await self._take_away(heapq.heappop(self._standing))

    def _next(self) -> Iterator[tuple[float, _Slip]]:
        return ((slip.due - self._clock.monotonic(), slip) for slip in self._standing[:1])

    async def finish(self) -> None:
        """Delete all answers that are left: the program is about to end."""
        standing, self._standing = self._standing, []
        _ = await asyncio.gather(*map(self._take_away, standing))

    async def _take_away(self, slip: _Slip) -> None:
        self._forget(slip.reader_id)
        try:
            async with translate_errors(MESSAGE_SECONDS):
                await slip.message.delete()
        except DeliveryError as error:
            log.info("a short answer was left", extra={"answer": slip.message.id, "why": str(error)})

    def _forget(self, reader_id: int) -> None:
        self._readers[reader_id] -= 1
        self._readers += Counter[int]()  # leaves out members without any
