from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.model.errors import StoreFull, StoreUnusable
from core.model.job import LEGAL_MOVES, JobState
from core.model.limits import Admitted
from storage.maintenance.backup import backup
from storage.sqlite.database import PRAGMAS, Database, open_database, open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.migrate import backups
from storage.sqlite.notes import SqliteKeyValues
from tests.contracts.examples import in_state, queued


async def test_every_pragma_holds(database: Database) -> None:
    for name, (_, expected) in PRAGMAS.items():
        assert await database.rows(f"PRAGMA {name}") == [(expected,)]


async def test_what_was_committed_survives_a_power_cut(database: Database) -> None:
    assert await database.rows("PRAGMA journal_mode") == [("wal",)]
    assert await database.rows("PRAGMA synchronous") == [(2,)], "with less than FULL the last may be gone"


async def test_a_pragma_that_does_not_hold_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sqlite.database.PRAGMAS", {"synchronous": ("OFF", 2)})

    with pytest.raises(StoreUnusable, match="synchronous is 0 instead of 2"):
        async with open_database(path):
            pass


async def test_a_file_that_cannot_be_written_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "storage.sqlite.database.PRAGMAS", {"query_only": ("ON", 1), "application_id": ("7", 7)}
    )

    with pytest.raises(StoreUnusable, match=r"readonly database\)\. Nothing was changed"):
        async with open_database(path):
            pass


async def test_a_sqlite_that_is_too_old_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.sqlite.database.LEAST_SQLITE", (99, 0, 0))

    with pytest.raises(StoreUnusable, match="is too old"):
        async with open_database(path):
            pass


async def test_a_database_is_its_owners_alone(database: Database, path: Path) -> None:
    await SqliteKeyValues(database).remember("a", "b")

    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "matinee.db"

    async with open_database(path):
        pass

    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_what_was_written_is_there_after_opening_again(path: Path) -> None:
    async with open_database(path) as database:
        await SqliteJobStore(database).admit(queued(1))

    async with open_database(path) as database:
        assert await SqliteJobStore(database).get(1) == queued(1)


async def test_a_folder_that_cannot_be_written_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    with pytest.raises(StoreUnusable, match=r"cannot be written .* name another in MATINEE_DATA_DIR"):
        async with open_database(tmp_path / "file" / "matinee.db"):
            pass


@pytest.mark.parametrize("spoil", [0, 2 * 4096])
async def test_a_damaged_file_is_refused_and_kept(path: Path, spoil: int) -> None:
    async with open_database(path) as database:
        await SqliteJobStore(database).admit(queued(1))
    content = bytearray(path.read_bytes())
    content[spoil : spoil + 4096] = b"\x5a" * 4096
    path.write_bytes(content)

    with pytest.raises(
        StoreUnusable, match=r"is damaged .* Nothing was deleted.*/backups holds nothing\) to"
    ):
        async with open_database(path):
            pass
    assert path.read_bytes() == content


async def test_a_damaged_file_is_reported_with_the_newest_copy(path: Path) -> None:
    async with open_database(path) as database:
        for number, name in enumerate(["older.db", "newest.db", "old.db"]):
            await backup(database, backups(path) / name)
            os.utime(backups(path) / name, (number % 2, number % 2))
    path.write_bytes(b"this was never a database" * 400)

    with pytest.raises(StoreUnusable, match=rf"copy {backups(path)}/newest\.db, the newest copy there, to"):
        async with open_database(path):
            pass


def test_a_start_that_failed_does_not_keep_the_process_alive(path: Path) -> None:
    path.write_bytes(b"this was never a database" * 400)
    program = f"""
import asyncio, pathlib
from storage.sqlite.database import open_database
async def start():
    async with open_database(pathlib.Path({str(path)!r})):
        pass
asyncio.run(start())
"""

    command = [sys.executable, "-c", program]
    ended = subprocess.run(  # noqa: S603 - the program above
        command, capture_output=True, text=True, timeout=30, check=False
    )

    assert ended.returncode == 1
    assert "StoreUnusable" in ended.stderr


