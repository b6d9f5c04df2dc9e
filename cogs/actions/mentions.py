"""Handles replies to videos, and messages that call the bot by name: both are prompts."""

from __future__ import annotations

import re
from typing import Final

import discord
from discord.ext import commands

from cogs.actions.context_menus import picture_of
from cogs.cards.prompt_marks import MarkedMessage
from cogs.cards.replies import Replies
from cogs.ordering.attachments import PictureReader
from cogs.ordering.message_orders import MessageOrders, MessageTrigger
from cogs.ordering.order_options import OrderOptions
from cogs.ui.concurrency import Backpressure
from cogs.ui.error_replies import words_for
from cogs.ui.people import Requester
from core.community.prompt_channels import PromptChannels, is_talk, without_mention
from core.model.job import Job
from core.model.video import Draft
from core.requests.variations import reworded

_KINDS: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
_UNHEARD: Final = (
    "Discord does not show me what you wrote. Mention me in your answer, or press ✏️ under the video. "
    "Nothing was ordered."
)
_NOTHING_SAID: Final = (
    "Write after my name what should happen, or attach a picture; /video does the same. Nothing was ordered."
)


class MentionsCog(commands.Cog):
    """Prompt channels are left to their own listener: there every message is a prompt."""

    def __init__(
        self,
        *,
        message_orders: MessageOrders,
        order_options: OrderOptions,
        pictures: PictureReader,
        channels: PromptChannels,
        backpressure: Backpressure,
        replies: Replies,
        bot_id: int,
    ) -> None:
        self._message_orders = message_orders
        self._order_options = order_options
        self._pictures = pictures
        self._channels = channels
        self._backpressure = backpressure
        self._replies = replies
        self._bot_id = bot_id

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Order what is asked for; an error is answered for a minute."""
        if message.author.bot or message.webhook_id is not None or message.type not in _KINDS:
            return
        if self._channels.of(message.channel.id) is not None:
            return
        try:
            await self._hear(message)
        except Exception as error:  # noqa: BLE001 - discord.py only logs what a listener raises
            await self._say(message, words_for(error, message.id))

    async def _hear(self, message: discord.Message) -> None:
        parent = await self._message_orders.answered_job(message, self._bot_id)
        is_called = self._is_called(message)
        text = without_mention(message.content, self._bot_id).strip()
        if (parent is None and not is_called) or is_talk(text) or message.stickers:
            return
        picture = self._picture(message, parent)
        if not text and picture is None:
            await self._say(message, _NOTHING_SAID if is_called else _UNHEARD)
            return
        with self._backpressure.enter(message.author.id):
            await self._order(message, text, picture, parent)

    async def _order(
        self, message: discord.Message, text: str, picture: discord.Attachment | None, parent: Job | None
    ) -> None:
        own = None if picture is None else await self._pictures.receive(picture, message.author.id)
        draft = Draft(prompt=text, first_frame=own) if parent is None else reworded(parent.request, text, own)
        guild_id = None if message.guild is None else message.guild.id
        requester = Requester(message.author.id, message.channel.id, guild_id)
        spec = await self._order_options.specify(draft, requester, parent)
        async with self._backpressure.turn(message.channel.id):
            await self._message_orders.take(
                MessageTrigger(message.id, requester, MarkedMessage.of(message)), spec
            )

    def _is_called(self, message: discord.Message) -> bool:
        return re.search(rf"<@!?{self._bot_id}>", message.content) is not None

    def _picture(self, message: discord.Message, parent: Job | None) -> discord.Attachment | None:
        """Find the picture of a message; a reply to another member's message means the picture there."""
        answered = message.reference.resolved if message.reference else None
        if parent is None and isinstance(answered, discord.Message):
            return picture_of(message) or picture_of(answered)
        return picture_of(message)

    async def _say(self, message: discord.Message, words: str) -> None:
        await self._replies.say(MarkedMessage.of(message), message.author.id, words)
