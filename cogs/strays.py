"""Hears presses on buttons and menus, also of messages that an earlier run sent, and answers stray ones."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import discord
from discord.ext import commands

from cogs.speech import answer_error
from core.errors import NotAllowed

_UNKNOWN: Final = "I no longer know this button. Nothing was ordered and nothing was charged."
_STRANGE: Final = "I do not know what this is. Nothing was ordered and nothing was charged. Use /video."
_HEARD_ELSEWHERE: Final = frozenset(
    {
        discord.InteractionType.application_command,
        discord.InteractionType.autocomplete,
        discord.InteractionType.modal_submit,
    }
)

Handle: TypeAlias = Callable[[discord.Interaction, re.Match[str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Press:
    """What is done about a press whose custom_id matches as a whole."""

    custom_id: re.Pattern[str]
    handle: Handle


class PressesCog(commands.Cog):
    """One listener, one guard: whoever presses is answered, whatever goes wrong.

    discord.py's own dynamic items say nothing where a press matches none of them, where the message that
    came with it does not show what was pressed, or cannot be taken apart. The custom_id says everything.
    """

    def __init__(self, presses: Iterable[Press]) -> None:
        self._presses = tuple(presses)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if interaction.type in _HEARD_ELSEWHERE:
            return
        try:
            await self._hear(interaction)
        except Exception as error:  # noqa: BLE001 - nobody else speaks for presses
            await answer_error(interaction, error)

    async def _hear(self, interaction: discord.Interaction) -> None:
        if interaction.type is not discord.InteractionType.component:
            raise NotAllowed(_STRANGE)
        data: Mapping[str, Any] = interaction.data or {}
        for press in self._presses:
            match = press.custom_id.fullmatch(str(data.get("custom_id")))
            if match is not None:
                await press.handle(interaction, match)
                return
        raise NotAllowed(_UNKNOWN)


def chosen(interaction: discord.Interaction) -> str:
    """Return what was picked from a menu. Raise NotAllowed where nothing was."""
    data: Mapping[str, Any] = interaction.data or {}
    match data.get("values"):
        case [str(first), *_]:
            return first
        case _:
            raise NotAllowed(_UNKNOWN)
