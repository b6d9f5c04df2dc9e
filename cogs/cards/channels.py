"""The channels of messages about a job: the one where it was ordered, or a direct message."""

from __future__ import annotations

from typing import Final

import discord

from cogs.ui.client import DiscordClient
from cogs.ui.discord_errors import ThreadAsleep, translate_errors
from core.model.job import Job

MESSAGE_SECONDS: Final = 60.0


class JobChannels:
    def __init__(self, client: DiscordClient) -> None:
        self._client = client

    def origin(self, job: Job) -> discord.PartialMessageable:
        """The channel where the job was ordered."""
        return self._client.get_partial_messageable(job.destination.channel_id)

    def of_result(self, job: Job) -> discord.PartialMessageable:
        """The channel where the result is, or will be if it is not a direct message yet to be opened."""
        channel_id = job.delivery.channel_id if job.delivery else None
        return self._client.get_partial_messageable(channel_id or job.destination.channel_id)

    async def direct(self, job: Job) -> discord.PartialMessageable:
        """Open the requester's direct messages. Raise NobodyThere or DeliveryDelayed."""
        async with translate_errors(MESSAGE_SECONDS, is_direct=True):
            channel = await self._client.create_dm(discord.Object(job.destination.requester_id))
        return self._client.get_partial_messageable(channel.id)

    async def wake(self, job: Job) -> None:
        """Unarchive the thread where the job was ordered. Raise NobodyThere or DeliveryDelayed."""
        async with translate_errors(MESSAGE_SECONDS):
            channel = await self._client.fetch_channel(job.destination.channel_id)
            if not isinstance(channel, discord.Thread):
                raise ThreadAsleep("this is no thread that could be woken up")
            await channel.edit(archived=False)


def is_guest(interaction: discord.Interaction) -> bool:
    """Whether we are there for this member only: installed by them, and not a member of the place."""
    if interaction.guild_id is None and not interaction.context.private_channel:
        return False
    return interaction.is_user_integration() and not interaction.is_guild_integration()