async def test_an_error_of_those_who_use_it_comes_out_as_it_is_and_closes_it(path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_database(path):
            raise ZeroDivisionError

    async with open_database(path):
        pass


async def test_closing_waits_for_what_was_handed_over(path: Path) -> None:
    async with open_database(path) as database:
        store = SqliteJobStore(database)
        admissions = [asyncio.create_task(store.admit(queued(n))) for n in range(50)]
        await asyncio.sleep(0)

    assert await asyncio.gather(*admissions) == [Admitted(queued(n)) for n in range(50)]


async def test_a_reader_sees_a_running_bots_jobs_and_writes_nothing(database: Database, path: Path) -> None:
    await SqliteJobStore(database).admit(queued(1))

    async with open_for_reading(path) as reading:
        assert await SqliteJobStore(reading).get(1) == queued(1)
        with pytest.raises(StoreFull):
            await SqliteJobStore(reading).admit(queued(2))


async def test_there_is_nothing_to_read_where_there_is_no_database(path: Path) -> None:
    with pytest.raises(StoreUnusable, match="cannot be opened"):
        async with open_for_reading(path):
            pass
    assert not path.exists()


async def test_a_full_disk_stops_admissions_until_there_is_room(database: Database) -> None:
    store = SqliteJobStore(database)
    ((pages,),) = await database.rows("PRAGMA page_count")
    await database.rows(f"PRAGMA max_page_count = {pages}")

    outcomes = await asyncio.gather(*(store.admit(queued(n)) for n in range(200)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreFull}
    assert "nothing new is bought" in str(outcomes[0])

    await database.rows("PRAGMA max_page_count = 100000")
    assert await store.admit(queued(1)) == Admitted(queued(1))


async def test_a_file_that_became_read_only_says_that_nothing_can_be_written(database: Database) -> None:
    await database.rows("PRAGMA query_only = ON")

    with pytest.raises(StoreFull):
        await SqliteKeyValues(database).remember("a", "b")


async def test_a_file_that_another_program_locks_is_waited_for(
    database: Database, other: sqlite3.Connection
) -> None:
    await database.rows("PRAGMA busy_timeout = 20")
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreFull, match="end the program that locks the file"):
        await SqliteJobStore(database).admit(queued(1))

    other.execute("ROLLBACK")
    assert await SqliteJobStore(database).admit(queued(1)) == Admitted(queued(1))


async def test_a_second_connection_finds_no_transaction_open(
    database: Database, other: sqlite3.Connection
) -> None:
    store = SqliteJobStore(database)
    for number in range(100):
        admission = asyncio.create_task(store.admit(queued(number)))
        for _ in range(1 + number % 5):
            await asyncio.sleep(0)
        admission.cancel()
        await asyncio.gather(admission, return_exceptions=True)
    await store.admit(queued(1000))  # comes after all of them

    other.execute("BEGIN IMMEDIATE")
    assert other.execute("SELECT count(*) FROM jobs").fetchone() == (101,)


async def test_the_database_itself_refuses_what_no_store_would_ask(
    database: Database, other: sqlite3.Connection
) -> None:
    await SqliteJobStore(database).admit(queued(1))

    for statement in (
        "UPDATE jobs SET state = 'DONE', version = 1 WHERE id = 1",
        "UPDATE jobs SET state = 'SUBMITTING', version = 2 WHERE id = 1",
        "UPDATE jobs SET state = 'SUBMITTING', version = 1, next_at = NULL WHERE id = 1",
        "UPDATE job_events SET actor = 'somebody else'",
        "DELETE FROM job_events",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            other.execute(statement)


async def test_the_database_refuses_every_move_that_is_not_in_the_table(
    database: Database, other: sqlite3.Connection
) -> None:
    pairs = [(before, after) for before in JobState for after in JobState]
    store = SqliteJobStore(database)
    for number, (before, _) in enumerate(pairs):
        await store.admit(in_state(number, before))

    made = [pair for number, pair in enumerate(pairs) if is_made(other, number, pair[1])]

    assert made == [(before, after) for before, after in pairs if after in LEGAL_MOVES[before]]


def is_made(connection: sqlite3.Connection, job_id: int, after: JobState) -> bool:
    """Move a job as no store would: whatever its state is."""
    try:
        connection.execute(
            "UPDATE jobs SET state = ?, version = version + 1, next_at = 1 WHERE id = ?", (after, job_id)
        )
    except sqlite3.IntegrityError:
        return False
    return True


async def test_one_who_reads_the_file_with_other_tools_finds_plain_columns(
    database: Database, path: Path
) -> None:
    await SqliteJobStore(database).admit(queued(1))

    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT state, channel_id, guild_id, request ->> 'prompt' FROM jobs")
        assert found.fetchall() == [("QUEUED", 201, 301, "a paper boat")]
