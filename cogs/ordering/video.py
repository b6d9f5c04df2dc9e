"""`/video` and `/animate`: from a member's options to an order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.ordering.attachments import picture_link
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.order_options import OrderOptions, OrderSpec
from cogs.ui.option_groups import Option, expand_options
from cogs.ui.options import MOST_CHOICES, Length, Quality, Shape, suggested_models
from cogs.ui.people import requester_of
from core.model.errors import TwoPictures
from core.model.video import Draft
from core.ports import Pictures
from core.requests import prompt_flags as flags
from core.services.orders import OrderService

_FIRST: Final = Option("The picture that the video starts from")


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOptions:
    """A member's options, as Discord sends them; None for what was left out."""

    prompt: Annotated[
        str | None, Option("What happens in the video; options such as --ar 9:16 may stand in it")
    ] = None
    image: Annotated[discord.Attachment | None, _FIRST] = None
    image_url: Annotated[str | None, Option("The same as a link that starts with https://")] = None
    model: Annotated[str | None, Option("Which model makes it")] = None
    duration: Length = None
    aspect_ratio: Shape = None
    mode: Quality = None
    audio: Annotated[bool | None, Option("Whether the video has sound")] = None
    reference: Annotated[
        discord.Attachment | None, Option("A picture of who or what should appear (Omni models)")
    ] = None
    count: Annotated[
        app_commands.Range[int, 1, flags.MOST_AT_ONCE] | None, Option("How many videos to make of it")
    ] = None
    private: Annotated[bool | None, Option("Send it to you alone, in a direct message")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimateOptions(VideoOptions):
    """The same, where there has to be a picture."""

    image: Annotated[discord.Attachment, _FIRST]  # pyright: ignore[reportGeneralTypeIssues] - here it is needed


class VideoCog(commands.Cog):
    def __init__(
        self,
        *,
        orders: OrderService,
        interaction_orders: InteractionOrders,
        pictures: Pictures,
        order_options: OrderOptions,
    ) -> None:
        self._orders = orders
        self._order_options = order_options
        self._interaction_orders = interaction_orders
        self._pictures = pictures

    @app_commands.command(name="video", description="Make a video from words, a picture or both")
    @expand_options
    async def video(self, interaction: discord.Interaction, options: VideoOptions) -> None:
        await self._interaction_orders.take(interaction, await self._spec(interaction, options))

    @app_commands.command(name="animate", description="Bring a picture to life")
    @expand_options
    async def animate(self, interaction: discord.Interaction, options: AnimateOptions) -> None:
        await self._interaction_orders.take(interaction, await self._spec(interaction, options))

    @video.autocomplete("model")
    @animate.autocomplete("model")
    async def suggest_model(
        self, _interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return suggested_models(self._orders.catalog, typed)

    @video.autocomplete("duration")
    @animate.autocomplete("duration")
    async def suggest_duration(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[int]]:
        """The values that the chosen model offers, or any model."""
        named = self._orders.catalog.find(str(interaction.namespace.model or ""))
        models = [named] if named else list(self._orders.catalog)
        seconds = sorted({duration for model in models for duration in model.durations})
        return [
            app_commands.Choice(name=f"{duration} seconds", value=duration)
            for duration in seconds
            if str(duration).startswith(typed.strip())
        ][:MOST_CHOICES]

    async def _spec(self, interaction: discord.Interaction, options: VideoOptions) -> OrderSpec:
        """Check everything that needs no other service. Raise RequestRefused."""
        draft = Draft(
            prompt=options.prompt or "",
            model=options.model,
            duration_seconds=options.duration,
            aspect_ratio=options.aspect_ratio,
            mode=options.mode,
            audio=options.audio,
            first_frame=self._first_frame(options),
            reference=_link(options.reference),
        )
        spec = await self._order_options.specify(draft, requester_of(interaction))
        attached = (options.image, options.reference)
        return replace(
            spec,
            count=options.count or spec.count,
            is_private=spec.is_private if options.private is None else options.private,
            attachments=tuple(picture for picture in attached if picture is not None),
        )

    def _first_frame(self, options: VideoOptions) -> str | None:
        if options.image_url is None:
            return _link(options.image)
        if options.image is not None:
            raise TwoPictures("image", "image_url")
        return self._pictures.check_link(options.image_url)


def _link(attachment: discord.Attachment | None) -> str | None:
    return None if attachment is None else picture_link(attachment)
