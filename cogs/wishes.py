"""`/settings`: what a member wants where nothing else is said. `/help`: what is possible here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.card import notice
from cogs.guide import Place, guide
from cogs.places import is_guest
from core.errors import ModelUnknown
from core.preferences import PreferenceBook, Preferences, Whose
from core.prompt_channels import PromptChannels
from core.studio import Studio
from core.video import Mode

_RATIOS: Final = [app_commands.Choice(name=ratio, value=ratio) for ratio in ("16:9", "9:16", "1:1")]
_MODES: Final = [app_commands.Choice(name=mode.value, value=mode.value) for mode in Mode]


class WishesCog(commands.Cog):
    def __init__(self, *, studio: Studio, preferences: PreferenceBook, channels: PromptChannels) -> None:
        self._studio = studio
        self._preferences = preferences
        self._channels = channels

    @app_commands.command(name="settings", description="Your own defaults; without options, what they are")
    @app_commands.describe(
        model="Which model makes your videos",
        duration="How many seconds long",
        aspect_ratio="Wide, tall or square",
        mode="std is faster and cheaper, pro is sharper",
        audio="Whether they have sound",
        private="Send them to you alone, in a direct message",
        ping="Notify you when a video is ready",
        reset="Forget all of these first",
    )
    @app_commands.choices(aspect_ratio=_RATIOS, mode=_MODES)
    async def settings(
        self,
        interaction: discord.Interaction,
        model: str | None = None,
        duration: int | None = None,
        aspect_ratio: str | None = None,
        mode: str | None = None,
        audio: bool | None = None,
        private: bool | None = None,
        ping: bool | None = None,
        reset: bool = False,
    ) -> None:
        wishes = Preferences(
            model=self._family(model),
            duration_seconds=duration,
            aspect_ratio=aspect_ratio,
            mode=mode,
            audio=audio,
            is_private=private,
            wants_ping=ping,
        )
        kept = await self._changed(interaction.user.id, wishes, reset=reset)
        await interaction.response.send_message(view=notice(_spoken(kept)), ephemeral=True)

    @app_commands.command(name="help", description="What is possible here")
    async def help(self, interaction: discord.Interaction) -> None:
        words = guide(_place(interaction, self._channels))
        await interaction.response.send_message(view=notice(words), ephemeral=True)

    @settings.autocomplete("model")
    async def suggest_model(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        titles = {model.family: model.title for model in self._studio.catalog}
        wanted = typed.casefold()
        return [
            app_commands.Choice(name=title, value=family)
            for family, title in titles.items()
            if wanted in f"{title} {family}".casefold()
        ]

    async def _changed(self, member_id: int, wishes: Preferences, *, reset: bool) -> Preferences:
        before = Preferences() if reset else await self._preferences.of(Whose.MEMBER, member_id)
        kept = wishes.over(before)
        if kept != before or reset:
            await self._preferences.change(Whose.MEMBER, member_id, kept)
        return kept

    def _family(self, name: str | None) -> str | None:
        if name is None:
            return None
        model = self._studio.catalog.called(name)
        if model is None:
            raise ModelUnknown(name, self._studio.catalog)
        return model.family


def _place(interaction: discord.Interaction, channels: PromptChannels) -> Place:
    """See where help is asked for, with the eyes of whoever asks."""
    return Place(
        is_direct=interaction.guild_id is None,
        is_guest=is_guest(interaction),
        manages=interaction.guild_id is not None and interaction.permissions.manage_guild,
        prompt_channels=tuple(_open_to(interaction, channels)),
    )


def _open_to(interaction: discord.Interaction, channels: PromptChannels) -> Iterator[int]:
    """Give the prompt channels of this server that the member sees and may prompt in."""
    server, member = interaction.guild, interaction.user
    if server is None or not isinstance(member, discord.Member):
        return
    for channel in channels.within(server.id):
        known = server.get_channel(channel.channel_id)
        may_prompt = channel.role_id is None or member.get_role(channel.role_id) is not None
        if known is not None and may_prompt and known.permissions_for(member).view_channel:
            yield channel.channel_id


def _spoken(kept: Preferences) -> str:
    if kept == replace(Preferences()):
        return "You have no defaults of your own: the server's and the models' count."
    said = {
        "model": kept.model,
        "duration": kept.duration_seconds and f"{kept.duration_seconds} s",
        "aspect ratio": kept.aspect_ratio,
        "mode": kept.mode,
        "sound": _yes(wish=kept.audio),
        "by direct message": _yes(wish=kept.is_private),
        "notice when ready": _yes(wish=kept.wants_ping),
    }
    lines = [f"**{name}** {wish}" for name, wish in said.items() if wish is not None]
    return "\n".join(["Your defaults, where a command says nothing else:", *lines])


def _yes(*, wish: bool | None) -> str | None:
    return None if wish is None else ("yes" if wish else "no")
