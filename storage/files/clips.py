"""The folder of stored clips."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from core.model.job import file_name
from core.model.video import StoredVideo
from storage.files.durable import make_folder


class FolderClips:
    """`core.ports.ClipStore` in a folder that only its owner can read. It is made where it is missing.

    Files made from a clip, or on the way to it, have the clip's name with an ending of its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_folder(folder)

    def path(self, job_id: int) -> Path:
        return self.folder / file_name(job_id)

    async def holds(self, job_id: int, video: StoredVideo) -> bool:
        return await asyncio.to_thread(_is_whole, self.path(job_id), video)

    def fitted(self, job_id: int) -> Path:
        clip = self.path(job_id)
        return clip.with_name(f"{clip.name}.fitted")

    async def discard_fitted(self, job_id: int) -> None:
        await asyncio.to_thread(self.fitted(job_id).unlink, missing_ok=True)

    async def discard(self, job_id: int) -> None:
        await asyncio.to_thread(_remove, self.path(job_id))


def _is_whole(path: Path, video: StoredVideo) -> bool:
    try:
        with path.open("rb") as file:
            if path.stat().st_size != video.size:
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() == video.sha256
    except OSError:
        return False


def _remove(path: Path) -> None:
    """Remove the clip, and the files beside it that bear its name."""
    for leftover in (path, *path.parent.glob(f"{path.name}.*")):
        leftover.unlink(missing_ok=True)
