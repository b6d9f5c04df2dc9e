"""Listens in prompt channels: orders messages, and follows edits and deletions that come in time."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import discord
from discord.ext import commands

from cogs.cards.prompt_marks import Mark, MarkedMessage, PromptMarks
from cogs.cards.replies import Replies
from cogs.prompt_channels.orders import PromptOrder, PromptOrders
from cogs.prompt_channels.tracker import PromptJobTracker
from cogs.ui.error_replies import words_for
from core.community.prompt_channels import PromptChannel, PromptChannels, is_talk
from core.model.job import Job, JobState
from core.model.order_ids import ordered_ms
from core.primitives.bounded import BoundedDict
from core.services.orders import OrderService

log = logging.getLogger(__name__)

MOST_WAITING: Final = 500
MOST_OF_MEMBER: Final = 25
REMEMBERED: Final = 10_000

_KINDS: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
_TOO_MANY: Final = "There are too many prompts at once. Nothing was ordered; try again in a minute."
_AS_BEFORE: Final = "The prompt as it was before still waits for its turn."
_GIVEN_UP: Final = "The prompt as it was before was cancelled; nothing was charged for it."


@dataclass(slots=True)
class _Waiting:
    """A message that nothing was ordered for yet; it may be changed or deleted."""

    message: discord.Message
    is_gone: bool = False


class PromptChannelsCog(commands.Cog):
    """Every message is marked at once; the rest is done for a few at a time, in the order they came."""

    def __init__(
        self,
        *,
        channels: PromptChannels,
        prompt_orders: PromptOrders,
        orders: OrderService,
        marks: PromptMarks,
        replies: Replies,
    ) -> None:
        self._channels = channels
        self._prompt_orders = prompt_orders
        self._jobs = PromptJobTracker(orders)
        self._marks = marks
        self._replies = replies
        self._waiting: dict[int, _Waiting] = {}
        self._members: Counter[int] = Counter()
        self._seen: BoundedDict[int, None] = BoundedDict(REMEMBERED)

    # ------------------------------------------------------------ new prompts

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        channel = self._channels.of(message.channel.id)
        if channel is None or not self._is_prompt(message) or message.id in self._seen:
            return
        self._seen[message.id] = None
        member_id = message.author.id
        self._marks.show(MarkedMessage.of(message), Mark.TAKEN)
        if len(self._waiting) >= MOST_WAITING or self._members[member_id] >= MOST_OF_MEMBER:
            await self._refuse(message, _TOO_MANY)
            return
        self._members[member_id] += 1
        waiting = self._waiting[message.id] = _Waiting(message)
        try:
            async with self._jobs.alone(message.id), self._prompt_orders.turn(message):
                await self._take(waiting, channel)
        finally:
            self._waiting.pop(message.id, None)
            self._members[member_id] -= 1
            self._members += Counter[int]()  # leaves out channels without any

    def _is_prompt(self, message: discord.Message) -> bool:
        """Whether a message is a member's prompt rather than talk, a bot's or Discord's own."""
        if message.author.bot or message.webhook_id is not None or message.type not in _KINDS:
            return False
        text = self._prompt_orders.text(message).strip()
        return bool(text or message.attachments) and not is_talk(text)

    async def _take(self, waiting: _Waiting, channel: PromptChannel) -> None:
        """Order what the message says by now, if it is still there and still a prompt."""
        del self._waiting[waiting.message.id]
        if waiting.is_gone or not self._is_prompt(waiting.message):
            self._marks.show(MarkedMessage.of(waiting.message), Mark.NONE)
            return
        message = waiting.message
        try:
            await self._order(await self._prompt_orders.read(message, channel))
        except Exception as error:  # noqa: BLE001 - discord.py only logs what a listener raises
            await self._refuse(message, words_for(error, message.id))

    async def _order(self, prompted: PromptOrder) -> None:
        """Order all that a message asks for, and remember its jobs."""
        job_ids: tuple[int, ...] = ()
        async for job in self._prompt_orders.order(prompted):
            job_ids += (job.id,)
            self._jobs.note(prompted.message.id, job_ids)

    async def _refuse(self, message: discord.Message, words: str) -> None:
        self._marks.show(MarkedMessage.of(message), Mark.FAILED)
        await self._replies.say(MarkedMessage.of(message), message.author.id, words)

    # ------------------------------------------------------------ changed prompts

    @commands.Cog.listener()
    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        channel, message = self._channels.of(payload.channel_id), payload.message
        if channel is None or message.edited_at is None or message.author.bot:
            return
        if message.id in self._waiting:
            self._waiting[message.id].message = message
            return
        async with self._jobs.alone(message.id):
            jobs = await self._jobs.of(message.id)
            queued = [job for job in jobs if job.state is JobState.QUEUED]
            if queued and not self._is_prompt(message):
                await self._jobs.cancel(queued)
            elif queued and len(queued) == len(jobs):
                async with self._prompt_orders.turn(message):
                    await self._change(message, channel, jobs)

    async def _change(self, message: discord.Message, channel: PromptChannel, jobs: Sequence[Job]) -> None:
        """Order what the message says now in the place of what it said before."""
        said = _AS_BEFORE
        try:
            changed = await self._prompt_orders.read(message, channel, edited_ms=_edited_ms(message))
            if _is_same(changed, jobs):
                return
            for job in jobs:
                self._marks.replace(job.id)
            if not await self._jobs.cancel(jobs):
                return  # one was sent at this very moment
            said = _GIVEN_UP
            await self._order(changed)
        except Exception as error:  # noqa: BLE001 - discord.py only logs what a listener raises
            if said is _GIVEN_UP:
                self._marks.show(MarkedMessage.of(message), Mark.FAILED)
            await self._replies.say(
                MarkedMessage.of(message), message.author.id, f"{words_for(error, message.id)} {said}"
            )

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        if self._channels.of(payload.channel_id) is not None:
            await self._handle_deletion(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        if self._channels.of(payload.channel_id) is not None:
            for message_id in payload.message_ids:
                await self._handle_deletion(message_id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        if await self._channels.drop(channel.id):
            log.info("a prompt channel is gone", extra={"channel": channel.id})

    async def _handle_deletion(self, message_id: int) -> None:
        if message_id in self._waiting:
            self._waiting[message_id].is_gone = True
            return
        async with self._jobs.alone(message_id):
            jobs = await self._jobs.of(message_id)
            await self._jobs.cancel([job for job in jobs if job.state is JobState.QUEUED])


def _edited_ms(message: discord.Message) -> int:
    """When a message was edited, in milliseconds since Discord began to count."""
    return ordered_ms(discord.utils.time_snowflake(message.edited_at or message.created_at))


def _is_same(prompted: PromptOrder, jobs: Sequence[Job]) -> bool:
    """Whether a message asks for what was ordered already; Discord also edits when it draws a preview."""
    ordered = jobs[0].request
    has_same_picture = (prompted.picture is None) == (ordered.first_frame is None)
    wanted = replace(prompted.spec.request, first_frame=ordered.first_frame)
    return has_same_picture and wanted == ordered and prompted.spec.count == len(jobs)
