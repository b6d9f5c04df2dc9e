"""The page on which a linked video plays, and the tags by which Discord shows the video in a message."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from importlib.resources import files
from string import Template
from typing import Final

from core.model.video import Mode, VideoRequest

LONGEST_TITLE: Final = 200

_FILES: Final = files("web")
_TEMPLATE: Final = Template(_FILES.joinpath("page.html").read_text(encoding="utf-8"))
_STYLE: Final = _FILES.joinpath("page.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_SHORT_SIDES: Final = {Mode.STD: 720, Mode.PRO: 1080, None: 1080}

POLICY: Final = (
    f"default-src 'none'; media-src 'self'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may do with the page: show its one style, play a video from here, nothing else."""


def page(request: VideoRequest, address: str) -> str:
    """Write the page of a video whose link is `address`."""
    width, height = sides(request)
    return _TEMPLATE.substitute(
        title=escape(_title(request)),
        page=escape(address),
        file=escape(f"{address}.mp4"),
        # Relative, so that it also plays where a visitor reaches the server under another name.
        source=escape(f"{address.rpartition('/')[2]}.mp4"),
        width=width,
        height=height,
        style=_STYLE,
    )


def sides(request: VideoRequest) -> tuple[int, int]:
    """Return the width and height that a video will have, for a player that has not seen it yet."""
    across, _, down = request.aspect_ratio.partition(":")
    short = _SHORT_SIDES[request.mode]
    if not across.isdecimal() or not down.isdecimal() or 0 in {int(across), int(down)}:
        return short * 16 // 9, short
    shorter = min(int(across), int(down))
    return short * int(across) // shorter, short * int(down) // shorter


def _title(request: VideoRequest) -> str:
    words = " ".join(request.prompt.split()) or "A video"
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1]}…"
