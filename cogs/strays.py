"""Answers presses that nothing else hears, so that nobody is left with Discord's "interaction failed"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import discord
from discord import ui
from discord.ext import commands

from cogs.speech import answer_error
from core.errors import NotAllowed

_UNKNOWN: Final = "I no longer know this button. Nothing was ordered and nothing was charged."


class StraysCog(commands.Cog):
    """discord.py is silent about a custom_id that matches none of its items, such as another version's."""

    def __init__(self, items: Iterable[type[ui.DynamicItem[Any]]]) -> None:
        self._known = [item.__discord_ui_compiled_template__ for item in items]

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if interaction.type is discord.InteractionType.component and not self._is_known(interaction):
            await answer_error(interaction, NotAllowed(_UNKNOWN))

    def _is_known(self, interaction: discord.Interaction) -> bool:
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id"))
        return any(template.fullmatch(custom_id) for template in self._known)
