"""Forms: their fields, and their values. A form's id carries all that is needed, also after a restart."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import discord
from discord import ui

from cogs.ui.options import MOST_CHOICES, QUALITIES, RATIOS
from cogs.ui.persistent_item import PersistentItem
from core.model.catalog import Catalog
from core.model.video import Mode, VideoRequest

Values: TypeAlias = Mapping[str, str]
Handler: TypeAlias = Callable[[discord.Interaction, int, Values], Awaitable[None]]

LONGEST_TYPED: Final = 4000
_SOUND: Final = "+sound"


def prompt_form(kind: str, number: int, title: str, prompt: str, *, needed: bool = True) -> ui.Modal:
    """Ask for words alone."""
    return _form(kind, number, title, [_prompt_field(prompt, needed=needed)])


def edit_form(job_id: int, request: VideoRequest, catalog: Catalog) -> ui.Modal:
    """Ask for everything that can be changed, filled in with the earlier values."""
    titles = {model.family: model.title for model in catalog}
    seconds = sorted({seconds for model in catalog for seconds in model.durations})
    fields = [
        _prompt_field(request.prompt, needed=True),
        _choice("model", "Model", titles, request.model),
        _choice(
            "duration", "Length", {str(n): f"{n} seconds" for n in seconds}, str(request.duration_seconds)
        ),
        _choice("aspect_ratio", "Shape", {ratio: ratio for ratio in RATIOS}, request.aspect_ratio),
        _choice("quality", "Quality and sound", _qualities(), quality_of(request)),
    ]
    return _form("edit", job_id, "Make it again, differently", fields)


def choices_in(values: Values) -> dict[str, Any]:
    """Read the choices of an edit form, under the names of a request; open ones are left out."""
    chosen: dict[str, Any] = {name: values[name] for name in ("model", "aspect_ratio") if values.get(name)}
    if values.get("duration", "").isdecimal():
        chosen["duration_seconds"] = int(values["duration"])
    quality = values.get("quality", "")
    if quality.removesuffix(_SOUND) in set(Mode):
        chosen |= {"mode": quality.removesuffix(_SOUND), "audio": quality.endswith(_SOUND)}
    return chosen


def quality_of(request: VideoRequest) -> str:
    return f"{request.mode or ''}{_SOUND if request.audio else ''}"


def form_item(handlers: Mapping[str, Handler]) -> PersistentItem:
    """Handle submitted forms."""

    async def handle(interaction: discord.Interaction, match: re.Match[str]) -> None:
        data: Mapping[str, Any] = interaction.data or {}
        values = dict(_values(data.get("components", [])))
        await handlers[match["kind"]](interaction, int(match["number"]), values)

    custom_id = re.compile(rf"form:(?P<kind>{'|'.join(handlers)}):(?P<number>\d{{1,20}})", re.ASCII)
    return PersistentItem(custom_id, handle, discord.InteractionType.modal_submit)


def _values(parts: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for part in parts:
        if "component" in part:
            yield from _values([part["component"]])
        yield from _values(part.get("components", []))
        if "custom_id" in part:
            several = part.get("values") or [""]
            yield str(part["custom_id"]), str(part.get("value") or several[0])


def _form(kind: str, number: int, title: str, fields: Iterable[ui.Label[ui.Modal]]) -> ui.Modal:
    modal = ui.Modal(title=title, custom_id=f"form:{kind}:{number}", timeout=None)
    for field in fields:
        modal.add_item(field)
    modal.stop()  # it is found again by its id alone
    return modal


def _prompt_field(prompt: str, *, needed: bool) -> ui.Label[ui.Modal]:
    field: ui.TextInput[ui.Modal] = ui.TextInput(
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        default=prompt[:LONGEST_TYPED] or None,
        required=needed,
        max_length=LONGEST_TYPED,
    )
    return ui.Label(
        text="What happens in the video",
        description="Options such as --ar 9:16 may stand in it",
        component=field,
    )


def _choice(name: str, title: str, offered: Mapping[str, str], chosen: str) -> ui.Label[ui.Modal]:
    options = [
        discord.SelectOption(label=label[:100], value=value, default=value == chosen)
        for value, label in list(offered.items())[:MOST_CHOICES]
    ]
    field: ui.Select[ui.Modal] = ui.Select(custom_id=name, options=options, required=False, min_values=0)
    return ui.Label(text=title, component=field)


def _qualities() -> dict[str, str]:
    silent = {str(mode): f"{label}, silent" for mode, label in QUALITIES.items()}
    return silent | {f"{mode}{_SOUND}": f"{label}, with sound" for mode, label in QUALITIES.items()}
