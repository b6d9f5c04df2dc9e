"""The parts of messages: people's text as it is, links, times, boxes, and the buttons of a job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final, TypeAlias

import discord
from discord import ui
from discord.utils import format_dt

from core.ports import Link

Layout: TypeAlias = ui.LayoutView

PROMPT_SHOWN: Final = 600
_ROW: Final = 5

_FACES: Final = {
    "risk": ("⚠️", "Start again (may cost twice)", discord.ButtonStyle.danger),
    "resend": ("⚠️", "Yes, start again and perhaps pay twice", discord.ButtonStyle.danger),
    "dismiss": ("✔️", "Dismiss", discord.ButtonStyle.secondary),
    "again": ("🔁", "Re-run", discord.ButtonStyle.primary),
    "edit": ("✏️", "Edit", discord.ButtonStyle.secondary),
    "extend": ("⏭️", "Extend", discord.ButtonStyle.secondary),
    "mail": ("✉️", "DM me", discord.ButtonStyle.secondary),
    "cancel": ("❌", "Cancel", discord.ButtonStyle.secondary),
    "get": ("📥", "Get my video", discord.ButtonStyle.primary),
    "delete": ("🗑️", "Delete", discord.ButtonStyle.secondary),
}


def notice(sentences: str, *buttons: ui.Button[Layout]) -> Layout:
    """A plain sentence or two, with what can be done about them."""
    text = ui.TextDisplay[Layout](sentences)
    return build_layout([text, row(*buttons)] if buttons else [text])


def button(job_id: int, action: str) -> ui.Button[Layout]:
    """A button of a job. Its custom_id carries the job and the action; everything else is looked up."""
    emoji, label, style = _FACES[action]
    return ui.Button(custom_id=f"job:{job_id}:{action}", emoji=emoji, label=label, style=style)


def escape(text: str) -> str:
    """Show a member's text as it is: no formatting, no mention, no link preview."""
    plain = discord.utils.escape_markdown(discord.utils.escape_mentions(text), ignore_links=False)
    return plain.replace("://", ":\u200b//")


def shorten(prompt: str) -> str:
    """A prompt in a line, as far as there is room for it."""
    line = " ".join(prompt.split())
    return escape(line if len(line) <= PROMPT_SHOWN else f"{line[: PROMPT_SHOWN - 1]}…")


def quote(prompt: str) -> str:
    return f"> {shorten(prompt)}"


def spoken_link(words: str, link: Link) -> str:
    """A link under these words, and until when it works."""
    until = "" if link.expires_at is None else f" · works until {format_dt(link.expires_at, 'R')}"
    return f"[{words}](<{link.url}>){until}"


def spoken_time(span: timedelta) -> str:
    """`40 s`, `2 min 5 s`, `1 h 3 min`."""
    seconds = max(0, round(span.total_seconds()))
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def box(lines: Iterable[str], colour: discord.Colour) -> ui.Container[Layout]:
    return ui.Container(*(ui.TextDisplay[Layout](line) for line in lines), accent_colour=colour)


def rows(buttons: Sequence[ui.Button[Layout]]) -> list[ui.ActionRow[Layout]]:
    """Put buttons side by side, five at most (Discord, Components Reference)."""
    return [row(*buttons[start : start + _ROW]) for start in range(0, len(buttons), _ROW)]


def row(*buttons: ui.Button[Layout]) -> ui.ActionRow[Layout]:
    return ui.ActionRow(*buttons)


def build_layout(parts: Iterable[ui.Item[Layout]]) -> Layout:
    """Build a message from its parts. Presses in it come in by their custom_id alone."""
    view = ui.LayoutView(timeout=None)
    for part in parts:
        view.add_item(part)
    view.stop()
    return view
