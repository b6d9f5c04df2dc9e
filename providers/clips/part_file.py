"""A file that appears under its name only when it is whole and on the disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from core.model.video import StoredVideo
from providers.clips import mp4

_FOR_ITS_OWNER = 0o600


class PartFile:
    """Writes beside `path`, under a name that ends in `.part`.

    Making the object opens the file; leaving the context discards what is unfinished.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f"{path.name}.part")
        self._digest = hashlib.sha256()
        descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FOR_ITS_OWNER)
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)

    def finish(self, *, is_cut: bool = False) -> StoredVideo:
        """Prove the MP4 and give it its name, durably. Raise NotWhole or OSError.

        `is_cut` means that more bytes might have followed.
        """
        self._file.flush()
        mp4.prove(self._part, is_cut=is_cut)
        os.fsync(self._file.fileno())
        size = os.fstat(self._file.fileno()).st_size
        self._part.replace(self._path)
        _sync_folder(self._path.parent)
        return StoredVideo(file=self._path.name, size=size, sha256=self._digest.hexdigest())


def _sync_folder(folder: Path) -> None:
    """Make a new name survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
