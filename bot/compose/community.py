"""Wires what a server does together: prompt channels, the marks on prompts, the gallery."""

from __future__ import annotations

from dataclasses import dataclass

from discord.ext import commands

from bot.discord.client import Client
from cogs.cards.prompt_marks import Marks
from cogs.cards.replies import Slips
from cogs.gallery import GalleryCog
from cogs.ordering.attachments import PictureDesk
from cogs.ordering.message_orders import CardDesk
from cogs.ordering.order_options import Wishing
from cogs.prompt_channels.admin import StudioCog
from cogs.prompt_channels.listener import Prompts
from cogs.prompt_channels.orders import PromptDesk
from core.community.gallery import Galleries
from core.community.prompt_channels import PromptChannels
from core.engine.delivery_steps import Means
from core.ports import Clock
from core.requests.preferences import PreferenceBook
from core.services.orders import Studio


@dataclass(frozen=True, slots=True)
class Community:
    """The parts that have something to do while the program runs, and the prompt channels they serve."""

    client: Client
    clock: Clock
    channels: PromptChannels
    marks: Marks
    slips: Slips
    bot_id: int

    def cogs(
        self,
        *,
        galleries: Galleries,
        studio: Studio,
        preferences: PreferenceBook,
        wishing: Wishing,
        pictures: PictureDesk,
        cards: CardDesk,
        means: Means,
    ) -> list[commands.Cog]:
        """Make the cogs, once there is everything that they work with."""
        desk = PromptDesk(
            studio=studio,
            wishing=wishing,
            pictures=pictures,
            cards=cards,
            clock=self.clock,
            bot_id=self.bot_id,
        )
        return [
            Prompts(channels=self.channels, desk=desk, studio=studio, marks=self.marks, slips=self.slips),
            GalleryCog(
                galleries=galleries,
                studio=studio,
                guide=self.client,
                archive=means.archive,
                links=means.links,
                bot_id=self.bot_id,
            ),
            StudioCog(
                studio=studio,
                channels=self.channels,
                preferences=preferences,
                galleries=galleries,
                ears=self.client,
            ),
        ]


def community(client: Client, clock: Clock, channels: PromptChannels, bot_id: int) -> Community:
    return Community(client, clock, channels, Marks(client, bot_id=bot_id), Slips(client, clock), bot_id)
