"""Orders what a message of a prompt channel asks for: from the message to cards and jobs."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import discord

from cogs.cards.prompt_marks import MarkedMessage
from cogs.ordering.attachments import PictureReader, is_picture
from cogs.ordering.message_orders import MESSAGE_SECONDS, MessageOrders
from cogs.ordering.order_options import OrderOptions, OrderSpec
from cogs.ui.concurrency import lanes_by_channel
from cogs.ui.discord_errors import translate_errors
from cogs.ui.people import Requester
from core.community.prompt_channels import Cooldowns, PromptChannel, order_id, without_mention
from core.model.delivery import Destination
from core.model.errors import DeliveryError, MatineeError, NotAllowed
from core.model.job import Job
from core.model.video import Draft
from core.ports import Clock
from core.requests.stored_pictures import with_picture
from core.requests.variations import reworded

log = logging.getLogger(__name__)

THREAD_NAME: Final = 90


@dataclass(frozen=True, slots=True)
class PromptOrder:
    """What a message asks for, checked. `picture` is its picture as Discord holds it."""

    message: discord.Message
    channel: PromptChannel
    spec: OrderSpec
    picture: discord.Attachment | None = None
    edited_ms: int | None = None


class PromptOrders:
    def __init__(
        self,
        *,
        order_options: OrderOptions,
        pictures: PictureReader,
        message_orders: MessageOrders,
        clock: Clock,
        bot_id: int,
    ) -> None:
        self._order_options = order_options
        self._pictures = pictures
        self._message_orders = message_orders
        self._clock = clock
        self._bot_id = bot_id
        self._cooldowns = Cooldowns()
        self._lanes = lanes_by_channel(clock)
        self._turns: dict[int, AsyncExitStack] = {}

    @asynccontextmanager
    async def turn(self, message: discord.Message) -> AsyncGenerator[None]:
        """Wait for the turn of a message in its channel, and hold it; one holder for each message."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._lanes.hold(message.channel.id))
            self._turns[message.id] = stack
            try:
                yield
            finally:
                del self._turns[message.id]

    @asynccontextmanager
    async def _aside(self, message: discord.Message) -> AsyncGenerator[None]:
        """Let others have the turn that is held while something slow happens that needs none."""
        stack = self._turns[message.id]
        await stack.aclose()
        try:
            yield
        finally:
            await stack.enter_async_context(self._lanes.hold(message.channel.id))

    async def read(
        self, message: discord.Message, channel: PromptChannel, *, edited_ms: int | None = None
    ) -> PromptOrder:
        """Check what a message asks for. Raise RequestRefused; nothing was ordered then.

        A reply to a video asks for it in other words: with its picture and options.
        """
        _check_role(message, channel)
        text, picture = self.text(message), next(filter(is_picture, message.attachments), None)
        parent = await self._message_orders.answered_job(message, self._bot_id)
        link = None if picture is None else picture.url
        draft = Draft(prompt=text, first_frame=link)
        if parent is not None:
            draft = reworded(parent.request, text, link)
        requester = Requester(message.author.id, channel.channel_id, channel.guild_id)
        spec = await self._order_options.specify(draft, requester, parent)
        return PromptOrder(message, channel, spec, picture, edited_ms)

    def text(self, message: discord.Message) -> str:
        """The text of a message, without a mention of the bot."""
        return without_mention(message.content, self._bot_id)

    async def order(self, prompted: PromptOrder) -> AsyncIterator[Job]:
        """Order all that a message asks for. Raise MatineeError; what was ordered before that stays.

        The caller is in the message's `turn`.
        """
        waits = self._wait(prompted)
        try:
            prompted = await self._with_own_picture(prompted)
            place = await self._place(prompted)
            first = await self._order(prompted, place, 0)
        except MatineeError:
            if waits:
                self._cooldowns.give_back(prompted.channel.channel_id, prompted.message.author.id)
            raise
        yield first
        for ordinal in range(1, prompted.spec.count):
            yield await self._order(prompted, place, ordinal)

    def _wait(self, prompted: PromptOrder) -> bool:
        """Begin the member's wait, if there is one here; an edited prompt has had its own."""
        channel, seconds = prompted.channel, prompted.channel.cooldown_seconds
        if not seconds or prompted.edited_ms is not None:
            return False
        now, member_id = self._clock.monotonic(), prompted.message.author.id
        left = self._cooldowns.take(channel.channel_id, member_id, seconds, now)
        if left:
            raise NotAllowed(
                f"Everybody waits {seconds} seconds between two prompts here; you have {left:.0f} left. "
                "Nothing was ordered."
            )
        return True

    async def _with_own_picture(self, prompted: PromptOrder) -> PromptOrder:
        spec = prompted.spec
        if prompted.picture is None:
            await self._pictures.check(spec.request)
            return prompted
        async with self._aside(prompted.message):
            name = await self._pictures.receive(prompted.picture, prompted.message.author.id)
        request = with_picture(spec.request, prompted.picture.url, name)
        return replace(prompted, spec=replace(spec, request=request))

    async def _place(self, prompted: PromptOrder) -> Destination:
        message, channel = prompted.message, prompted.channel
        place = Destination(
            requester_id=message.author.id,
            channel_id=channel.channel_id,
            guild_id=channel.guild_id,
            upload_limit=None if message.guild is None else message.guild.filesize_limit,
            wants_ping=prompted.spec.wants_ping,
            prompt_id=message.id,
            prompt_channel_id=channel.channel_id,
        )
        if prompted.spec.is_private:
            return replace(
                place,
                channel_id=await self._message_orders.direct(message.author.id),
                is_private=True,
                upload_limit=None,
            )
        if channel.has_threads:
            return replace(place, channel_id=await self._thread(prompted))
        return place

    async def _thread(self, prompted: PromptOrder) -> int:
        """Open a thread for a prompt; where that is not possible, its channel does as well."""
        message = prompted.message
        name = " ".join(prompted.spec.request.prompt.split())[:THREAD_NAME]
        try:
            async with translate_errors(MESSAGE_SECONDS):
                return (await message.create_thread(name=name)).id
        except DeliveryError as error:
            log.info("no thread for a prompt", extra={"prompt": message.id, "why": str(error)})
            return prompted.channel.channel_id if message.thread is None else message.thread.id

    async def _order(self, prompted: PromptOrder, place: Destination, ordinal: int) -> Job:
        message = prompted.message
        job_id = order_id(message.id, ordinal, prompted.edited_ms)
        return await self._message_orders.order(job_id, prompted.spec, place, to=MarkedMessage.of(message))


def _check_role(message: discord.Message, channel: PromptChannel) -> None:
    author = message.author
    if channel.role_id is None or (isinstance(author, discord.Member) and author.get_role(channel.role_id)):
        return
    role = message.guild.get_role(channel.role_id) if message.guild else None
    name = "that a moderator chose" if role is None else f"“{role.name}”"
    raise NotAllowed(f"Prompts in this channel are for members with the role {name}. Nothing was ordered.")
