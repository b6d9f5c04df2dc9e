"""What features need of the Discord client, each as a promise of its own."""

from __future__ import annotations

from typing import Protocol

import discord

from core.community.prompt_channels import ContentAccess


class ChannelClient(Protocol):
    """The part of discord.py's client that reaches channels by their ids."""

    def get_partial_messageable(self, id: int, /) -> discord.PartialMessageable: ...  # noqa: A002 - discord.py's name


class DiscordClient(ChannelClient, Protocol):
    """The part of discord.py's client that also opens what is closed."""

    async def create_dm(self, user: discord.abc.Snowflake, /) -> discord.DMChannel: ...

    async def fetch_channel(
        self, channel_id: int, /
    ) -> discord.abc.GuildChannel | discord.abc.PrivateChannel | discord.Thread: ...


class GuildClient(DiscordClient, Protocol):
    """The part of discord.py's client that also knows what the servers' channels are like."""

    def get_channel(
        self,
        id: int,  # noqa: A002 - discord.py's name
        /,
    ) -> discord.abc.GuildChannel | discord.abc.PrivateChannel | discord.Thread | None: ...


class ContentClient(Protocol):
    """The part of the client that asks Discord for the text of messages."""

    @property
    def content_access(self) -> ContentAccess: ...

    async def request_message_content(self) -> ContentAccess: ...


class DirectMessageClient(Protocol):
    """The part of discord.py's client that opens direct messages."""

    async def create_dm(self, user: discord.abc.Snowflake, /) -> discord.DMChannel: ...
