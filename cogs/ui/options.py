"""Options that several commands have: how a video can be, in words for members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from discord import app_commands

from cogs.ui.option_groups import Option
from core.model.catalog import Catalog
from core.model.errors import ModelUnknown
from core.model.video import Mode
from core.requests.preferences import Preferences

MOST_CHOICES: Final = 25
RATIOS: Final = ("16:9", "9:16", "1:1")
QUALITIES: Final = {Mode.STD: "std (720p)", Mode.PRO: "pro (1080p)"}

_RATIOS: Final = [app_commands.Choice(name=ratio, value=ratio) for ratio in RATIOS]
_QUALITIES: Final = [app_commands.Choice(name=name, value=mode.value) for mode, name in QUALITIES.items()]
_MODES: Final = [app_commands.Choice(name=mode.value, value=mode.value) for mode in Mode]
_MODE_WORDS: Final = "std is faster and cheaper, pro is sharper"

Length: TypeAlias = Annotated[int | None, Option("How many seconds long")]
Shape: TypeAlias = Annotated[str | None, Option("Wide, tall or square", _RATIOS)]
Quality: TypeAlias = Annotated[str | None, Option(_MODE_WORDS, _QUALITIES)]
PlainMode: TypeAlias = Annotated[str | None, Option(_MODE_WORDS, _MODES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """The defaults for videos."""

    model: Annotated[str | None, Option("Which model makes your videos")] = None
    duration: Length = None
    aspect_ratio: Shape = None
    mode: PlainMode = None
    audio: Annotated[bool | None, Option("Whether they have sound")] = None

    def preferences(self, catalog: Catalog) -> Preferences:
        """Raise ModelUnknown."""
        found = None if self.model is None else catalog.find(self.model)
        if self.model is not None and found is None:
            raise ModelUnknown(self.model, catalog)
        return Preferences(
            model=found.family if found else None,
            duration_seconds=self.duration,
            aspect_ratio=self.aspect_ratio,
            mode=self.mode,
            audio=self.audio,
        )


def suggested_models(catalog: Catalog, typed: str) -> list[app_commands.Choice[str]]:
    """Suggest from the catalogue alone: no network, so it is always in time."""
    wanted = typed.casefold()
    titles = {model.family: f"{model.title} ({model.name})" for model in reversed(list(catalog))}
    found = [
        app_commands.Choice(name=title, value=family)
        for family, title in sorted(titles.items())
        if wanted in f"{title} {family}".casefold()
    ]
    return found[:MOST_CHOICES]
