"""Opens the SQLite file: one process, one connection, every commit on the disk before it counts."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, cast

import aiosqlite

from core.model.errors import StoreError, StoreFull, StoreUnusable
from storage.files import database_copy, durable
from storage.files.presence import Presence
from storage.files.process_lock import hold, hold_file, identity_of, let_go
from storage.sqlite.batch_writer import BatchWriter, Row
from storage.sqlite.errors import damage_error, primary_code, translate
from storage.sqlite.migrate import Migration, migrate, shipped_migrations

log = logging.getLogger(__name__)

LEAST_SQLITE: Final = (3, 38, 0)
"""The first version with `->>` built in."""

PRAGMAS: Final[Mapping[str, tuple[str, object]]] = {
    # name: what is set, what is then read back
    "journal_mode": ("WAL", "wal"),
    "synchronous": ("FULL", 2),  # a power cut must not forget that a paid request was sent
    "busy_timeout": ("5000", 5000),
    "foreign_keys": ("ON", 1),
    "secure_delete": ("ON", 1),  # most of what was erased is gone at once, before the file is vacuumed
    "temp_store": ("MEMORY", 2),
    "wal_autocheckpoint": ("1000", 1000),
    "journal_size_limit": ("67108864", 67108864),
}

_IN_A_ROW: Final = re.compile(r"(CHECK constraint failed in|NULL value in) jobs\b")
"""SQLite's errors for a row with an impossible value: the file is sound, and that job is set aside."""

_UNREADABLE: Final = "Could not decode to UTF-8"
_TRIES: Final = 3
"""How often a statement waits for `busy_timeout` before the file counts as locked."""

# At DEBUG it would log statements with their parameters, prompts and links among them.
logging.getLogger("aiosqlite").setLevel(logging.INFO)


class Database:
    """An open database. Each call is one statement, which commits by itself.

    So no cancelled caller leaves a transaction open, and no statement joins another caller's.
    `rows` runs a statement; `write` hands one line to a statement that takes many (`BatchWriter.write`).
    """

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self.path = path
        self._connection = connection
        self._identity = identity_of(path)
        self._is_lost = False
        self._locks: list[int] = []
        self._is_open = asyncio.Event()
        self._is_open.set()
        self._writer = BatchWriter(self.rows)
        self.write = self._writer.write

    async def rows(self, statement: str, parameters: Row = ()) -> list[Row]:
        """Run one statement. Raise StoreFull if nothing can be written, StoreUnusable on damage."""
        try:
            return await self._patiently(statement, parameters)
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            raise translate(error, self.path) from error

    async def vacuum(self) -> bool:
        """Write the file again, without what was deleted from it; other statements wait meanwhile.

        Return False where another program reads the old content: it has to be done again. Raise StoreFull.
        """
        folder = str(self.path.absolute().parent).replace("'", "''")
        await self.rows(f"PRAGMA temp_store_directory = '{folder}'")
        await self.rows("PRAGMA temp_store = FILE")
        try:
            await self.rows("VACUUM")
        finally:
            await self.rows("PRAGMA temp_store = MEMORY")
            await self.rows("PRAGMA temp_store_directory = ''")  # it counts for the whole process
        ((is_busy, *_),) = await self.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        return not is_busy

    async def look(self) -> Presence:
        """Write the file again where it was removed or replaced: the open file still has all of it.

        Other statements wait meanwhile. If that fails nothing is written any more: it would be lost with
        the process.
        """
        has_its_name = await asyncio.to_thread(identity_of, self.path) == self._identity
        if has_its_name and not self._is_lost:
            return Presence.THERE
        self._is_open.clear()
        try:
            await self._connection.execute_fetchall("PRAGMA query_only = OFF")
            if not has_its_name:
                await self._replace_file()
        except (OSError, sqlite3.Error, StoreError) as error:
            await self._keep_from_writing(error)
            return Presence.GONE
        finally:
            self._is_open.set()
        self._is_lost = False
        return Presence.RESTORED

    async def _keep_from_writing(self, why: Exception) -> None:
        if not self._is_lost:
            log.warning("the database cannot be written anew", extra={"why": str(why)})
        self._is_lost = True
        with suppress(sqlite3.Error):
            await self._connection.execute_fetchall("PRAGMA query_only = ON")

    async def _replace_file(self) -> None:
        """Copy what is open to the disk, and go on with the copy, which is locked before it has the name."""
        part = durable.part_of(self.path)
        await asyncio.to_thread(database_copy.make_room, part)
        await self._connection.execute_fetchall("VACUUM INTO ?", (str(part),))
        lock = await asyncio.to_thread(database_copy.put_in_place, part, self.path)
        self._locks.append(lock)
        before, self._connection = self._connection, await _connected(self.path, "rw")
        self._identity = identity_of(self.path)
        self._connection.text_factory = before.text_factory
        for name, (value, _) in PRAGMAS.items():
            await self._connection.execute_fetchall(f"PRAGMA {name} = {value}")
        with suppress(sqlite3.Error):
            await before.close()

    async def close(self) -> None:
        """Finish what was begun, then close. The connection's thread ends in any case."""
        try:
            await self._writer.close()
        finally:
            await self._connection.close()
            for lock in self._locks:
                let_go(lock)

    async def _patiently(self, statement: str, parameters: Row) -> list[Row]:
        """Give another program that locks the file time to finish."""
        for _ in range(_TRIES - 1):
            try:
                return await self._once(statement, parameters)
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY:
                    raise
        return await self._once(statement, parameters)

    async def _once(self, statement: str, parameters: Row) -> list[Row]:
        # One hop to the connection's thread, which runs the statement to its end and commits it.
        # Two (execute, then fetch) would leave a cancelled caller's statement unfinished.
        if not self._is_open.is_set():
            await self._is_open.wait()
        try:
            rows = await self._connection.execute_fetchall(statement, parameters)
        except sqlite3.OperationalError as error:
            if _UNREADABLE not in str(error):
                raise
            log.warning("the database holds text that is none; it is read with signs in its place")
            self._connection.text_factory = _readable
            rows = await self._connection.execute_fetchall(statement, parameters)
        return cast("list[Row]", rows)


