"""A mark beside the database that says how far it had come: an older copy in its place is known by it."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from storage import durable
from storage.database import Database
from storage.notes import SqliteNotes
from storage.schema import IS_COPY

MARK: Final = "progress.json"
_DATABASE: Final = "database"
_LAST_LINE: Final = "SELECT coalesce(max(line), 0) FROM job_events"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Progress:
    """Which database it was, and the last line of its history."""

    database: str
    line: int


class ProgressMark:
    """The mark is written after what it speaks of is on the disk, so it is never ahead of the database.

    A crash, a kill or a power cut leaves it where it was or behind; only a database that was put back is
    behind it.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._notes = SqliteNotes(database)
        self._path = folder / MARK
        self._written: _Progress | None = None

    async def is_put_back(self) -> bool:
        """Whether the database is a copy, older than what was here last, or another one."""
        if await self._notes.recall(IS_COPY) is not None:
            return True
        mark = await asyncio.to_thread(_read, self._path)
        if mark is None:
            return False
        return await self._notes.recall(_DATABASE) != mark.database or await self._line() < mark.line

    async def begin(self) -> None:
        """Mark this database from now on. What follows from its being put back has been noted before."""
        if await self._notes.recall(_DATABASE) is None or await self.is_put_back():
            await asyncio.to_thread(self._path.unlink, missing_ok=True)  # it speaks of another one
            await self._notes.remember(_DATABASE, uuid4().hex)
        await self._notes.forget(IS_COPY)
        await self.write()

    async def write(self) -> None:
        """Put the mark where the database is by now. A mark that cannot be written stays behind."""
        progress = _Progress(await self._notes.recall(_DATABASE) or "", await self._line())
        if progress == self._written:
            return
        try:
            await asyncio.to_thread(_write, self._path, progress)
        except OSError as error:
            log.warning("how far the database is was not noted", extra={"why": str(error)})
        else:
            self._written = progress

    async def _line(self) -> int:
        ((line,),) = await self._database.rows(_LAST_LINE)
        return int(line)


def _read(path: Path) -> _Progress | None:
    """Read the mark; None where there is none, or where nobody can read it."""
    try:
        return _Progress(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(path: Path, progress: _Progress) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    durable.append(part, json.dumps(asdict(progress)).encode())
    durable.rename(part, path)
