from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.model.errors import StoreUnusable
from core.model.job import LEGAL_MOVES
from storage.sqlite.database import Database, open_database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.migrate import Migration, backups, shipped_migrations
from tests.contracts.examples import queued

SHIPPED = shipped_migrations()
LATEST = SHIPPED[-1].number


def next_step(script: str) -> list[Migration]:
    """Every step there is, and one more."""
    return [*SHIPPED, Migration(LATEST + 1, "a_step_of_this_test.sql", script)]


def looked_up(path: Path, question: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question).fetchall()


async def test_the_database_knows_the_same_moves_as_core(database: Database) -> None:
    allowed = await database.rows("SELECT before, after FROM allowed")

    assert set(allowed) == {(before, after) for before, afters in LEGAL_MOVES.items() for after in afters}


def test_steps_are_numbered_without_a_gap() -> None:
    assert [step.number for step in SHIPPED] == list(range(1, len(SHIPPED) + 1))


async def test_a_new_file_has_the_latest_version_and_needs_no_backup(path: Path) -> None:
    async with open_database(path) as database:
        assert await database.rows("PRAGMA user_version") == [(LATEST,)]

    assert not backups(path).exists()


async def test_a_step_keeps_what_is_there_and_leaves_a_copy_of_it_as_it_was(path: Path) -> None:
    async with open_database(path) as database:
        await SqliteJobStore(database).admit(queued(1))

    async with open_database(path, migrations=next_step("CREATE TABLE votes (id INTEGER)")) as database:
        assert await SqliteJobStore(database).get(1) == queued(1)
        assert await database.rows("SELECT count(*) FROM votes") == [(0,)]

    (copy,) = backups(path).iterdir()
    assert looked_up(copy, "PRAGMA user_version") == [(LATEST,)]
    assert looked_up(copy, "SELECT id FROM jobs") == [(1,)]


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE votes (id INTEGER); INSERT INTO nowhere VALUES (1);",
        "DELETE FROM jobs; this is not SQL;",
        "CREATE TRIGGER half AFTER INSERT ON jobs BEGIN DELETE FROM jobs;",
    ],
)
async def test_a_step_that_fails_half_way_leaves_nothing_behind(path: Path, script: str) -> None:
    async with open_database(path) as database:
        await SqliteJobStore(database).admit(queued(1))

    with pytest.raises(StoreUnusable, match="Nothing was lost"):
        async with open_database(path, migrations=next_step(script)):
            pass

    async with open_database(path) as database:
        assert await SqliteJobStore(database).get(1) == queued(1)
        assert await database.rows("PRAGMA user_version") == [(LATEST,)]
        assert await database.rows("SELECT name FROM sqlite_schema WHERE name IN ('votes', 'half')") == []


async def test_a_step_that_failed_may_be_tried_again(path: Path) -> None:
    async with open_database(path):
        pass

    with pytest.raises(StoreUnusable):
        async with open_database(path, migrations=next_step("not SQL")):
            pass
    async with open_database(path, migrations=next_step("CREATE TABLE votes (id INTEGER)")) as database:
        assert await database.rows("PRAGMA user_version") == [(LATEST + 1,)]


async def test_a_file_of_a_newer_version_is_refused_and_not_touched(path: Path) -> None:
    async with open_database(path, migrations=next_step("CREATE TABLE votes (id INTEGER)")):
        pass
    content = path.read_bytes()

    with pytest.raises(StoreUnusable, match=rf"version {LATEST + 1}, .* knows up to {LATEST}\. Install"):
        async with open_database(path):
            pass
    assert path.read_bytes() == content


async def test_without_a_backup_nothing_is_changed(path: Path) -> None:
    async with open_database(path):
        pass
    backups(path).write_text("in the way")

    with pytest.raises(StoreUnusable, match="Nothing was changed"):
        async with open_database(path, migrations=next_step("CREATE TABLE votes (id INTEGER)")):
            pass
    assert looked_up(path, "PRAGMA user_version") == [(LATEST,)]
