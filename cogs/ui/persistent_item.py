"""What is pressed on a message, by its custom_id, also on messages of an earlier run."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import discord

from core.model.errors import NotAllowed

UNKNOWN_BUTTON: Final = "I no longer know this button. Nothing was ordered and nothing was charged."


Handle: TypeAlias = Callable[[discord.Interaction, re.Match[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Press:
    """What is done about a press whose custom_id matches as a whole."""

    custom_id: re.Pattern[str]
    handle: Handle


def chosen(interaction: discord.Interaction) -> str:
    """Return what was picked from a menu. Raise NotAllowed where nothing was."""
    data: Mapping[str, Any] = interaction.data or {}
    match data.get("values"):
        case [str(first), *_]:
            return first
        case _:
            raise NotAllowed(UNKNOWN_BUTTON)
