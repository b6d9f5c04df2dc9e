"""discord.py's client for a test that uses one part of it: every other part fails."""

from __future__ import annotations

import discord


class NoClient:
    """Implements `cogs.ui.client.DiscordClient` for whoever overrides what is used."""

    def get_partial_messageable(self, id: int, /) -> discord.PartialMessageable:  # noqa: A002 - discord.py's name
        raise NotImplementedError(id)

    async def create_dm(self, user: discord.abc.Snowflake, /) -> discord.DMChannel:
        raise NotImplementedError(user)

    async def fetch_channel(self, channel_id: int, /) -> discord.Thread:
        raise NotImplementedError(channel_id)
