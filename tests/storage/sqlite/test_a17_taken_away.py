"""Files and folders that are removed while the program uses them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.model.errors import StoreFull, StoreInUse
from core.ports import Reply
from storage.files.presence import Presence, keep_folder
from storage.files.reply_log import FileReplyLog
from storage.sqlite.database import Database, open_database
from storage.sqlite.notes import SqliteKeyValues

REPLY = Reply(
    provider="anyint", family="video", base_url="https://x", status=200, attempt=1, body=b'{"id":1}'
)


def removed(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replaced(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.write_bytes(b"something else")


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def with_its_journals(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def with_its_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


WAYS = (removed, moved, replaced, made_a_folder, with_its_journals, with_its_folder)


# ------------------------------------------------------------ the database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "data" / "matinee.db") as opened:
        yield opened


def read(path: Path) -> dict[str, str]:
    """Read the notes as another program does, which knows only what is on the disk."""
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict(other.execute("SELECT key, value FROM notes"))


@pytest.mark.parametrize("take_away", WAYS)
async def test_a17_a_database_that_is_removed_is_written_again(
    database: Database, take_away: Callable[[Path], None]
) -> None:
    notes = SqliteKeyValues(database)
    await notes.remember("before", "1")
    take_away(database.path)
    await notes.remember("between", "2")

    found = await database.look()
    await notes.remember("after", "3")

    assert found is Presence.RESTORED
    assert await database.look() is Presence.THERE
    assert read(database.path) == {"before": "1", "between": "2", "after": "3"}
    assert database.path.stat().st_mode & 0o777 == 0o600


async def test_a17_a_database_that_was_written_again_is_still_one_process_own(database: Database) -> None:
    database.path.unlink()
    assert await database.look() is Presence.RESTORED

    with pytest.raises(StoreInUse):
        async with open_database(database.path):
            pass


async def test_a17_what_was_written_again_outlives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "data" / "matinee.db"
    for number in range(3):
        async with open_database(path) as opened:
            await SqliteKeyValues(opened).remember(str(number), "")
            path.unlink()
            assert await opened.look() is Presence.RESTORED

    async with open_database(path) as opened:
        assert await SqliteKeyValues(opened).keys("") == ["0", "1", "2"]


async def test_a17_where_it_cannot_be_written_again_nothing_is_written_until_it_can(
    database: Database, tmp_path: Path
) -> None:
    notes = SqliteKeyValues(database)
    await notes.remember("before", "1")
    shutil.rmtree(tmp_path / "data")
    (tmp_path / "data").write_bytes(b"in the way")

    assert await database.look() is Presence.GONE
    with pytest.raises(StoreFull):
        await notes.remember("meanwhile", "2")
    assert await notes.recall("before") == "1"

    (tmp_path / "data").unlink()
    assert await database.look() is Presence.RESTORED
    await notes.remember("after", "3")
    assert read(database.path) == {"before": "1", "after": "3"}


async def test_a17_a_database_that_is_put_back_by_hand_goes_on(database: Database, tmp_path: Path) -> None:
    notes, folder = SqliteKeyValues(database), tmp_path / "data"
    folder.rename(tmp_path / "away")
    folder.write_bytes(b"in the way")
    assert await database.look() is Presence.GONE
    folder.unlink()
    (tmp_path / "away").rename(folder)

    assert await database.look() is Presence.RESTORED
    await notes.remember("after", "3")

    assert read(database.path) == {"after": "3"}


# ------------------------------------------------------------ the replies


@pytest.mark.parametrize("take_away", [way for way in WAYS if way is not with_its_journals])
async def test_a17_replies_that_are_removed_are_written_again(
    tmp_path: Path, take_away: Callable[[Path], None]
) -> None:
    path = tmp_path / "data" / "replies.log"
    path.parent.mkdir()
    log = FileReplyLog(path)
    await log.append(1, REPLY)
    take_away(path)

    await log.append(2, REPLY)

    assert (await log.last(1), await log.last(2)) == (REPLY, REPLY)
    assert await log.look() is Presence.RESTORED
    assert await log.look() is Presence.THERE
    again = FileReplyLog(path)
    assert (again.job_ids, await again.last(1), await again.last(2)) == (frozenset({1, 2}), REPLY, REPLY)


async def test_a17_replies_that_are_cut_off_are_reported_and_nothing_points_to_them(tmp_path: Path) -> None:
    log = FileReplyLog(tmp_path / "replies.log")
    for job_id in (1, 2, 3):
        await log.append(job_id, REPLY)
    os.truncate(tmp_path / "replies.log", 0)

    await log.append(4, REPLY)

    assert await log.look() is Presence.GONE
    assert log.job_ids == {4}
    assert [await log.last(job_id) for job_id in (1, 2, 3, 4)] == [None, None, None, REPLY]


async def test_a17_a_reply_that_cannot_be_stored_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "data" / "replies.log"
    path.parent.mkdir()
    log = FileReplyLog(path)
    path.parent.rmdir()
    path.parent.write_bytes(b"in the way")

    await log.append(1, REPLY)

    assert await log.look() is Presence.GONE


# ------------------------------------------------------------ folders


@pytest.mark.parametrize("take_away", [shutil.rmtree, moved, with_its_folder])
def test_a17_a_folder_that_is_removed_is_made_again(
    tmp_path: Path, take_away: Callable[[Path], None]
) -> None:
    folder = tmp_path / "data" / "videos"
    folder.mkdir(parents=True)
    assert keep_folder(folder) is Presence.THERE
    take_away(folder)

    assert keep_folder(folder) is Presence.RESTORED
    assert keep_folder(folder) is Presence.THERE
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a17_a_file_in_the_place_of_a_folder_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "videos").write_bytes(b"of somebody else's")

    assert keep_folder(tmp_path / "videos") is Presence.RESTORED
    (aside,) = tmp_path.glob("videos.found-*")
    assert aside.read_bytes() == b"of somebody else's"


def test_a17_a_link_that_leads_nowhere_is_left(tmp_path: Path) -> None:
    (tmp_path / "videos").symlink_to(tmp_path / "not mounted")

    assert keep_folder(tmp_path / "videos") is Presence.GONE
    (tmp_path / "not mounted").mkdir()
    assert keep_folder(tmp_path / "videos") is Presence.THERE
