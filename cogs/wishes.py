"""`/settings`: what a member wants where nothing else is said. `/help`: what is possible here."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.card import notice
from core.errors import ModelUnknown
from core.preferences import PreferenceBook, Preferences, Whose
from core.studio import Studio
from core.video import Mode

_RATIOS: Final = [app_commands.Choice(name=ratio, value=ratio) for ratio in ("16:9", "9:16", "1:1")]
_MODES: Final = [app_commands.Choice(name=mode.value, value=mode.value) for mode in Mode]
_HELP: Final = """\
**/video** makes a video from words, a picture or both; **/animate** brings a picture to life.
Options may stand in the prompt: `a paper boat --ar 9:16 --duration 10 --pro --audio --count 2 --private`.

**Under a video** 🔁 makes it again, ✏️ with other words or options, ⏭️ goes on from its last picture, ✉️ sends
you a copy, 🗑️ deletes it. While it is made, ❌ stops what is not sent yet. 🔁 ✉️ ❌ work as reactions, too.
**Answer a video** with other words, or call me by name with a prompt: both make a video.
**In a channel of prompts** every message is one, and its picture is where the video starts. It is marked ⏳,
then ✅ or ⚠️; edit or delete it while it waits, and that counts. `// …` and `(…)` are talk.
⭐ from enough members copies a video to the gallery.
**In the menu of any message** (Apps): *Animate this*, *Use as prompt*, *Video details*.

**/jobs** shows what you have made, **/job** everything about one of them, **/queue** what is under way.
**/models** shows what can be made here and what it costs, **/usage** what you have used.
**/settings** keeps your own defaults; **/studio** is for those who manage the server.

A video that has been sent to the provider is charged, and cannot be stopped there. It always arrives: here,
or by direct message.\
"""


class WishesCog(commands.Cog):
    def __init__(self, *, studio: Studio, preferences: PreferenceBook) -> None:
        self._studio = studio
        self._preferences = preferences

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
        await interaction.response.send_message(view=notice(_HELP), ephemeral=True)

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
