"""Notes what is deleted, so that no member is linked to a video that is no longer there."""

from __future__ import annotations

from collections.abc import Iterable

import discord
from discord.ext import commands

from core.delivery.message_notes import DeletedMessages
from core.services.orders import OrderService


class DeletedMessagesCog(commands.Cog):
    """Only raw events: no message is stored. Of messages, those that show a job are noted."""

    def __init__(self, *, orders: OrderService, deleted_messages: DeletedMessages) -> None:
        self._orders = orders
        self._deleted_messages = deleted_messages

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._note([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._note(payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._deleted_messages.note(channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._deleted_messages.note(payload.thread_id)

    async def _note(self, message_ids: Iterable[int]) -> None:
        for message_id in message_ids:
            if await self._orders.is_shown(message_id):
                await self._deleted_messages.note(message_id)
