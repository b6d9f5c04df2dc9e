"""Finds the handler of a press or a submitted form by its custom_id: also on messages of an earlier run."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import discord
from discord import InteractionType
from discord.ext import commands

from core.model.errors import NotAllowed

UNKNOWN_BUTTON: Final = "I no longer know this button. Nothing was ordered and nothing was charged."
_UNKNOWN_FORM: Final = "I no longer know this form. Nothing was ordered and nothing was charged."
_STRANGE: Final = "I do not know what this is. Nothing was ordered and nothing was charged. Use /video."
_UNKNOWN: Final = {
    InteractionType.component: UNKNOWN_BUTTON,
    InteractionType.modal_submit: _UNKNOWN_FORM,
}
_HEARD_ELSEWHERE: Final = frozenset({InteractionType.application_command, InteractionType.autocomplete})

Handle: TypeAlias = Callable[[discord.Interaction, re.Match[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PersistentItem:
    """The handler of an interaction of this kind whose custom_id matches as a whole."""

    custom_id: re.Pattern[str]
    handle: Handle
    kind: InteractionType = InteractionType.component


class PersistentItemsCog(commands.Cog):
    """One listener: each member who presses or submits is answered, and the client reports every error.

    discord.py's own dynamic items do nothing where a press matches none of them, where the message that
    came with it does not show what was pressed, or cannot be parsed; and it forgets the forms of an
    earlier run. The custom_id carries everything.
    """

    def __init__(self, items: Iterable[PersistentItem]) -> None:
        self._items = tuple(items)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if interaction.type in _HEARD_ELSEWHERE:
            return
        data: Mapping[str, Any] = interaction.data or {}
        for item in self._items:
            match = item.custom_id.fullmatch(str(data.get("custom_id")))
            if match is not None and item.kind is interaction.type:
                await item.handle(interaction, match)
                return
        raise NotAllowed(_UNKNOWN.get(interaction.type, _STRANGE))


def chosen(interaction: discord.Interaction) -> str:
    """Return the choice in a menu. Raise NotAllowed where there is none."""
    data: Mapping[str, Any] = interaction.data or {}
    match data.get("values"):
        case [str(first), *_]:
            return first
        case _:
            raise NotAllowed(UNKNOWN_BUTTON)
