"""`/studio`: what members who manage a server decide: prompt channels, the gallery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Final, TypeAlias

import discord
from discord import app_commands
from discord.ext import commands

from cogs.prompt_channels import admin_texts as words
from cogs.ui.client import ContentClient
from cogs.ui.components import notice
from cogs.ui.option_groups import Option, expand_options
from cogs.ui.options import Defaults, suggested_models
from core.community.gallery import THRESHOLD, Galleries, Gallery
from core.community.prompt_channels import PromptChannel, PromptChannels
from core.model.errors import NotAllowed
from core.requests.preferences import Preferences, PreferenceScope, PreferenceStore
from core.services.orders import OrderService

MOST_SECONDS: Final = 86_400
MOST_VOTES: Final = 100
_Channel: TypeAlias = Annotated[discord.TextChannel, Option("The channel")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOptions(Defaults):
    """The options of a prompt channel."""

    model: Annotated[
        str | None, Option("Which model makes the videos there, where a prompt says nothing else")
    ] = None
    duration: Annotated[app_commands.Range[int, 1, 60] | None, Option("How many seconds long")] = None
    role: Annotated[discord.Role | None, Option("Only members with this role; @everyone for everybody")] = (
        None
    )
    cooldown: Annotated[
        app_commands.Range[int, 0, MOST_SECONDS] | None, Option("Seconds between two prompts of a member")
    ] = None
    threads: Annotated[bool | None, Option("Put each prompt's videos into a thread of its own")] = None

    def over(self, channel: PromptChannel) -> PromptChannel:
        """Change the given options and keep the rest; @everyone removes the role."""
        role_id = channel.role_id
        if self.role is not None:
            role_id = None if self.role.is_default() else self.role.id
        return replace(
            channel,
            role_id=role_id,
            cooldown_seconds=channel.cooldown_seconds if self.cooldown is None else self.cooldown,
            has_threads=channel.has_threads if self.threads is None else self.threads,
        )


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class StudioCog(commands.GroupCog, group_name="studio", group_description="For those who manage this server"):
    """Discord hides the commands from other members; a member who comes all the same is refused here."""

    channel = app_commands.Group(name="channel", description="Channels in which every message is a prompt")

    def __init__(
        self,
        *,
        orders: OrderService,
        channels: PromptChannels,
        preferences: PreferenceStore,
        galleries: Galleries,
        content_client: ContentClient,
    ) -> None:
        self._orders = orders
        self._channels = channels
        self._preferences = preferences
        self._galleries = galleries
        self._content_client = content_client

    @channel.command(name="add", description="Make every message in a channel a prompt")
    @expand_options
    async def add(self, interaction: discord.Interaction, channel: _Channel, options: ChannelOptions) -> None:
        guild = managed_guild(interaction)
        preferences = options.preferences(self._orders.catalog)
        known = self._channels.of(channel.id) or PromptChannel(channel_id=channel.id, guild_id=guild.id)
        await interaction.response.defer(thinking=True, ephemeral=True)
        known = options.over(known)
        await self._keep(known, preferences)
        lines = [f"Every message in <#{channel.id}> is a prompt from now on.", words.TALK]
        lines += [
            *words.missing(guild, known),
            words.access_notice(await self._content_client.request_message_content(), guild.me.name),
        ]
        await interaction.edit_original_response(view=notice("\n".join(lines)))

    @channel.command(name="edit", description="Change what counts in a prompt channel")
    @expand_options
    async def edit(
        self,
        interaction: discord.Interaction,
        channel: _Channel,
        options: ChannelOptions,
        reset: Annotated[bool, Option("Forget the channel's own choices first")] = False,
    ) -> None:
        guild = managed_guild(interaction)
        known = self._own(guild, channel.id)
        if reset:
            known = PromptChannel(channel_id=channel.id, guild_id=guild.id)
            await self._preferences.change(PreferenceScope.CHANNEL, channel.id, Preferences())
        preferences = options.preferences(self._orders.catalog)
        known = options.over(known)
        await self._keep(known, preferences)
        view = notice("\n".join([await self._describe(known), *words.missing(guild, known)]))
        await interaction.response.send_message(view=view, ephemeral=True)

    @channel.command(name="remove", description="Make a prompt channel an ordinary one again")
    @expand_options
    async def remove(self, interaction: discord.Interaction, channel: _Channel) -> None:
        _ = self._own(managed_guild(interaction), channel.id)
        _ = await self._channels.drop(channel.id)
        await self._preferences.change(PreferenceScope.CHANNEL, channel.id, Preferences())
        said = f"Messages in <#{channel.id}> are just messages again. Videos under way still arrive."
        await interaction.response.send_message(view=notice(said), ephemeral=True)

    @channel.command(name="list", description="The prompt channels of this server")
    async def listed(self, interaction: discord.Interaction) -> None:
        guild = managed_guild(interaction)
        channels = self._channels.within(guild.id)
        lines = [await self._describe(channel) for channel in channels]
        lines += [line for channel in channels for line in words.missing(guild, channel)]
        said = (
            [*lines, words.access_notice(self._content_client.content_access, guild.me.name)]
            if lines
            else [words.NONE]
        )
        await interaction.response.send_message(view=notice("\n".join(said)), ephemeral=True)

    @add.autocomplete("model")
    @edit.autocomplete("model")
    async def suggest_model(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return suggested_models(self._orders.catalog, typed)

    @app_commands.command(name="gallery", description="Where clips with enough ⭐ are copied to")
    @expand_options
    async def gallery(
        self,
        interaction: discord.Interaction,
        channel: Annotated[discord.TextChannel | None, Option("The gallery's channel")] = None,
        threshold: Annotated[
            app_commands.Range[int, 1, MOST_VOTES] | None,
            Option(f"How many members have to vote; {THRESHOLD} to begin with"),
        ] = None,
        off: Annotated[bool, Option("Close the gallery")] = False,
    ) -> None:
        guild = managed_guild(interaction)
        known = None if off else await self._galleries.of(guild.id)
        channel_id = channel.id if channel else known.channel_id if known else None
        if off or channel_id is None:
            await self._galleries.close(guild.id)
            said = "There is no gallery. `/studio gallery channel:` opens one."
        else:
            votes = threshold or (known.threshold if known else THRESHOLD)
            gallery = Gallery(channel_id=channel_id, threshold=votes)
            await self._galleries.open(guild.id, gallery)
            said = f"A clip with ⭐ from {gallery.voters} is copied to <#{channel_id}>, once."
        await interaction.response.send_message(view=notice(said), ephemeral=True)

    # ------------------------------------------------------------ what is kept

    async def _describe(self, channel: PromptChannel) -> str:
        return words.describe(
            channel, await self._preferences.of(PreferenceScope.CHANNEL, channel.channel_id)
        )

    async def _keep(self, channel: PromptChannel, preferences: Preferences) -> None:
        before = await self._preferences.of(PreferenceScope.CHANNEL, channel.channel_id)
        await self._preferences.change(PreferenceScope.CHANNEL, channel.channel_id, preferences.over(before))
        await self._channels.keep(channel)

    def _own(self, guild: discord.Guild, channel_id: int) -> PromptChannel:
        found = self._channels.of(channel_id)
        if found is None or found.guild_id != guild.id:
            raise NotAllowed("That is no prompt channel. `/studio channel add` makes it one.")
        return found


def managed_guild(interaction: discord.Interaction) -> discord.Guild:
    """The server that a member manages. Raise NotAllowed; Discord's own check can be changed by servers."""
    if interaction.guild is None or not interaction.permissions.manage_guild:
        raise NotAllowed("Only those who manage this server (Manage Server) can do that.")
    return interaction.guild
