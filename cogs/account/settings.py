"""`/settings`: a member's defaults. `/help`: what is possible here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import discord
from discord import app_commands
from discord.ext import commands

from cogs.account.help import Place, help_text
from cogs.cards.channels import is_guest
from cogs.ui.components import notice
from cogs.ui.option_groups import Option, expand_options
from cogs.ui.options import Defaults, suggested_models
from core.community.gallery import Galleries
from core.community.prompt_channels import PromptChannels
from core.requests.preferences import Preferences, PreferenceScope, PreferenceStore
from core.services.orders import OrderService


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberOptions(Defaults):
    """A member's defaults in all places."""

    private: Annotated[bool | None, Option("Send them to you alone, in a direct message")] = None
    ping: Annotated[bool | None, Option("Notify you when a video is ready")] = None


class SettingsCog(commands.Cog):
    def __init__(
        self,
        *,
        orders: OrderService,
        preferences: PreferenceStore,
        channels: PromptChannels,
        galleries: Galleries,
    ) -> None:
        self._orders = orders
        self._preferences = preferences
        self._channels = channels
        self._galleries = galleries

    @app_commands.command(name="settings", description="Your own defaults; without options, what they are")
    @expand_options
    async def settings(
        self,
        interaction: discord.Interaction,
        options: MemberOptions,
        reset: Annotated[bool, Option("Forget all of these first")] = False,
    ) -> None:
        preferences = options.preferences(self._orders.catalog)
        preferences = replace(preferences, is_private=options.private, wants_ping=options.ping)
        kept = await self._change(interaction.user.id, preferences, reset=reset)
        await interaction.response.send_message(view=notice(_describe(kept)), ephemeral=True)

    @app_commands.command(name="help", description="What is possible here")
    async def help(self, interaction: discord.Interaction) -> None:
        words = help_text(await self._place(interaction))
        await interaction.response.send_message(view=notice(words), ephemeral=True)

    @settings.autocomplete("model")
    async def suggest_model(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return suggested_models(self._orders.catalog, typed)

    async def _place(self, interaction: discord.Interaction) -> Place:
        """Return the place of `/help` as this member sees it."""
        server, member = interaction.guild, interaction.user
        if server is None or not isinstance(member, discord.Member):
            return Place(is_direct=interaction.guild_id is None, is_guest=is_guest(interaction))
        gallery = await self._galleries.of(server.id)
        return Place(
            is_guest=is_guest(interaction),
            manages=interaction.permissions.manage_guild,
            prompt_channels=tuple(_open_to(member, self._channels)),
            gallery=gallery if gallery is not None and _sees(member, gallery.channel_id) else None,
        )

    async def _change(self, member_id: int, preferences: Preferences, *, reset: bool) -> Preferences:
        before = Preferences() if reset else await self._preferences.of(PreferenceScope.MEMBER, member_id)
        kept = preferences.over(before)
        if kept != before or reset:
            await self._preferences.change(PreferenceScope.MEMBER, member_id, kept)
        return kept


def _open_to(member: discord.Member, channels: PromptChannels) -> Iterator[int]:
    """Return the prompt channels of a server that the member sees and may prompt in."""
    for channel in channels.within(member.guild.id):
        may_prompt = channel.role_id is None or member.get_role(channel.role_id) is not None
        if may_prompt and _sees(member, channel.channel_id):
            yield channel.channel_id


def _sees(member: discord.Member, channel_id: int) -> bool:
    channel = member.guild.get_channel(channel_id)
    return channel is not None and channel.permissions_for(member).view_channel


def _describe(kept: Preferences) -> str:
    if kept == replace(Preferences()):
        return "You have no defaults of your own: the server's and the models' count."
    said = {
        "model": kept.model,
        "duration": kept.duration_seconds and f"{kept.duration_seconds} s",
        "aspect ratio": kept.aspect_ratio,
        "mode": kept.mode,
        "sound": _yes(value=kept.audio),
        "by direct message": _yes(value=kept.is_private),
        "notice when ready": _yes(value=kept.wants_ping),
    }
    lines = [f"**{name}** {value}" for name, value in said.items() if value is not None]
    return "\n".join(["Your defaults, where a command says nothing else:", *lines])


def _yes(*, value: bool | None) -> str | None:
    return None if value is None else ("yes" if value else "no")
