"""Hears presses on buttons and menus, also of messages that an earlier run sent, and answers stray ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import discord
from discord.ext import commands

from cogs.ui.persistent_item import UNKNOWN_BUTTON, Press
from core.model.errors import NotAllowed

_STRANGE: Final = "I do not know what this is. Nothing was ordered and nothing was charged. Use /video."
_HEARD_ELSEWHERE: Final = frozenset(
    {
        discord.InteractionType.application_command,
        discord.InteractionType.autocomplete,
        discord.InteractionType.modal_submit,
    }
)


class PressesCog(commands.Cog):
    """One listener: whoever presses is answered, and the client speaks of whatever goes wrong.

    discord.py's own dynamic items say nothing where a press matches none of them, where the message that
    came with it does not show what was pressed, or cannot be taken apart. The custom_id says everything.
    """

    def __init__(self, presses: Iterable[Press]) -> None:
        self._presses = tuple(presses)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if interaction.type in _HEARD_ELSEWHERE:
            return
        if interaction.type is not discord.InteractionType.component:
            raise NotAllowed(_STRANGE)
        data: Mapping[str, Any] = interaction.data or {}
        for press in self._presses:
            match = press.custom_id.fullmatch(str(data.get("custom_id")))
            if match is not None:
                await press.handle(interaction, match)
                return
        raise NotAllowed(UNKNOWN_BUTTON)
