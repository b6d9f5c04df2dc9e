from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest

from core.model.errors import StoreError, StoreFull
from storage.maintenance.backup import backup, check
from storage.sqlite.database import Database, open_database
from storage.sqlite.jobs import SqliteJobStore
from tests.contracts.examples import NOON, queued


async def test_a_backup_of_a_running_bot_is_a_whole_database(database: Database, tmp_path: Path) -> None:
    store = SqliteJobStore(database)
    for n in range(50):
        await store.admit(queued(n))
    copy = tmp_path / "backups" / "copy.db"

    moves = [store.move(queued(n), queued(n).submitting("anyint", NOON)) for n in range(50)]
    await asyncio.gather(backup(database, copy), *moves)

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    async with open_database(copy) as restored:
        assert await check(restored) == []
        assert len([job async for job in SqliteJobStore(restored).pending()]) == 50


async def test_a_backup_replaces_nothing(database: Database, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")

    with pytest.raises(StoreError, match="exists already"):
        await backup(database, copy)
    assert copy.read_text() == "precious"


async def test_a_backup_that_cannot_be_written_leaves_nothing_behind(
    database: Database, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(StoreFull, match="Name another file"):
        await backup(database, tmp_path / "file" / "copy.db")
    assert not list(tmp_path.rglob("*.part"))


async def test_a_check_names_what_is_wrong(database: Database) -> None:
    await SqliteJobStore(database).admit(queued(1))
    assert await check(database) == []
    await database.rows("PRAGMA ignore_check_constraints = ON")
    await database.rows("DROP TRIGGER jobs_event")
    await database.rows("UPDATE jobs SET state = 'NOWHERE', version = 1")
    await database.rows("PRAGMA ignore_check_constraints = OFF")

    assert await check(database) == ["CHECK constraint failed in jobs"]
