"""Wires what a server does together: prompt channels, the marks on prompts, the gallery."""

from __future__ import annotations

from dataclasses import dataclass

from discord.ext import commands

from bot.client import Client
from cogs.answers import Slips
from cogs.card_desk import CardDesk
from cogs.gallery import GalleryCog
from cogs.marks import Marks
from cogs.pictures import PictureDesk
from cogs.prompt_desk import PromptDesk
from cogs.prompts import Prompts
from cogs.studio import StudioCog
from cogs.wishing import Wishing
from core.gallery import Galleries
from core.ladder import Means
from core.ports import Clock
from core.preferences import PreferenceBook
from core.prompt_channels import PromptChannels
from core.studio import Studio


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
