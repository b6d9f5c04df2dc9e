"""Marks the messages that are prompts: ⏳ taken, ✅ made, ⚠️ no video. A mark never delays anything."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

import discord

from cogs.ui.client import DiscordClient
from cogs.ui.discord_errors import translate_errors
from core.model.delivery import Delivery
from core.model.errors import DeliveryError
from core.model.job import Job, JobState
from core.ports import Courier, JobView, Link
from core.primitives.bounded import BoundedDict

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
REACTION_SECONDS: Final = 20.0
REMEMBERED: Final = 4096


class Mark(StrEnum):
    TAKEN = "⏳"
    MADE = "✅"
    FAILED = "⚠️"
    NONE = ""


@dataclass(frozen=True, slots=True)
class MarkedMessage:
    """A message, by its ids."""

    channel_id: int
    message_id: int

    @classmethod
    def of(cls, message: discord.Message) -> Self:
        return cls(message.channel.id, message.id)


class PromptMarks:
    """One mark a message: the latest wins, and messages that have none yet come first."""

    def __init__(self, channels: DiscordClient, *, bot_id: int) -> None:
        self._channels = channels
        self._self = discord.Object(bot_id)
        self._wanted: BoundedDict[MarkedMessage, Mark] = BoundedDict(REMEMBERED)
        self._shown: BoundedDict[MarkedMessage, Mark] = BoundedDict(REMEMBERED)
        self._busy: set[MarkedMessage] = set()
        self._replaced: BoundedDict[int, None] = BoundedDict(REMEMBERED)
        self._changed = asyncio.Event()

    def show(self, spot: MarkedMessage, mark: Mark) -> None:
        """Ask for a mark. Never waits; if there are too many, the oldest are dropped."""
        self._wanted[spot] = mark
        self._changed.set()

    def replace(self, job_id: int) -> None:
        """Note that another job takes this one's place: its end means nothing for its prompt."""
        self._replaced[job_id] = None

    def ended(self, job: Job, mark: Mark) -> None:
        """Mark the prompt that a job was ordered with, if there is one."""
        place = job.destination
        if place.prompt_id is None or place.prompt_channel_id is None or job.id in self._replaced:
            return
        self.show(MarkedMessage(place.prompt_channel_id, place.prompt_id), mark)

    async def run(self) -> None:
        """React to messages, a few at a time, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            spot = self._next()
            if spot is None:
                self._changed.clear()
                _ = await self._changed.wait()
                continue
            self._busy.add(spot)
            try:
                await self._change(spot, self._wanted.pop(spot))
            finally:
                self._busy.discard(spot)

    def _next(self) -> MarkedMessage | None:
        ready = [spot for spot in self._wanted if spot not in self._busy]
        return next((spot for spot in ready if self._wanted[spot] is Mark.TAKEN), next(iter(ready), None))

    async def _change(self, spot: MarkedMessage, mark: Mark) -> None:
        message = self._channels.get_partial_messageable(spot.channel_id).get_partial_message(spot.message_id)
        # An earlier run may have left its ⏳ on a message that is unknown to this one.
        before = self._shown.get(spot, Mark.NONE if mark is Mark.TAKEN else Mark.TAKEN)
        try:
            async with translate_errors(REACTION_SECONDS):
                if mark and mark is not self._shown.get(spot):
                    await message.add_reaction(mark)
                if before and before is not mark:
                    await message.remove_reaction(before, self._self)
        except DeliveryError as error:
            log.info("a prompt was not marked", extra={"prompt": spot.message_id, "why": str(error)})
        self._shown[spot] = mark


class MarkingCourier:
    """A courier that also marks the prompts of the jobs that it is done with."""

    def __init__(self, courier: Courier, marks: PromptMarks) -> None:
        self._courier = courier
        self._marks = marks

    def show(self, job_view: JobView) -> None:
        self._courier.show(job_view)

    async def notify(self, job: Job) -> None:
        await self._courier.notify(job)
        self._marks.ended(job, Mark.NONE if job.state is JobState.CANCELLED else Mark.FAILED)

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        delivery = await self._courier.deliver(job, video, original=original)
        self._marks.ended(job, Mark.MADE)
        return delivery

    async def deliver_link(self, job: Job, link: Link) -> Delivery:
        delivery = await self._courier.deliver_link(job, link)
        self._marks.ended(job, Mark.MADE)
        return delivery

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        await self._courier.ping(job, was_tried=was_tried)
