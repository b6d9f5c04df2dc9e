"""An older copy in the place of the database is known for one; a crash, a kill or a power cut never is."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.maintenance.backup import backup
from storage.maintenance.progress_mark import MARK, ProgressMark
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.migrate import shipped_migrations
from tests.contracts.examples import queued


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "matinee.db"


async def run(path: Path, *job_ids: int, marks: bool = True) -> bool:
    """Let the program run once: it admits jobs. Return whether it found a database that was put back."""
    async with open_database(path) as database:
        mark = ProgressMark(database, path.parent)
        is_put_back = await mark.is_put_back()
        await mark.begin()
        for job_id in job_ids:
            await SqliteJobStore(database).admit(queued(job_id))
        if marks:
            await mark.write()
        return is_put_back


def put_back(path: Path, copy: Path) -> None:
    for file in path.parent.glob("matinee.db*"):
        file.unlink()
    shutil.copy(copy, path)


async def copied(path: Path, into: Path) -> Path:
    async with open_database(path) as database:
        await backup(database, into)
    return into


async def test_a_start_after_any_other_finds_nothing_put_back(path: Path) -> None:
    found = [await run(path, 1), await run(path, 2), await run(path), await run(path, 3, marks=False)]

    assert [*found, await run(path)] == [False] * 5


async def test_a05_a_copy_is_known_for_one_even_where_nothing_happened_since(path: Path) -> None:
    await run(path, 1)
    copy = await copied(path, path.parent / "copy.db")
    put_back(path, copy)

    assert [await run(path), await run(path)] == [True, False]


async def test_a05_a_file_that_was_copied_by_hand_is_known_by_the_mark(path: Path) -> None:
    await run(path, 1)
    copy = Path(shutil.copy(path, path.parent / "copy.db"))
    await run(path, 2)
    put_back(path, copy)

    assert [await run(path, 3), await run(path)] == [True, False]


async def test_a05_a_copy_that_went_on_by_another_way_is_known_however_far_it_came(path: Path) -> None:
    await run(path, 1)
    copy = Path(shutil.copy(path, path.parent / "copy.db"))
    await run(path, 2)
    put_back(path, copy)
    async with open_database(path) as database:  # as a command does, beside no bot
        await SqliteJobStore(database).admit(queued(3))
        await SqliteJobStore(database).admit(queued(4))

    assert [await run(path), await run(path)] == [True, False]


async def test_a05_a_database_that_was_brought_here_without_its_mark_is_a_copy(path: Path) -> None:
    await run(path, 1)
    (path.parent / MARK).unlink()

    assert [await run(path), await run(path)] == [True, False]


async def test_a_mark_of_an_earlier_version_still_counts(path: Path) -> None:
    await run(path, 1)
    mark = path.parent / MARK
    name = json.loads(mark.read_text())["database"]
    mark.write_text(json.dumps({"database": name, "line": 1}))
    found = [await run(path)]
    mark.write_text(json.dumps({"database": name, "line": 2}))

    assert [*found, await run(path)] == [False, True]


async def test_a05_going_back_twice_to_the_same_copy_is_found_twice(path: Path) -> None:
    await run(path, 1)
    copy = Path(shutil.copy(path, path.parent / "copy.db"))
    await run(path, 2)
    put_back(path, copy)
    first = await run(path, 3, 4, 5)
    put_back(path, copy)

    assert (first, await run(path)) == (True, True)


async def test_a05_going_forward_again_to_what_was_put_aside_is_found_too(path: Path) -> None:
    await run(path, 1)
    copy = Path(shutil.copy(path, path.parent / "copy.db"))
    await run(path, 2, 3, 4, 5)
    aside = Path(shutil.copy(path, path.parent / "aside.db"))
    put_back(path, copy)
    await run(path, 6)
    put_back(path, aside)

    assert await run(path) is True


async def test_a05_a_copy_of_an_older_version_is_known(path: Path) -> None:
    async with open_database(path, migrations=shipped_migrations()[:8]):
        pass
    await run(path, 1)  # brings it up to date, after a copy
    put_back(path, path.parent / "backups" / "matinee-version-8.db")

    assert await run(path) is True


async def test_a_mark_is_never_ahead_of_the_database_whenever_the_power_goes(path: Path) -> None:
    """Each state of the files between two writes is one that a power cut leaves."""
    async with open_database(path) as database:
        mark, store = ProgressMark(database, path.parent), SqliteJobStore(database)
        await mark.begin()
        for number in range(1, 12):
            await store.admit(queued(number))
            await _check_copy_of_now(path, number)
            await mark.write()
            await _check_copy_of_now(path, number + 100)


async def _check_copy_of_now(path: Path, number: int) -> None:
    folder = path.parent / str(number)
    folder.mkdir()
    for file in path.parent.glob("*"):
        if file.is_file() and not file.name.endswith((".lock", "-shm")):
            shutil.copy(file, folder / file.name)
    async with open_database(folder / path.name) as database:
        assert not await ProgressMark(database, folder).is_put_back()


ASKED_BEFORE = 3
"""Where it is cut off earlier, the next start asks once more: that does no harm."""


@pytest.mark.parametrize("step", range(5))
async def test_a_power_cut_while_it_is_looked_at_is_no_going_back_later(path: Path, step: int) -> None:
    """What `begin` does is cut off after each of its writes, as a power cut does."""
    await run(path, 1)
    copy = Path(shutil.copy(path, path.parent / "copy.db"))
    await run(path, 2)
    put_back(path, copy)
    async with open_database(path) as database:
        mark = ProgressMark(database, path.parent)
        if step >= 1:
            (path.parent / MARK).unlink()
        if step >= 2:
            await database.rows("UPDATE notes SET value = 'anew' WHERE key = 'database'")
        if step >= 3:
            await mark.begin()
        if step >= 4:
            await SqliteJobStore(database).admit(queued(3))

    found = [await run(path), await run(path)]

    assert found == [step < ASKED_BEFORE, False]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"line": 3}', '{"database": "x", "line": 1, "z": 0}'])
async def test_an_unreadable_mark_proves_nothing(path: Path, content: str) -> None:
    await run(path, 1)
    (path.parent / MARK).write_text(content)

    assert await run(path) is False


async def test_a_copy_stays_whole(path: Path) -> None:
    await run(path, 1)
    copy = await copied(path, path.parent / "copy.db")

    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("SELECT count(*) FROM jobs").fetchall() == [(1,)]
    assert [file.name for file in copy.parent.glob("copy.db*")] == ["copy.db"]
