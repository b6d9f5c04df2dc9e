"""Keeps the cards of running jobs up to date: seldom, only on a change, and without delaying the work."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import discord

from cogs.cards.card import Card
from cogs.ui.client import DiscordClient
from cogs.ui.components import Layout
from cogs.ui.discord_errors import translate_errors
from core.dispatch.lanes import Lanes
from core.model.delivery import Destination
from core.model.errors import DeliveryDelayed, DeliveryError, PlaceRefuses
from core.model.job import Job
from core.polling.wake_up import WakeUp
from core.ports import Clock, JobView
from core.primitives.bounded import BoundedDict
from core.primitives.keyed_locks import KeyedLocks

log = logging.getLogger(__name__)

EDIT_SECONDS: Final = 20.0
REMEMBERED: Final = 4096
_NOTHING: Final = ""

NO_MENTIONS: Final = discord.AllowedMentions.none()
"""For edits of something other than text: there discord.py leaves out the client's own default."""


def card_message(channels: DiscordClient, destination: Destination) -> discord.PartialMessage | None:
    """The message that is a job's card, addressed by id: no cache, no fetch, no token that expires.

    None where there is none, or where we are guests, who may change nothing with the bot's own rights.
    """
    if destination.card_id is None or destination.is_guest:
        return None
    channel = channels.get_partial_messageable(destination.channel_id)
    return channel.get_partial_message(destination.card_id)


class CardUpdater:
    """One slot a card; the latest view of a job wins; a closed card is never edited again.

    In each channel one card is edited after another. A channel that hangs delays no other channel's cards.
    """

    def __init__(self, channels: DiscordClient, card: Card, clock: Clock, *, gap_seconds: float) -> None:
        self._channels = channels
        self._card = card
        self._clock = clock
        self._gap_seconds = gap_seconds
        self._wanted: OrderedDict[int, JobView] = OrderedDict()
        self._shown: BoundedDict[int, tuple[float, str]] = BoundedDict(REMEMBERED)
        self._closed: BoundedDict[int, None] = BoundedDict(REMEMBERED)
        self._locks = KeyedLocks[int]()
        self._lanes = Lanes(clock, each=1, together=8, patience=5.0)
        self._at_work: set[int] = set()
        self._wake_up = WakeUp(clock)

    def show(self, job_view: JobView) -> None:
        """Ask for a card to be updated."""
        if job_view.job.id not in self._closed:
            self._wanted[job_view.job.id] = job_view
            self._wake_up.call()

    async def first(self, job_view: JobView, message: discord.Interaction | discord.PartialMessage) -> None:
        """Show a new job in a message that is waiting for it, unless the job is already past that."""
        async with self._locks.hold(job_view.job.id):
            if job_view.job.id in self._closed:
                return
            layout = self._card.working(job_view)
            self._note(job_view.job.id, _NOTHING)
            if isinstance(message, discord.Interaction):
                await message.edit_original_response(view=layout)
            else:
                await message.edit(view=layout, allowed_mentions=NO_MENTIONS)
            self._note(job_view.job.id, _fingerprint(layout))

    @asynccontextmanager
    async def hold(self, job_id: int) -> AsyncGenerator[None]:
        """Change a card that is not closed, with no edit of it under way."""
        async with self._locks.hold(job_id):
            yield

    @asynccontextmanager
    async def closing(self, job_id: int) -> AsyncGenerator[None]:
        """Take the card over for good: no edit is under way, and none will follow."""
        async with self._locks.hold(job_id):
            self._closed[job_id] = None
            self._wanted.pop(job_id, None)
            self._shown.pop(job_id, None)
            yield

    async def run(self) -> None:
        """Edit cards until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                due = await self._wake_up.next_due(self._next)
                self._at_work.add(due.destination.channel_id)
                group.create_task(self._draw(due.id, due.destination.channel_id))

    def _next(self) -> Iterator[tuple[float, Job]]:
        """Yield the jobs whose cards are to be edited, except in channels in which one is being edited."""
        earlier = self._clock.monotonic() - self._gap_seconds
        for job_view in self._wanted.values():
            job = job_view.job
            if job.destination.channel_id not in self._at_work:
                shown_at, _ = self._shown.get(job.id, (earlier, _NOTHING))
                yield shown_at - earlier, job

    async def _draw(self, job_id: int, channel_id: int) -> None:
        try:
            async with self._lanes.hold(channel_id):
                job_view = self._wanted.pop(job_id, None)
                if job_view is not None:
                    await self._edit(job_view)
        finally:
            self._at_work.discard(channel_id)
            self._wake_up.call()

    async def _edit(self, job_view: JobView) -> None:
        message = card_message(self._channels, job_view.job.destination)
        if message is None:
            return
        async with self._locks.hold(job_view.job.id):
            layout = self._card.working(job_view)
            _, shown = self._shown.get(job_view.job.id, (0.0, _NOTHING))
            if job_view.job.id not in self._closed and shown != _fingerprint(layout):
                self._note(job_view.job.id, await _edit_message(message, layout))

    def _note(self, job_id: int, drawn: str) -> None:
        """Remember what a card shows, and since when."""
        self._shown[job_id] = (self._clock.monotonic(), drawn)


async def _edit_message(message: discord.PartialMessage, view: Layout) -> str:
    """Edit a card and return what it shows now: an unknown view if the edit is to be repeated."""
    try:
        async with translate_errors(EDIT_SECONDS):
            await message.edit(view=view, allowed_mentions=NO_MENTIONS)
    except DeliveryError as error:
        log.info("a card was not updated", extra={"card": message.id, "why": str(error)})
        if isinstance(error, DeliveryDelayed) and not isinstance(error, PlaceRefuses):
            return _NOTHING
    return _fingerprint(view)


def _fingerprint(view: Layout) -> str:
    return repr([item.to_component_dict() for item in view.children])
