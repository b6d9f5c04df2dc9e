"""A database that the program wrote when it had version 11: this one opens it, and loses nothing.

`version_11.sql` was dumped then, after the program had brought jobs into every state that there is, let
members be erased, and given out links; `version_11_replies.log` lay beside it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, cast

import pytest

from core.delivery.signed_links import SharedLink
from core.dispatch.confirmations import Confirmations
from core.dispatch.end_reasons import NOT_SENT
from core.dispatch.fair_queue import FairQueue
from core.model.job import LEGAL_MOVES, JobState, Notice
from core.model.ledger import Booking
from core.ports import Link
from storage.files.reply_log import FileReplyLog
from storage.maintenance.backup import check
from storage.maintenance.inspection import latest_version
from storage.maintenance.progress_mark import ProgressMark
from storage.memory.stores import MemoryReplyLog
from storage.sqlite.database import Database, open_database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.migrate import backups, mark_as_copy
from storage.sqlite.notes import SqliteKeyValues
from storage.sqlite.rows import IDENTITY, PARTS, STANDING, identity, parts, standing
from storage.sqlite.shared_links import SqliteSharedLinks
from tests.fakes.clip_store import FolderArchive
from tests.fakes.clock import START, VirtualClock
from tests.fakes.courier import RecordingCourier
from tests.fakes.delivery_tools import ScriptedLinks
from tests.fakes.host import ScriptedHost
from tests.fakes.provider import CLIP, ScriptedProvider
from tests.fakes.running_core import DAY, engine

DUMP: Final = Path(__file__).with_name("version_11.sql")
REPLIES: Final = Path(__file__).with_name("version_11_replies.log")

COLUMNS: Final = (*IDENTITY, *STANDING, *PARTS[:-1])
"""Those of jobs at that time: `notice` is new."""

HISTORY: Final = "SELECT * FROM job_events ORDER BY line"
LEDGER: Final = "SELECT * FROM ledger ORDER BY line"
USAGE: Final = "SELECT scope, owner, period, open_jobs, videos, reserved, spent FROM usage ORDER BY 1, 2, 3"
SUMS: Final = """
SELECT scope, owner, period,
    sum(ledger.open_jobs), sum(ledger.videos), sum(ledger.reserved), sum(ledger.spent)
FROM ledger JOIN accounts USING (job_id) JOIN usage USING (scope, owner, period)
WHERE owner NOT IN (SELECT member_id FROM erasures)
GROUP BY scope, owner, period ORDER BY scope, owner, period
"""
BESIDE: Final = {
    "held_usage": "SELECT * FROM held_usage ORDER BY pseudonym, period",
    "erasures": "SELECT * FROM erasures ORDER BY pseudonym",
    "shared_links": "SELECT * FROM shared_links ORDER BY file_id",
    "notes": "SELECT * FROM notes ORDER BY key",
}

UNSENT: Final = 15
"""It was on its way to be rejected, to a provider called `none`: now it is there."""

ENDS: Final = {
    14: JobState.REJECTED,
    UNSENT: JobState.REJECTED,
    17: JobState.FAILED,
    **dict.fromkeys((32, 33, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 47, 54), JobState.DONE),
    **dict.fromkeys((34, 45, 46), JobState.DISMISSED),
}
"""The end of the jobs that were under way; 31 waits for the operator's yes."""

SENT_AGAIN: Final = {32, 33, 54}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "matinee.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DUMP.read_text(encoding="utf-8"))
    return path


