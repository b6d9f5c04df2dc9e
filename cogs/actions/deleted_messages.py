"""Hears what is deleted, so that nobody is sent to a video that is no longer there."""

from __future__ import annotations

from collections.abc import Iterable

import discord
from discord.ext import commands

from core.delivery.deleted_messages import Departed
from core.services.orders import Studio


class DeletionsCog(commands.Cog):
    """Only raw events: no message is remembered. Of messages, those that show a job are noted."""

    def __init__(self, *, studio: Studio, departed: Departed) -> None:
        self._studio = studio
        self._departed = departed

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._deleted([payload.message_id])

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        await self._deleted(payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._departed.note(channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._departed.note(payload.thread_id)

    async def _deleted(self, message_ids: Iterable[int]) -> None:
        for message_id in message_ids:
            if await self._studio.is_shown(message_id):
                await self._departed.note(message_id)
