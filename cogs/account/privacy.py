"""`/privacy`: what is stored about a member, to export and to erase. All answers are private."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import discord
from discord import app_commands, ui
from discord.ext import commands

from cogs.account import privacy_texts as words
from cogs.account.privacy_texts import MemberData, Terms
from cogs.ui.components import Layout, notice
from cogs.ui.persistent_item import PersistentItem
from core.model.ledger import Account, Scope
from core.ports import JobStore, PersonalData
from core.privacy.erasure import ErasureService
from core.privacy.export import Export

MOST_PARTS: Final = 10
_SHARE_OF_LIMIT: Final = 0.9
_EVERYTHING: Final = "All that is kept about you, one JSON object a line. Only you see this."
_NEXT: Final = "This is part {number}."
_TOO_MUCH: Final = (
    "There is more, and I cannot send it here: these are your newest videos. Whoever runs this bot can give "
    "you all of it (`matinee db export {member_id}`)."
)

Deed: TypeAlias = Callable[[discord.Interaction], Awaitable[None]]


class PrivacyCog(commands.Cog):
    """Each member sees and erases their own data: the press itself shows the member, never a button."""

    def __init__(
        self,
        *,
        store: JobStore,
        personal: PersonalData,
        export: Export,
        erasure_service: ErasureService,
        terms: Terms,
    ) -> None:
        self._store = store
        self._personal = personal
        self._export = export
        self._erasure_service = erasure_service
        self._terms = terms

    @property
    def deeds(self) -> Mapping[str, Deed]:
        return {"export": self.export, "erase": self.ask, "sure": self.erase}

    @app_commands.command(name="privacy", description="What is kept about you; take it along, or erase it")
    async def privacy(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        member_id = interaction.user.id
        kept = MemberData(
            await self._personal.summary(member_id),
            await self._store.usage(Account(Scope.MEMBER, member_id, "")),
            await self._export.beside_jobs(member_id),
            is_awaited=await self._erasure_service.awaits(member_id),
        )
        buttons = [] if kept.is_nothing else [_button("export"), _button("erase")]
        view = notice(words.summary_text(kept, self._terms), *buttons)
        await interaction.edit_original_response(view=view)

    async def export(self, interaction: discord.Interaction) -> None:
        """Send what `matinee db export` prints, in as many files as it takes."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        member_id, number = interaction.user.id, 0
        limit = int(interaction.filesize_limit * _SHARE_OF_LIMIT)
        async for part in _parts(self._export.lines(member_id), limit):
            number += 1
            if number > MOST_PARTS:
                await interaction.followup.send(_TOO_MUCH.format(member_id=member_id), ephemeral=True)
                return
            await _hand_over(interaction, part, number)

    async def ask(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(view=notice(words.SURE, _button("sure")), ephemeral=True)

    async def erase(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        progress = await self._erasure_service.ask(interaction.user.id)
        await interaction.edit_original_response(view=notice(words.erased_text(progress)))


async def _parts(lines: AsyncIterator[str], limit: int) -> AsyncIterator[bytes]:
    """Yield lines in parts of no more bytes than this; one empty part where there is no line."""
    part = b""
    async for line in lines:
        encoded = line.encode() + b"\n"
        if part and len(part) + len(encoded) > limit:
            yield part
            part = b""
        part += encoded
    yield part


async def _hand_over(interaction: discord.Interaction, part: bytes, number: int) -> None:
    name = "matinee.jsonl" if number == 1 else f"matinee-{number}.jsonl"
    file = discord.File(io.BytesIO(part), filename=name)
    if number == 1:
        await interaction.edit_original_response(content=_EVERYTHING, attachments=[file])
    else:
        await interaction.followup.send(_NEXT.format(number=number), file=file, ephemeral=True)


_FACES: Final = {
    "export": ("📦", "Export", discord.ButtonStyle.secondary),
    "erase": ("🧹", "Erase…", discord.ButtonStyle.danger),
    "sure": ("🧹", "Yes, erase it", discord.ButtonStyle.danger),
}


def _button(deed: str) -> ui.Button[Layout]:
    emoji, label, style = _FACES[deed]
    return ui.Button(custom_id=f"privacy:{deed}", emoji=emoji, label=label, style=style)


def privacy_item(cog: PrivacyCog) -> PersistentItem:
    """Handle presses under answers to `/privacy`."""

    async def handle(interaction: discord.Interaction, match: re.Match[str]) -> None:
        await cog.deeds[match["deed"]](interaction)

    return PersistentItem(re.compile(rf"privacy:(?P<deed>{'|'.join(cog.deeds)})"), handle)