def _readable(text: bytes) -> str:
    return text.decode("utf-8", "replace")


@asynccontextmanager
async def open_database(
    path: Path, *, migrations: Sequence[Migration] | None = None
) -> AsyncGenerator[Database, None]:
    """Open the database of a running bot, new or old, and bring it up to date.

    Raise StoreUnusable, for the operator, if another process has it, if it is damaged or newer than
    this program, or if the folder cannot be written.
    """
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise StoreUnusable(f"SQLite {sqlite3.sqlite_version} is too old: Matinee needs 3.38 or newer.")
    with hold(path), hold_file(path):
        connection = await _connected(path, "rw")
        database = Database(connection, path)
        try:
            await _prepare(database)
            await migrate(connection, path, shipped_migrations() if migrations is None else migrations)
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def open_for_reading(path: Path) -> AsyncGenerator[Database, None]:
    """Open a database beside the bot that runs on it: nothing is written, locked or brought up to date."""
    connection = await _connected(path, "ro")
    database = Database(connection, path)
    try:
        yield database
    finally:
        await database.close()


async def _connected(path: Path, mode: str) -> aiosqlite.Connection:
    try:
        address = f"{path.absolute().as_uri()}?mode={mode}"  # noqa: ASYNC240 - once, before anything runs
        sqlite3.connect(address, uri=True).close()  # before a thread is made that would outlive a failure
        return await aiosqlite.connect(address, uri=True, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnusable(f"{path} cannot be opened: {error}. Nothing was changed.") from error


async def _prepare(database: Database) -> None:
    try:
        await _set_pragmas(database)
    except StoreFull as error:
        raise StoreUnusable(
            f"{database.path} cannot be written ({error.__cause__}). Nothing was changed. Make room on the "
            "disk, give the file to the user that runs Matinee, or end the program that locks it; then start "
            "again."
        ) from error
    findings = [str(finding) for (finding,) in await database.rows("PRAGMA quick_check")]
    if grave := [finding for finding in findings if finding != "ok" and not _IN_A_ROW.match(finding)]:
        raise damage_error(database.path, grave[0])


async def _set_pragmas(database: Database) -> None:
    for name, (value, expected) in PRAGMAS.items():
        await database.rows(f"PRAGMA {name} = {value}")
        ((found,),) = await database.rows(f"PRAGMA {name}")
        if found != expected:
            raise StoreUnusable(
                f"{database.path} cannot be used safely: {name} is {found} instead of {expected}. "
                "Keep it on a local disk, not on a network drive."
            )
