"""Options written into a prompt: `a paper boat --ar 9:16 --pro`.

A flag is never sent as part of the prompt: a wrong one is answered with what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.model.errors import FlagUnknown, FlagWrong
from core.model.video import Draft

MOST_AT_ONCE: Final = 4

_ALIASES: Final = {"ar": "aspect_ratio", "aspect-ratio": "aspect_ratio", "dur": "duration"}
_BARE: Final[Mapping[str, Mapping[str, Any]]] = {
    "pro": {"mode": "pro"},
    "std": {"mode": "std"},
    "audio": {"audio": True},
    "no-audio": {"audio": False},
    "private": {"is_private": True},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The values of a prompt's flags; None where there is no such flag.

    `count` and `is_private` are about the order rather than about the video.
    """

    aspect_ratio: str | None = None
    duration_seconds: int | None = None
    mode: str | None = None
    model: str | None = None
    audio: bool | None = None
    count: int | None = None
    is_private: bool | None = None


def split(prompt: str) -> tuple[str, Flags]:
    """Take the flags out of a prompt; without any it stays as it is. Raise FlagUnknown or FlagWrong."""
    if not _FLAG.search(prompt):
        return prompt, Flags()
    flags = Flags()
    words: list[str] = []
    position = 0
    for match in _FLAG.finditer(prompt):
        words.append(prompt[position : match.start()])
        name = match["name"].lower()
        if name in _BARE:
            if match["sign"]:
                raise FlagWrong(f"--{name}", match["value"], "no value")
            flags, position = replace(flags, **_BARE[name]), match.end("name")
        else:
            flags, position = replace(flags, **_read(name, match["value"])), match.end()
    words.append(prompt[position:])
    return re.sub(r"[ \t]{2,}", " ", "".join(words)).strip(), flags


def with_flags(draft: Draft) -> Draft:
    """Move the flags of the draft's prompt into its options; an option that was given separately wins."""
    prompt, flags = split(draft.prompt)
    if prompt is draft.prompt:
        return draft
    return replace(
        draft,
        prompt=prompt,
        model=draft.model or flags.model,
        duration_seconds=flags.duration_seconds if draft.duration_seconds is None else draft.duration_seconds,
        aspect_ratio=draft.aspect_ratio or flags.aspect_ratio,
        mode=draft.mode or flags.mode,
        audio=flags.audio if draft.audio is None else draft.audio,
    )


def _read(name: str, value: str | None) -> Mapping[str, Any]:
    field = _ALIASES.get(name, name)
    if field not in _VALUED:
        raise FlagUnknown(f"--{name}", KNOWN)
    key, allowed, reader = _VALUED[field]
    read = None if value is None else reader(value)
    if read is None:
        raise FlagWrong(f"--{name}", value, allowed)
    return {key: read}


def _ratio(value: str) -> str | None:
    return value if re.fullmatch(r"\d{1,2}:\d{1,2}", value, re.ASCII) else None


def _seconds(value: str) -> int | None:
    match = re.fullmatch(r"(\d{1,3})s?", value, re.ASCII)
    return int(match[1]) if match else None


def _mode(value: str) -> str | None:
    return value.lower() if value.lower() in {"std", "pro"} else None


def _count(value: str) -> int | None:
    return int(value) if value in {str(count) for count in range(1, MOST_AT_ONCE + 1)} else None


_VALUED: Final[Mapping[str, tuple[str, str, Callable[[str], object]]]] = {
    "aspect_ratio": ("aspect_ratio", "a ratio such as 16:9, 9:16 or 1:1", _ratio),
    "duration": ("duration_seconds", "a number of seconds", _seconds),
    "mode": ("mode", "std or pro", _mode),
    "model": ("model", "the name of a model", str),
    "count": ("count", f"a number from 1 to {MOST_AT_ONCE}", _count),
}
KNOWN: Final = (
    *("--ar", "--duration", "--mode", "--pro", "--std"),
    *("--model", "--audio", "--no-audio", "--count", "--private"),
)
_NAMES: Final = "|".join([*_BARE, *_ALIASES, "duration", "mode", "model", "count"])
# Phones turn two hyphens into one long dash, which is a flag only before a name that we know.
_FLAG: Final = re.compile(
    rf"(?:^|(?<=\s))(?:--|—(?=(?i:{_NAMES})\b))(?P<name>[A-Za-z][^\s=,.;:!?]*)"
    r"(?:(?P<sign>=)?\s*(?<=[\s=])(?P<value>(?!--|—)\S+))?"
)
