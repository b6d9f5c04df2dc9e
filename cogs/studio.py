"""`/studio`: what those who manage a server decide, about prompt channels and the gallery."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from cogs import studio_words as words
from cogs.card import notice
from core.errors import ModelUnknown, NotAllowed
from core.gallery import THRESHOLD, Galleries, Gallery
from core.preferences import PreferenceBook, Preferences, Whose
from core.prompt_channels import Hearing, PromptChannel, PromptChannels
from core.studio import Studio
from core.video import Mode

MOST_SECONDS: Final = 86_400
MOST_VOTES: Final = 100
_RATIOS: Final = [app_commands.Choice(name=ratio, value=ratio) for ratio in ("16:9", "9:16", "1:1")]
_MODES: Final = [app_commands.Choice(name=mode.value, value=mode.value) for mode in Mode]
_OPTIONS: Final = {
    "channel": "The channel",
    "model": "Which model makes the videos there, where a prompt says nothing else",
    "duration": "How many seconds long",
    "aspect_ratio": "Wide, tall or square",
    "mode": "std is faster and cheaper, pro is sharper",
    "audio": "Whether they have sound",
    "role": "Only members with this role; @everyone for everybody",
    "cooldown": "Seconds between two prompts of a member",
    "threads": "Put each prompt's videos into a thread of its own",
}


class Ears(Protocol):
    """The part of the client that asks Discord for the text of messages."""

    @property
    def hearing(self) -> Hearing: ...

    async def hear_all(self) -> Hearing: ...


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class StudioCog(commands.GroupCog, group_name="studio", group_description="For those who manage this server"):
    """Discord hides the commands from others; whoever comes all the same is refused here."""

    channel = app_commands.Group(name="channel", description="Channels in which every message is a prompt")

    def __init__(
        self,
        *,
        studio: Studio,
        channels: PromptChannels,
        preferences: PreferenceBook,
        galleries: Galleries,
        ears: Ears,
    ) -> None:
        self._studio = studio
        self._channels = channels
        self._preferences = preferences
        self._galleries = galleries
        self._ears = ears

    @channel.command(name="add", description="Make every message in a channel a prompt")
    @app_commands.describe(**_OPTIONS)
    @app_commands.choices(aspect_ratio=_RATIOS, mode=_MODES)
    async def add(
        self,
        interaction: discord.Interaction,
        channel: discord.TextChannel,
        model: str | None = None,
        duration: app_commands.Range[int, 1, 60] | None = None,
        aspect_ratio: str | None = None,
        mode: str | None = None,
        audio: bool | None = None,
        role: discord.Role | None = None,
        cooldown: app_commands.Range[int, 0, MOST_SECONDS] | None = None,
        threads: bool | None = None,
    ) -> None:
        guild = managed_guild(interaction)
        wishes = self._wishes(model, duration, aspect_ratio, mode, audio)
        known = self._channels.of(channel.id) or PromptChannel(channel_id=channel.id, guild_id=guild.id)
        await interaction.response.defer(thinking=True, ephemeral=True)
        known = changed(known, role, cooldown, threads)
        await self._keep(known, wishes)
        lines = [f"Every message in <#{channel.id}> is a prompt from now on.", words.TALK]
        lines += [*words.missing(guild, known), words.heard(await self._ears.hear_all(), guild.me.name)]
        await interaction.edit_original_response(view=notice("\n".join(lines)))

    @channel.command(name="edit", description="Change what counts in a prompt channel")
    @app_commands.describe(**_OPTIONS, reset="Forget the channel's own choices first")
    @app_commands.choices(aspect_ratio=_RATIOS, mode=_MODES)
    async def edit(
        self,
        interaction: discord.Interaction,
        channel: discord.TextChannel,
        model: str | None = None,
        duration: app_commands.Range[int, 1, 60] | None = None,
        aspect_ratio: str | None = None,
        mode: str | None = None,
        audio: bool | None = None,
        role: discord.Role | None = None,
        cooldown: app_commands.Range[int, 0, MOST_SECONDS] | None = None,
        threads: bool | None = None,
        reset: bool = False,
    ) -> None:
        guild = managed_guild(interaction)
        known = self._own(guild, channel.id)
        if reset:
            known = PromptChannel(channel_id=channel.id, guild_id=guild.id)
            await self._preferences.change(Whose.CHANNEL, channel.id, Preferences())
        wishes = self._wishes(model, duration, aspect_ratio, mode, audio)
        known = changed(known, role, cooldown, threads)
        await self._keep(known, wishes)
        view = notice("\n".join([await self._described(known), *words.missing(guild, known)]))
        await interaction.response.send_message(view=view, ephemeral=True)

    @channel.command(name="remove", description="Make a prompt channel an ordinary one again")
    @app_commands.describe(channel="The channel")
    async def remove(self, interaction: discord.Interaction, channel: discord.TextChannel) -> None:
        _ = self._own(managed_guild(interaction), channel.id)
        _ = await self._channels.drop(channel.id)
        await self._preferences.change(Whose.CHANNEL, channel.id, Preferences())
        said = f"Messages in <#{channel.id}> are just messages again. Videos under way still arrive."
        await interaction.response.send_message(view=notice(said), ephemeral=True)

    @channel.command(name="list", description="The prompt channels of this server")
    async def listed(self, interaction: discord.Interaction) -> None:
        guild = managed_guild(interaction)
        channels = self._channels.within(guild.id)
        lines = [await self._described(channel) for channel in channels]
        lines += [line for channel in channels for line in words.missing(guild, channel)]
        said = [*lines, words.heard(self._ears.hearing, guild.me.name)] if lines else [words.NONE]
        await interaction.response.send_message(view=notice("\n".join(said)), ephemeral=True)

    @add.autocomplete("model")
    @edit.autocomplete("model")
    async def suggest_model(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        wanted = typed.casefold()
        titles = {model.family: model.title for model in self._studio.catalog}
        return [
            app_commands.Choice(name=title, value=family)
            for family, title in titles.items()
            if wanted in f"{title} {family}".casefold()
        ]

    @app_commands.command(name="gallery", description="Where clips with enough ⭐ are copied to")
    @app_commands.describe(
        channel="The gallery's channel",
        threshold=f"How many members have to vote; {THRESHOLD} to begin with",
        off="Close the gallery",
    )
    async def gallery(
        self,
        interaction: discord.Interaction,
        channel: discord.TextChannel | None = None,
        threshold: app_commands.Range[int, 1, MOST_VOTES] | None = None,
        off: bool = False,
    ) -> None:
        guild = managed_guild(interaction)
        known = None if off else await self._galleries.of(guild.id)
        channel_id = channel.id if channel else known.channel_id if known else None
        if off or channel_id is None:
            await self._galleries.close(guild.id)
            said = "There is no gallery. `/studio gallery channel:` opens one."
        else:
            votes = threshold or (known.threshold if known else THRESHOLD)
            await self._galleries.open(guild.id, Gallery(channel_id=channel_id, threshold=votes))
            said = f"A clip with ⭐ from {votes} different members is copied to <#{channel_id}>, once."
        await interaction.response.send_message(view=notice(said), ephemeral=True)

    # ------------------------------------------------------------ what is kept

    async def _described(self, channel: PromptChannel) -> str:
        return words.described(channel, await self._preferences.of(Whose.CHANNEL, channel.channel_id))

    async def _keep(self, channel: PromptChannel, wishes: Preferences) -> None:
        before = await self._preferences.of(Whose.CHANNEL, channel.channel_id)
        await self._preferences.change(Whose.CHANNEL, channel.channel_id, wishes.over(before))
        await self._channels.keep(channel)

    def _own(self, guild: discord.Guild, channel_id: int) -> PromptChannel:
        found = self._channels.of(channel_id)
        if found is None or found.guild_id != guild.id:
            raise NotAllowed("That is no prompt channel. `/studio channel add` makes it one.")
        return found

    def _wishes(
        self,
        model: str | None,
        duration: int | None,
        aspect_ratio: str | None,
        mode: str | None,
        audio: bool | None,
    ) -> Preferences:
        found = None if model is None else self._studio.catalog.called(model)
        if model is not None and found is None:
            raise ModelUnknown(model, self._studio.catalog)
        return Preferences(
            model=found.family if found else None,
            duration_seconds=duration,
            aspect_ratio=aspect_ratio,
            mode=mode,
            audio=audio,
        )


def managed_guild(interaction: discord.Interaction) -> discord.Guild:
    """The server that somebody manages. Raise NotAllowed; Discord's own check can be changed by anybody."""
    if interaction.guild is None or not interaction.permissions.manage_guild:
        raise NotAllowed("Only those who manage this server (Manage Server) can do that.")
    return interaction.guild


def changed(
    channel: PromptChannel, role: discord.Role | None, cooldown: int | None, threads: bool | None
) -> PromptChannel:
    """Change what is said and keep the rest; @everyone takes the role away."""
    return replace(
        channel,
        role_id=channel.role_id if role is None else (None if role.is_default() else role.id),
        cooldown_seconds=channel.cooldown_seconds if cooldown is None else cooldown,
        has_threads=channel.has_threads if threads is None else threads,
    )
