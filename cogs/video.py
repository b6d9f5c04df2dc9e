"""`/video` and `/animate`: from a member's options to an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.desk import OrderDesk
from cogs.pictures import picture_link
from cogs.wishing import Wish
from core import flags
from core.errors import TwoPictures
from core.ports import Pictures
from core.preferences import PreferenceBook
from core.studio import Studio
from core.video import Draft, Mode

_RATIOS: Final = [app_commands.Choice(name=ratio, value=ratio) for ratio in ("16:9", "9:16", "1:1")]
_MODES: Final = [
    app_commands.Choice(name="std (720p)", value=Mode.STD.value),
    app_commands.Choice(name="pro (1080p)", value=Mode.PRO.value),
]
_MOST_CHOICES: Final = 25

_OPTIONS: Final = {
    "prompt": "What happens in the video; options such as --ar 9:16 may stand in it",
    "image": "The picture that the video starts from",
    "image_url": "The same as a link that starts with https://",
    "model": "Which model makes it",
    "duration": "How many seconds long",
    "aspect_ratio": "Wide, tall or square",
    "mode": "std is faster and cheaper, pro is sharper",
    "audio": "Whether the video has sound",
    "reference": "A picture of who or what should appear (Omni models)",
    "count": "How many videos to make of it",
    "private": "Send it to you alone, in a direct message",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a member chose, as Discord hands it over; None for what was left out."""

    prompt: str | None
    model: str | None
    duration: int | None
    aspect_ratio: str | None
    mode: str | None
    audio: bool | None
    count: int | None
    private: bool | None


@dataclass(frozen=True, slots=True)
class Pictured:
    """The pictures of a command: one to start from, attached or linked, and a reference."""

    image: discord.Attachment | None
    image_url: str | None
    reference: discord.Attachment | None


class VideoCog(commands.Cog):
    def __init__(
        self, *, studio: Studio, desk: OrderDesk, pictures: Pictures, preferences: PreferenceBook
    ) -> None:
        self._studio = studio
        self._preferences = preferences
        self._desk = desk
        self._pictures = pictures

    @app_commands.command(name="video", description="Make a video from words, a picture or both")
    @app_commands.describe(**_OPTIONS)
    @app_commands.choices(aspect_ratio=_RATIOS, mode=_MODES)
    async def video(
        self,
        interaction: discord.Interaction,
        prompt: str | None = None,
        image: discord.Attachment | None = None,
        image_url: str | None = None,
        model: str | None = None,
        duration: int | None = None,
        aspect_ratio: str | None = None,
        mode: str | None = None,
        audio: bool | None = None,
        reference: discord.Attachment | None = None,
        count: app_commands.Range[int, 1, flags.MOST_AT_ONCE] | None = None,
        private: bool | None = None,
    ) -> None:
        options = Options(prompt, model, duration, aspect_ratio, mode, audio, count, private)
        pictures = Pictured(image, image_url, reference)
        await self._desk.take(interaction, await self._wish(interaction, options, pictures))

    @app_commands.command(name="animate", description="Bring a picture to life")
    @app_commands.describe(**_OPTIONS)
    @app_commands.choices(aspect_ratio=_RATIOS, mode=_MODES)
    async def animate(
        self,
        interaction: discord.Interaction,
        image: discord.Attachment,
        prompt: str | None = None,
        image_url: str | None = None,
        model: str | None = None,
        duration: int | None = None,
        aspect_ratio: str | None = None,
        mode: str | None = None,
        audio: bool | None = None,
        reference: discord.Attachment | None = None,
        count: app_commands.Range[int, 1, flags.MOST_AT_ONCE] | None = None,
        private: bool | None = None,
    ) -> None:
        options = Options(prompt, model, duration, aspect_ratio, mode, audio, count, private)
        pictures = Pictured(image, image_url, reference)
        await self._desk.take(interaction, await self._wish(interaction, options, pictures))

    @video.autocomplete("model")
    @animate.autocomplete("model")
    async def suggest_model(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        """From the catalogue alone: no network, so it is always in time."""
        wanted = typed.casefold()
        titles = {
            model.family: f"{model.title} ({model.name})" for model in reversed(list(self._studio.catalog))
        }
        found = [
            app_commands.Choice(name=title, value=family)
            for family, title in sorted(titles.items())
            if wanted in f"{title} {family}".casefold()
        ]
        return found[:_MOST_CHOICES]

    @video.autocomplete("duration")
    @animate.autocomplete("duration")
    async def suggest_duration(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        """What the model that was already chosen offers, or any model."""
        named = self._studio.catalog.called(str(interaction.namespace.model or ""))
        models = [named] if named else list(self._studio.catalog)
        seconds = sorted({duration for model in models for duration in model.durations})
        return [
            app_commands.Choice(name=f"{duration} seconds", value=duration)
            for duration in seconds
            if str(duration).startswith(typed.strip())
        ][:_MOST_CHOICES]

    async def _wish(self, interaction: discord.Interaction, options: Options, pictures: Pictured) -> Wish:
        """Check everything that can be checked without asking anybody. Raise RequestRefused."""
        preferred = await self._preferences.here(
            interaction.user.id, interaction.channel_id or 0, interaction.guild_id
        )
        _, said = flags.split(options.prompt or "")
        draft = Draft(
            prompt=options.prompt or "",
            model=options.model,
            duration_seconds=options.duration,
            aspect_ratio=options.aspect_ratio,
            mode=options.mode,
            audio=options.audio,
            first_frame=self._first_frame(pictures),
            reference=_link(pictures.reference),
        )
        attached = (pictures.image, pictures.reference)
        return Wish(
            request=self._studio.check(draft, preferred),
            count=options.count or said.count or 1,
            is_private=_first_said(options.private, said.is_private, preferred.is_private),
            wants_ping=preferred.wants_ping is not False,
            attachments=tuple(picture for picture in attached if picture is not None),
        )

    def _first_frame(self, pictures: Pictured) -> str | None:
        if pictures.image_url is None:
            return _link(pictures.image)
        if pictures.image is not None:
            raise TwoPictures("image", "image_url")
        return self._pictures.checked_link(pictures.image_url)


def _first_said(*wishes: bool | None) -> bool:
    return next((wish for wish in wishes if wish is not None), False)


def _link(attachment: discord.Attachment | None) -> str | None:
    return None if attachment is None else picture_link(attachment)
