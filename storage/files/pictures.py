"""The folder of members' pictures, each stored once under the name of its content."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

from core.model.errors import StoreFull
from core.ports import PictureFile
from core.requests.stored_pictures import file_of, name_of
from storage.files.durable import make_folder, rewrite


class FolderPictures:
    """`core.requests.stored_pictures.PictureStore` in a private folder, made where it is missing.

    A file's time of change is when the picture was last used.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_folder(folder)

    async def keep(self, picture: PictureFile) -> str:
        name = name_of(hashlib.sha256(picture.data).hexdigest(), picture.extension)
        if not await self.use(name):
            try:
                await asyncio.to_thread(_write, self.path(name), picture.data)
            except OSError as error:
                raise StoreFull(f"a picture cannot be written ({error.strerror})") from error
        return name

    async def use(self, name: str) -> bool:
        return await asyncio.to_thread(_touch, self.path(name))

    async def read(self, name: str) -> bytes | None:
        path = self.path(name)
        return await asyncio.to_thread(path.read_bytes) if await self.use(name) else None

    async def discard(self, name: str) -> None:
        await asyncio.to_thread(self.path(name).unlink, missing_ok=True)

    async def sweep(self, unused_since: datetime) -> int:
        """Remove what has not been used since then; return how many pictures were removed."""
        return await asyncio.to_thread(_swept, self.folder, unused_since)

    def path(self, name: str) -> Path:
        """Where a picture is, or would be."""
        file = file_of(name)
        if file is None:
            raise ValueError("that is no name of a picture")
        return self.folder / file


def _touch(path: Path) -> bool:
    try:
        os.utime(path)
    except OSError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    rewrite(path, data, is_shared=True)


def _swept(folder: Path, unused_since: datetime) -> int:
    old = [path for path in folder.iterdir() if path.is_file() and _used_at(path) < unused_since]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _used_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)  # renamed at this very moment
