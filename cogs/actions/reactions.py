"""Reactions on a video do what its buttons do: 🔁 again, ✉️ a copy, ❌ cancel or delete."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import discord
from discord.ext import commands

from cogs.actions.buttons import JobButtons
from cogs.actions.send_copy import SendCopy
from cogs.cards.prompt_marks import MarkedMessage
from cogs.cards.replies import Replies
from cogs.ordering.message_orders import MessageOrders, MessageTrigger
from cogs.ordering.order_options import OrderOptions
from cogs.ui.concurrency import Backpressure
from cogs.ui.error_replies import words_for
from cogs.ui.people import Requester
from core.model.job import Job
from core.model.order_ids import WINDOW, reaction_ids
from core.ports import Clock
from core.primitives.bounded import BoundedDict
from core.services.job_actions import Member, Moderator
from core.services.orders import OrderService

REMEMBERED: Final = 4096
_PLAIN: Final = "\ufe0f"
"""The sign that means "as a picture": clients send emoji with it and without."""

Payload: TypeAlias = discord.RawReactionActionEvent
Deed: TypeAlias = Callable[[Payload, Job], Awaitable[None]]


class ReactionsCog(commands.Cog):
    """Only raw events: no message is stored. The message's own id leads to its job."""

    def __init__(
        self,
        *,
        orders: OrderService,
        message_orders: MessageOrders,
        order_options: OrderOptions,
        buttons: JobButtons,
        send_copy: SendCopy,
        client: discord.Client,
        backpressure: Backpressure,
        replies: Replies,
        clock: Clock,
        bot_id: int,
    ) -> None:
        self._orders = orders
        self._message_orders = message_orders
        self._order_options = order_options
        self._buttons = buttons
        self._send_copy = send_copy
        self._client = client
        self._backpressure = backpressure
        self._replies = replies
        self._clock = clock
        self._bot_id = bot_id
        self._seen: BoundedDict[tuple[int, int, str], float] = BoundedDict(REMEMBERED)
        self._deeds: Mapping[str, Deed] = {"🔁": self._again, "✉": self._mail, "❌": self._stop}

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: Payload) -> None:
        """Do what the reaction means; an error is answered for a minute."""
        deed = self._deeds.get(_emoji(payload))
        if deed is None or not self._is_for_us(payload):
            return
        try:
            job = await self._orders.of_message(payload.message_id, self._person(payload))
            if job is None or not self._is_new(payload):
                return
            with self._backpressure.enter(payload.user_id):
                async with self._backpressure.turn(payload.channel_id):
                    await deed(payload, job)
        except Exception as error:  # noqa: BLE001 - discord.py only logs what a listener raises
            words = f"<@{payload.user_id}> {words_for(error, payload.message_id)}"
            await self._replies.say(
                MarkedMessage(payload.channel_id, payload.message_id), payload.user_id, words
            )

    def _is_for_us(self, payload: Payload) -> bool:
        """Whether a person reacted to a message of the bot."""
        is_bot = payload.user_id == self._bot_id or (payload.member is not None and payload.member.bot)
        return not is_bot and payload.message_author_id in {None, self._bot_id}

    def _is_new(self, payload: Payload) -> bool:
        """Whether the same was not done within a minute."""
        now, key = self._clock.monotonic(), (payload.message_id, payload.user_id, _emoji(payload))
        before = self._seen.get(key)
        if before is not None and now - before < WINDOW.total_seconds():
            return False
        self._seen[key] = now
        return True

    async def _again(self, payload: Payload, job: Job) -> None:
        if not job.is_over:
            return
        number, before = self._numbers(payload)
        if await self._ordered_lately(before, payload.user_id):
            return
        requester = Requester(payload.user_id, payload.channel_id, payload.guild_id)
        spec = await self._order_options.repeat(job, requester)
        await self._message_orders.take(
            MessageTrigger(number, requester, MarkedMessage(payload.channel_id, payload.message_id)), spec
        )

    async def _ordered_lately(self, job_id: int, person_id: int) -> bool:
        """Whether the same reaction ordered something within a minute, perhaps before a restart."""
        if not await self._orders.was_ordered(job_id, person_id):
            return False
        ordered = await self._orders.find(job_id)
        return self._clock.now() - ordered.ordered_at < WINDOW

    async def _mail(self, payload: Payload, job: Job) -> None:
        number, _ = self._numbers(payload)
        await self._send_copy.send(job.id, self._person(payload), nonce=f"{number}-m")

    async def _stop(self, payload: Payload, job: Job) -> None:
        """Cancel or delete. From a member who may not, it is an opinion, and not answered."""
        actor = self._person(payload)
        if not actor.may_manage(job):
            return
        if not job.is_over:
            await self._orders.cancel(job.id, actor)
            return
        channel = self._client.get_partial_messageable(payload.channel_id)
        await self._buttons.remove(job.id, actor, channel.get_partial_message(payload.message_id))

    def _person(self, payload: Payload) -> Member:
        kind = Moderator if self._is_moderator(payload) else Member
        return kind(payload.user_id, payload.guild_id, payload.channel_id)

    def _is_moderator(self, payload: Payload) -> bool:
        channel = self._client.get_channel(payload.channel_id)
        if payload.member is None or not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
            return False
        return channel.permissions_for(payload.member).manage_messages

    def _numbers(self, payload: Payload) -> tuple[int, int]:
        return reaction_ids(payload.message_id, payload.user_id, _emoji(payload), self._clock.now())


def _emoji(payload: Payload) -> str:
    return str(payload.emoji).replace(_PLAIN, "")
