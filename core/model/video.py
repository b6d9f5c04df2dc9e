"""What a member asks for, and what a finished clip is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

PROMPT_LIMIT = 2500
"""Characters of a prompt that Kling accepts (Kling's legacy video pages, `prompt`)."""


class Mode(StrEnum):
    """The edition of a model: `std` renders at 720p, `pro` at 1080p."""

    STD = "std"
    PRO = "pro"


class Input(StrEnum):
    """What a clip starts from. It follows from the given inputs, never from a choice of the member."""

    TEXT = "text"
    FIRST_FRAME = "first_frame"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A member's order in their own words; None for each choice that they left to us."""

    prompt: str = ""
    model: str | None = None
    duration_seconds: int | None = None
    aspect_ratio: str | None = None
    mode: str | None = None
    audio: bool | None = None
    first_frame: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoRequest:
    """A request that a model of the catalogue can make. Pictures are links that a gateway can fetch.

    `model` is the name of a family (`kling-v3`), which several gateways may offer under names of
    their own. `mode` and `audio` are None where the family leaves no choice.
    """

    model: str
    prompt: str
    duration_seconds: int
    aspect_ratio: str
    mode: Mode | None = None
    audio: bool | None = None
    first_frame: str | None = None
    reference: str | None = None

    @property
    def input(self) -> Input:
        if self.reference is not None:
            return Input.REFERENCE
        return Input.TEXT if self.first_frame is None else Input.FIRST_FRAME


_SIGNS: Final = re.compile(
    r"x-\w+-.*|.*(sig|token|expire|policy|key-pair|access|auth|credential|date|time|nonce).*"
    r"|e|t|s[etvpr]|spr|sk\w+|q-.*",
    re.IGNORECASE,
)
"""Parameters of a link that sign it: they change from answer to answer, the clip does not."""


def link_mark(url: str) -> str:
    """Return what tells one clip's link from another's and opens nothing: its signature does not count."""
    address, _, query = url.partition("#")[0].partition("?")
    named = sorted(pair for pair in query.split("&") if not _SIGNS.fullmatch(pair.partition("=")[0]))
    plain = f"{address}?{'&'.join(named)}"
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Where a gateway keeps a finished clip. `url` is None where it has to be asked for (again).

    `others` are links that are tried after it. `mark` is that of the link, and stays when the link is not
    saved. Without `is_proved` it is not certain yet that our task is finished. `model` and `seconds` are
    what the gateway says that it made.
    """

    url: str | None
    seen_at: datetime
    others: tuple[str, ...] = ()
    mark: str | None = None
    is_proved: bool = True
    model: str | None = None
    seconds: int | None = None

    def without_signature(self) -> Self:
        """Return what may be saved: a link with a query is as good as a key to the clip."""
        is_signed = self.url is not None and "?" in self.url
        mark = self.mark if self.url is None else link_mark(self.url)
        return replace(self, url=None if is_signed else self.url, others=(), mark=mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVideo:
    """A whole MP4 on our disk: its file name within the library, size in bytes, SHA-256 in hex."""

    file: str
    size: int
    sha256: str
