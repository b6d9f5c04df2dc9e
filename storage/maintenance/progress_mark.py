"""A mark beside the database that says how far it had come: it reveals an older copy in its place."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from storage.files import durable
from storage.sqlite.database import Database
from storage.sqlite.migrate import IS_COPY
from storage.sqlite.notes import SqliteKeyValues

MARK: Final = "progress.json"
_DATABASE: Final = "database"
_LAST_LINE: Final = "SELECT line, job_id, at FROM job_events ORDER BY line DESC LIMIT 1"
_LINE: Final = "SELECT job_id, at FROM job_events WHERE line = ?"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Progress:
    """Which database it was, and the last line of its history, which is 0 where nothing happened yet.

    `job_id` and `at` are in that line; marks of earlier versions have neither.
    """

    database: str
    line: int
    job_id: int | None = None
    at: int | None = None


class ProgressMark:
    """The mark is written after the line that it names is on the disk, so it is never ahead of the database.

    A crash, a kill or a power cut leaves it where it was or behind. Only a database that was put back is
    behind it, or has another line where it points to: the copy went on by itself. One that was marked once
    and lies beside no mark was brought here without it.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._notes = SqliteKeyValues(database)
        self._path = folder / MARK
        self._written: _Progress | None = None

    async def is_put_back(self) -> bool:
        """Whether the database is a copy, older than what was here last, or another one."""
        if await self._notes.recall(IS_COPY) is not None:
            return True
        name = await self._notes.recall(_DATABASE)
        if not await asyncio.to_thread(self._path.exists):
            return name is not None
        mark = await asyncio.to_thread(_read, self._path)
        return mark is not None and (name != mark.database or not await self._has(mark))

    async def begin(self) -> None:
        """Mark this database from now on. The consequences of its being put back have been noted before."""
        if await self._notes.recall(_DATABASE) is None or await self.is_put_back():
            await asyncio.to_thread(self._path.unlink, missing_ok=True)  # it belongs to another database
            await self._notes.remember(_DATABASE, uuid4().hex)
        await self._notes.forget(IS_COPY)
        await self.write()

    async def write(self) -> None:
        """Put the mark where the database is by now. A mark that cannot be written stays behind."""
        progress = await self._progress()
        if progress == self._written:
            return
        try:
            await asyncio.to_thread(_write, self._path, progress)
        except OSError as error:
            log.warning("how far the database is was not noted", extra={"why": str(error)})
        else:
            self._written = progress

    async def _progress(self) -> _Progress:
        rows = await self._database.rows(_LAST_LINE)
        return _Progress(await self._notes.recall(_DATABASE) or "", *(rows[0] if rows else (0,)))

    async def _has(self, mark: _Progress) -> bool:
        """Whether this database has come as far as the mark says, by the same way."""
        rows = await self._database.rows(_LINE, (mark.line,))
        is_told = mark.job_id is not None
        return mark.line == 0 or (bool(rows) and (not is_told or rows[0] == (mark.job_id, mark.at)))


def _read(path: Path) -> _Progress | None:
    """Read the mark; None where there is none, or none that can be read."""
    try:
        return _Progress(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write(path: Path, progress: _Progress) -> None:
    durable.rewrite(path, json.dumps(asdict(progress)).encode())
