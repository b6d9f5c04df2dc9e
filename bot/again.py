"""Wires what can be done with a video once it is there, from buttons, forms and the menus of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from discord.ext import commands

from bot.client import Client
from cogs.again import Again
from cogs.card import Card
from cogs.controls import Action
from cogs.copies import Copies
from cogs.desk import OrderDesk
from cogs.forms import FormsCog
from cogs.menus import MenusCog
from cogs.pictures import PictureDesk
from cogs.wishing import Wishing
from core.ladder import Means
from core.preferences import PreferenceBook
from core.studio import Studio
from storage.frames import FfmpegFrames
from storage.library import FolderLibrary


@dataclass(frozen=True, slots=True)
class Afterlife:
    """What buttons do, and what else listens."""

    actions: Mapping[str, Action]
    cogs: tuple[commands.Cog, ...]


def afterlife(
    *,
    client: Client,
    studio: Studio,
    desk: OrderDesk,
    pictures: PictureDesk,
    preferences: PreferenceBook,
    card: Card,
    library: FolderLibrary,
    means: Means,
) -> Afterlife:
    wishing = Wishing(studio=studio, preferences=preferences)
    frames = FfmpegFrames(library.folder)
    again = Again(
        studio=studio, desk=desk, wishing=wishing, pictures=pictures, library=library, frames=frames
    )
    copies = Copies(studio=studio, card=card, doors=client, means=means)
    menus = MenusCog(tree=client.tree, studio=studio, desk=desk, pictures=pictures, wishing=wishing)
    forms = FormsCog({**again.handlers, **menus.handlers})
    return Afterlife({**again.actions, **copies.actions}, (menus, forms))
