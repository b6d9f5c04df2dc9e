"""What features need of the Discord client, each as a promise of its own."""

from __future__ import annotations

from typing import Protocol

import discord

from core.community.prompt_channels import ContentAccess


class DiscordClient(Protocol):
    """The part of discord.py's client that reaches channels and people by their ids."""

    def get_partial_messageable(self, id: int, /) -> discord.PartialMessageable: ...  # noqa: A002 - discord.py's name

    async def create_dm(self, user: discord.abc.Snowflake, /) -> discord.DMChannel: ...

    async def fetch_channel(
        self, channel_id: int, /
    ) -> discord.abc.GuildChannel | discord.abc.PrivateChannel | discord.Thread: ...


class ContentClient(Protocol):
    """The part of the client that asks Discord for the text of messages."""

    @property
    def content_access(self) -> ContentAccess: ...

    async def request_message_content(self) -> ContentAccess: ...
