"""The links to clips that were given out, in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from core.delivery.signed_links import TOO_LONG, SharedLink
from storage.sqlite.batch_writer import Row
from storage.sqlite.database import Database
from storage.sqlite.rows import micros, moment

_ADD: Final = "INSERT INTO shared_links (file_id, job_id, expires_at) VALUES (?, ?, ?)"
_FORGET: Final = "DELETE FROM shared_links WHERE job_id = ? AND expires_at NOT BETWEEN ? AND ?"
_GET: Final = "SELECT file_id, job_id, expires_at FROM shared_links WHERE file_id = ?"
_LATEST: Final = """
SELECT file_id, job_id, expires_at FROM shared_links WHERE job_id = ? ORDER BY expires_at DESC LIMIT 1
"""
_WITHDRAW: Final = "DELETE FROM shared_links WHERE job_id = ?"


class SqliteSharedLinks:
    """`core.delivery.signed_links.SharedLinks` in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, link: SharedLink, now: datetime) -> None:
        await self._database.rows(_FORGET, (link.job_id, micros(now), micros(now + TOO_LONG)))
        await self._database.rows(_ADD, (link.file_id, link.job_id, micros(link.expires_at)))

    async def get(self, file_id: bytes) -> SharedLink | None:
        return _first(await self._database.rows(_GET, (file_id,)))

    async def latest(self, job_id: int) -> SharedLink | None:
        return _first(await self._database.rows(_LATEST, (job_id,)))

    async def withdraw(self, job_id: int) -> None:
        await self._database.rows(_WITHDRAW, (job_id,))


def _first(rows: list[Row]) -> SharedLink | None:
    if not rows:
        return None
    file_id, job_id, expires_at = rows[0]
    return SharedLink(file_id, job_id, moment(expires_at))
