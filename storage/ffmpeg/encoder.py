"""Makes clips smaller with ffmpeg as a child process, so that a bad file can bring down only that process."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from core.model.video import StoredVideo
from storage.ffmpeg import encode_plan
from storage.ffmpeg.encode_plan import EncodePlan
from storage.ffmpeg.subprocess import ChildLimits, run
from storage.files.durable import part_of, rename

log = logging.getLogger(__name__)

SECONDS: Final = 150.0
"""How long one clip may take, all attempts together."""

_LOOKING: Final = ChildLimits(seconds=20, memory=2**30, written=2**20)
_MEMORY: Final = 3 * 2**30
_MARGIN: Final = 2**16


class FfmpegEncoder:
    """`core.ports.Encoder` with the system's ffmpeg, or the one that `imageio-ffmpeg` carries.

    ffmpeg opens local files only, takes its input for an MP4 and nothing else, and is bounded in time, memory
    and what it writes.
    """

    def __init__(self, program: str | None = None) -> None:
        self._program = program or find_ffmpeg()

    async def fit(self, source: Path, into: Path, *, limit: int) -> StoredVideo | None:
        if self._program is None:
            return None
        try:
            async with asyncio.timeout(SECONDS):
                return await self._fit(self._program, source, into, limit)
        except (OSError, TimeoutError) as error:
            log.warning("a clip was not made smaller", extra={"clip": source.name, "why": repr(error)})
            return None

    async def _fit(self, program: str, source: Path, into: Path, limit: int) -> StoredVideo | None:
        looked = await run([program, *encode_plan.LOOK, f"file:{source}"], _LOOKING)
        known = encode_plan.read(looked.said)
        for recipe in encode_plan.plans(known, limit) if known else ():
            video = await _encode(program, source, into, recipe)
            if video is not None and video.size <= limit:
                return video
        await asyncio.to_thread(into.unlink, missing_ok=True)
        log.info("a clip cannot be made small enough", extra={"clip": source.name, "limit": limit})
        return None


async def _encode(program: str, source: Path, into: Path, recipe: EncodePlan) -> StoredVideo | None:
    """Encode once. The part file's name is new each time: an earlier child may still write to its own."""
    part = part_of(into, is_shared=True)
    bounds = ChildLimits(seconds=SECONDS, memory=_MEMORY, written=recipe.limit + _MARGIN)
    try:
        done = await run([program, *encode_plan.command(source, part, recipe)], bounds)
        if done.status != 0:
            log.info("ffmpeg failed", extra={"status": done.status, "said": done.said[-300:]})
            return None
        return await asyncio.to_thread(_keep, part, into)
    finally:
        part.unlink(missing_ok=True)


def _keep(part: Path, into: Path) -> StoredVideo:
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = os.fstat(file.fileno()).st_size
    rename(part, into)
    return StoredVideo(file=into.name, size=size, sha256=digest)


def find_ffmpeg() -> str | None:
    """Find ffmpeg: the system's, or the one that comes with a Python package."""
    if program := shutil.which("ffmpeg"):
        return program
    if find_spec("imageio_ffmpeg") is None:
        return None
    try:
        return str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except RuntimeError:
        return None