@pytest.fixture
def old(path: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The database as it was, to be compared with."""
    copy = shutil.copy(path, tmp_path / "as_it_was.db")
    with closing(sqlite3.connect(copy)) as connection:
        yield connection


@pytest.fixture
async def database(path: Path, old: sqlite3.Connection) -> AsyncIterator[Database]:
    del old  # copied before this opens it
    async with open_database(path) as database:
        yield database


def rows(connection: sqlite3.Connection, question: str) -> list[tuple[Any, ...]]:
    return connection.execute(question).fetchall()


def kept(connection: sqlite3.Connection) -> dict[int, dict[str, Any]]:
    """Read the rows of jobs, by job."""
    found = rows(connection, f"SELECT {', '.join(COLUMNS)} FROM jobs ORDER BY id")  # noqa: S608 - our own names
    return {row[0]: {name: _value(value) for name, value in zip(COLUMNS, row, strict=True)} for row in found}


def _value(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def test_the_database_has_jobs_in_every_state_and_something_in_every_table(old: sqlite3.Connection) -> None:
    assert rows(old, "PRAGMA user_version") == [(11,)]
    assert {state for (state,) in rows(old, "SELECT state FROM jobs")} == {*JobState}
    assert all(rows(old, question) for question in (HISTORY, LEDGER, USAGE, *BESIDE.values()))
    assert {booking for (booking,) in rows(old, "SELECT booking FROM ledger")} == {
        *("reserved", "raised", "freed", "returned", "settled")
    }


async def test_every_job_is_what_it_was(database: Database, old: sqlite3.Connection) -> None:
    store = SqliteJobStore(database)

    for job_id, columns in kept(old).items():
        job = await store.get(job_id)
        assert job is not None
        if job_id != UNSENT:
            *values, notice = [*identity(job), *standing(job), *parts(job)]
            assert notice == _notice(columns)
            was_sent = columns["provider"] != "none"
            expected = columns if was_sent else columns | {"provider": None}
            assert dict(zip(COLUMNS, json.loads(json.dumps(values)), strict=True)) == expected
    assert await store.damaged() == []
    assert await check(database) == []


def _notice(columns: dict[str, Any]) -> Notice | None:
    """Say whether the member was notified, as the text of the last move said it."""
    match columns["state"], columns["detail"]:
        case "DELIVERED", "pinging":
            return Notice.ANNOUNCED
        case _, "told":
            return Notice.GIVEN
        case _:
            return None


async def test_a_damaged_row_is_in_nobodys_way(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        ((trigger,),) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'jobs_event'")
        connection.executescript("PRAGMA ignore_check_constraints = ON; DROP TRIGGER jobs_event")
        connection.execute("UPDATE jobs SET state = 'BANANA' WHERE id = 1")
        connection.execute(trigger)
        connection.commit()

    async with open_database(path) as database:
        assert [damage.job_id for damage in await SqliteJobStore(database).damaged()] == [1]
        assert await database.rows("PRAGMA user_version") == [(latest_version(),)]


async def test_a_job_that_was_about_to_be_rejected_unsent_is_rejected(database: Database) -> None:
    store = SqliteJobStore(database)

    job, (*_, last) = await store.get(UNSENT), await store.events(UNSENT)

    assert job is not None
    assert (job.state, job.reason, job.provider) == (JobState.REJECTED, NOT_SENT, None)
    assert job.next_at == job.updated_at == last.at, "its member is told by whoever takes it up"
    assert (last.before, last.after, last.actor) == (JobState.SUBMITTING, JobState.REJECTED, "matinee")
    assert [line.booking for line in await store.entries(UNSENT)] == [Booking.RESERVED, Booking.RETURNED]


@pytest.mark.parametrize("book", [HISTORY, LEDGER])
async def test_of_history_and_ledger_nothing_is_changed(
    database: Database, old: sqlite3.Connection, book: str
) -> None:
    before, after = rows(old, book), await database.rows(book)

    assert after[: len(before)] == before
    assert [job_id for _, job_id, *_ in after[len(before) :]] == [UNSENT]


async def test_what_was_used_is_the_sum_of_the_ledger(database: Database, old: sqlite3.Connection) -> None:
    before, after = (
        {row[:3]: row[3:] for row in found} for found in (rows(old, USAGE), await database.rows(USAGE))
    )

    assert {account: (videos, spent) for account, (_, videos, _, spent) in after.items()} == {
        account: (videos - (account in _accounts_of_the_unsent(old)), spent)
        for account, (_, videos, _, spent) in before.items()
    }
    sums = await database.rows(SUMS)
    assert sums
    assert {row[:3]: row[3:] for row in sums}.items() <= after.items()


def _accounts_of_the_unsent(old: sqlite3.Connection) -> set[tuple[Any, ...]]:
    return {*old.execute("SELECT scope, owner, period FROM accounts WHERE job_id = ?", (UNSENT,))}


@pytest.mark.parametrize("table", BESIDE)
async def test_erasures_links_and_notes_are_what_they_were(
    database: Database, old: sqlite3.Connection, table: str
) -> None:
    assert await database.rows(BESIDE[table]) == rows(old, BESIDE[table])


async def test_what_is_read_of_history_money_and_links_is_whole(
    database: Database, old: sqlite3.Connection
) -> None:
    store, links = SqliteJobStore(database), SqliteSharedLinks(database)

    for job_id in kept(old):
        job = await store.get(job_id)
        assert job is not None
        assert len(await store.events(job_id)) == 1 + job.version
        assert await store.entries(job_id)
    assert await links.latest(3) == SharedLink(bytes([3]) * 16, 3, START + timedelta(days=6))


async def test_a_job_makes_the_moves_of_the_table_and_no_others(database: Database) -> None:
    store = SqliteJobStore(database)
    with closing(sqlite3.connect(database.path, timeout=0, isolation_level=None)) as other:
        for job in await store.recent(limit=100):
            made = {state for state in JobState if _is_made(other, job.id, state)}
            assert made == (set() if job.is_erased else LEGAL_MOVES[job.state]), job.state


def _is_made(connection: sqlite3.Connection, job_id: int, after: JobState) -> bool:
    """Try a move that no store would make, and take it back."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        move = "UPDATE jobs SET state = ?, version = version + 1, next_at = 1 WHERE id = ?"
        connection.execute(move, (after, job_id))
    except sqlite3.IntegrityError:
        return False
    finally:
        connection.execute("ROLLBACK")
    return True


async def test_a_copy_of_that_version_is_put_back_and_known_as_one(path: Path) -> None:
    mark_as_copy(path)

    async with open_database(path) as database:
        assert await database.rows("PRAGMA user_version") == [(latest_version(),)]
        assert await ProgressMark(database, path.parent).is_put_back()


async def test_a_copy_of_it_is_left_as_it_was(database: Database, old: sqlite3.Connection) -> None:
    del database
    (copy,) = backups(Path(rows(old, "PRAGMA database_list")[0][2])).glob("matinee-version-11.db")

    with closing(sqlite3.connect(copy)) as connection:
        assert kept(connection) == kept(old)


class InlineConnection:
    """What `Database` needs of aiosqlite, without its thread: virtual time does not wait for those."""

    text_factory: object = str

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def execute_fetchall(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters).fetchall()


async def remembered(path: Path) -> MemoryReplyLog:
    """Read the replies of that time, as they stood in their file."""
    log, replies = FileReplyLog(path), MemoryReplyLog()
    for job_id in log.job_ids:
        reply = await log.last(job_id)
        assert reply is not None
        await replies.append(job_id, reply)
    return replies


async def test_the_program_goes_on_with_every_job(path: Path, tmp_path: Path) -> None:
    async with open_database(path):
        pass
    replies = await remembered(Path(shutil.copy(REPLIES, tmp_path)))
    clock, courier = VirtualClock(START + timedelta(hours=2)), RecordingCourier()
    provider, clips = ScriptedProvider(clock), FolderArchive(tmp_path)
    for job_id in (39, 40, 41, 42, 47):
        clips.path(job_id).write_bytes(CLIP)

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        database = Database(cast("Any", InlineConnection(connection)), path)
        store, notes = SqliteJobStore(database), SqliteKeyValues(database)
        confirmations = Confirmations(notes)
        await confirmations.recall(store)
        before = {job.id: job for job in await store.recent(limit=100)}
        going = engine(
            store=store,
            clock=clock,
            providers={provider.name: provider},
            clips=clips,
            courier=courier,
            replies=replies,
            fair_queue=FairQueue(places=32, places_for_member=32),
            notes=notes,
            links=ScriptedLinks(own=Link("https://bot.example/v/42", None)),
            host=ScriptedHost(),
            confirmations=confirmations,
        )
        await going.runner.recover()
        task = asyncio.create_task(going.runner.run())
        await clock.advance(9 * DAY)
        going.runner.drain()
        await task
        after = {job.id: job for job in await store.recent(limit=100)}

    changed = {job_id: job.state for job_id, job in after.items() if job != before[job_id]}
    assert changed == ENDS
    assert all(after[job_id].next_at is None for job_id in ENDS)
    assert set(provider.sent) == SENT_AGAIN
    assert len(provider.sent) == len(SENT_AGAIN)
    assert confirmations.waiting == {31}
