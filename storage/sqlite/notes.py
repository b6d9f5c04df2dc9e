"""The program's small notes about itself, in the database."""

from __future__ import annotations

from typing import Final

from storage.sqlite.database import Database

_REMEMBER: Final = """
INSERT INTO notes (key, value) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""

_KEYS: Final = "SELECT key FROM notes WHERE key BETWEEN ?1 AND ?1 || char(0x10FFFF)"


class SqliteKeyValues:
    """`core.ports.KeyValueStore` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, key: str) -> str | None:
        rows = await self._database.rows("SELECT value FROM notes WHERE key = ?", (key,))
        return rows[0][0] if rows else None

    async def remember(self, key: str, value: str) -> None:
        await self._database.rows(_REMEMBER, (key, value))

    async def forget(self, key: str) -> None:
        await self._database.rows("DELETE FROM notes WHERE key = ?", (key,))

    async def keys(self, beginning: str) -> list[str]:
        rows = await self._database.rows(_KEYS, (beginning,))
        return [key for (key,) in rows]
