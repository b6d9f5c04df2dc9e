"""Takes the last picture out of a clip, with ffmpeg as a child process."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

from storage.ffmpeg.encoder import find_ffmpeg
from storage.ffmpeg.subprocess import ChildLimits, run
from storage.files.durable import part_of

log = logging.getLogger(__name__)

_BOUNDS: Final = ChildLimits(seconds=30, memory=2 * 2**30, written=50_000_000)
_LAST_SECONDS: Final = ("1", "3", "3600")
"""How far before the end ffmpeg starts: some clips end with a frame that lasts long."""


class FfmpegFrames:
    """`core.requests.stored_pictures.Frames` with the same ffmpeg that makes clips smaller, one at a time."""

    def __init__(self, program: str | None = None) -> None:
        self._program = program or find_ffmpeg()
        self._turn = asyncio.Lock()

    async def last(self, clip: Path) -> bytes | None:
        if self._program is None:
            return None
        async with self._turn:
            into = part_of(clip, is_shared=True)
            try:
                return await _taken(self._program, clip, into)
            except (OSError, TimeoutError) as error:
                log.warning("no picture of a clip", extra={"clip": clip.name, "why": repr(error)})
                return None
            finally:
                into.unlink(missing_ok=True)


async def _taken(program: str, clip: Path, into: Path) -> bytes | None:
    for seconds in _LAST_SECONDS:
        done = await run(_command(program, clip, into, seconds), _BOUNDS)
        if done.status == 0 and await asyncio.to_thread(_has_content, into):
            return await asyncio.to_thread(into.read_bytes)
    return None


def _command(program: str, clip: Path, into: Path, seconds: str) -> list[str]:
    """Write each picture of the clip's end over the one before: the last one stays."""
    local = ["-hide_banner", "-nostdin", "-protocol_whitelist", "file", "-loglevel", "error"]
    given = ["-f", "mov", "-sseof", f"-{seconds}", "-i", f"file:{clip}", "-map", "0:v:0", "-threads", "2"]
    return [program, *local, *given, "-c:v", "png", "-f", "image2", "-update", "1", "-y", f"file:{into}"]


def _has_content(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
