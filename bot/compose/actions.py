"""Wires what can be done with a video: buttons, forms, reactions, answers and the menus of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from discord.ext import commands

from bot.discord.client import Client
from cogs.actions.buttons import Action, Controls
from cogs.actions.context_menus import MenusCog
from cogs.actions.edit_extend import Again
from cogs.actions.mentions import MessagesCog
from cogs.actions.reactions import ReactionsCog
from cogs.actions.send_copy import Copies
from cogs.cards.card import Card
from cogs.cards.replies import Slips
from cogs.ordering.attachments import PictureDesk
from cogs.ordering.interaction_orders import OrderDesk
from cogs.ordering.message_orders import CardDesk
from cogs.ordering.order_options import Wishing
from cogs.ui.concurrency import Crowd
from cogs.ui.modals import FormsCog
from core.community.prompt_channels import PromptChannels
from core.engine.delivery_steps import Means
from core.ports import Archive, Clock
from core.services.orders import Studio
from storage.ffmpeg.frames import FfmpegFrames


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all of it works with."""

    client: Client
    clock: Clock
    studio: Studio
    desk: OrderDesk
    controls: Controls
    pictures: PictureDesk
    wishing: Wishing
    cards: CardDesk
    card: Card
    archive: Archive
    means: Means
    channels: PromptChannels
    slips: Slips
    bot_id: int


@dataclass(frozen=True, slots=True)
class Afterlife:
    """What buttons do, and what else listens."""

    actions: Mapping[str, Action]
    cogs: tuple[commands.Cog, ...]


def afterlife(house: House) -> Afterlife:
    again = Again(
        studio=house.studio,
        desk=house.desk,
        wishing=house.wishing,
        pictures=house.pictures,
        archive=house.archive,
        frames=FfmpegFrames(),
    )
    copies = Copies(studio=house.studio, card=house.card, doors=house.client, means=house.means)
    menus = MenusCog(
        tree=house.client.tree,
        studio=house.studio,
        desk=house.desk,
        pictures=house.pictures,
        wishing=house.wishing,
    )
    forms = FormsCog({**again.handlers, **menus.handlers})
    cogs = (menus, forms, *_listeners(house, copies))
    return Afterlife({**again.actions, **copies.actions}, cogs)


def _listeners(house: House, copies: Copies) -> tuple[commands.Cog, ...]:
    """Make what hears messages and reactions."""
    crowd = Crowd(house.clock)
    messages = MessagesCog(
        studio=house.studio,
        desk=house.cards,
        wishing=house.wishing,
        pictures=house.pictures,
        channels=house.channels,
        crowd=crowd,
        slips=house.slips,
        bot_id=house.bot_id,
    )
    reactions = ReactionsCog(
        studio=house.studio,
        desk=house.cards,
        wishing=house.wishing,
        controls=house.controls,
        copies=copies,
        guide=house.client,
        crowd=crowd,
        slips=house.slips,
        clock=house.clock,
        bot_id=house.bot_id,
    )
    return messages, reactions
