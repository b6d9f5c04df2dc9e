"""What the database itself refuses, and what the disk still holds, when a member is erased."""

from __future__ import annotations

import random
import re
import sqlite3
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from core.model.errors import StoreFull
from core.model.job import Job
from core.ports import Erasure
from core.privacy.erased_job import erased
from storage.files.reply_log import FileReplyLog
from storage.sqlite import erasure_sql as erasing_statements
from storage.sqlite.database import Database
from storage.sqlite.erasures import SqliteErasures
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues
from tests.contracts.examples import ALICE, BOB, NOON, life, queued
from tests.storage.files.test_reply_log import reply
from tests.storage.sqlite.test_reserve import MORE_THAN_ANY_DISK_HAS

ERASURE: Final = Erasure(-4711, ALICE, NOON + timedelta(hours=1))
SECRET: Final = "a boat that nobody should remember"


async def lived(store: SqliteJobStore, moments: list[Job]) -> Job:
    await store.admit(moments[0])
    for before, after in pairwise(moments):
        await store.move(before, after)
    return moments[-1]


def about(moments: list[Job], prompt: str) -> list[Job]:
    return [replace(job, request=replace(job.request, prompt=prompt)) for job in moments]


async def one_erased(database: Database) -> None:
    """Keep an erased job, number 1, and a running one, number 2, with the erasure still under way."""
    store, erasures = SqliteJobStore(database), SqliteErasures(database)
    done = await lived(store, life(1))
    await lived(store, life(2)[:3])
    await erasures.begin(ERASURE)
    await erasures.hold(ERASURE, ["2026-03-01"])
    await erasures.erase(done, erased(done, ERASURE.pseudonym, NOON))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE jobs SET requester_id = 101, version = version + 1 WHERE id = 1",
        "UPDATE jobs SET requester_id = -1, version = version + 1 WHERE id = 1",
        "UPDATE jobs SET state = 'DONE', version = version + 1 WHERE id = 1",
        "UPDATE jobs SET requester_id = -4711, version = version + 1 WHERE id = 2",
        "UPDATE jobs SET requester_id = -4711 WHERE id = 2",
        "UPDATE jobs SET request = '{}' WHERE id = 2",
        "UPDATE jobs SET actor = '-4711' WHERE id = 2",
        "UPDATE jobs SET price = 0 WHERE id = 1",
        "UPDATE job_events SET detail = NULL WHERE job_id = 2",
        "UPDATE job_events SET actor = '102' WHERE job_id = 1",
        "UPDATE job_events SET actor = '-4711' WHERE job_id = 2",
        "UPDATE job_events SET detail = 'else' WHERE job_id = 1",
        "UPDATE job_events SET after = 'FAILED' WHERE job_id = 1",
        "UPDATE ledger SET spent = 0",
        "INSERT INTO erasures (pseudonym, member_id, asked_at) VALUES (7, 8, 9)",
        "INSERT INTO erasures (pseudonym, member_id, asked_at) VALUES (-7, -8, 9)",
        "DELETE FROM erasures",
    ],
)
async def test_the_database_refuses_what_is_no_erasing(
    database: Database, other: sqlite3.Connection, change: str
) -> None:
    await one_erased(database)
    other.execute("PRAGMA foreign_keys = ON")
    before = list(other.iterdump())

    try:
        changed = other.execute(change).rowcount
    except sqlite3.IntegrityError:
        changed = 0

    assert changed == 0
    assert list(other.iterdump()) == before


@pytest.mark.parametrize(
    ("name", "questions"),
    [("OF_MEMBER", 4), ("DOSSIER", 1), ("ACTS", 1), ("RENAME_EVENTS", 3), ("RENAME_JOBS", 2)],
)
async def test_what_is_kept_about_a_member_is_found_without_reading_everything(
    database: Database, name: str, questions: int
) -> None:
    statement = getattr(erasing_statements, name)

    plan = await database.rows(f"EXPLAIN QUERY PLAN {statement}", (0,) * questions)

    assert not any("SCAN" in str(step) for *_, step in plan)


async def test_no_table_names_a_member_whose_erasure_is_done(
    database: Database, other: sqlite3.Connection
) -> None:
    """One job cost something, another of another day nothing, a third is another member's."""
    store, erasures = SqliteJobStore(database), SqliteErasures(database)
    done = await lived(store, life(1))
    tomorrows = queued(2, minutes=24 * 60)
    stopped = tomorrows.cancelled(ALICE, NOON)
    told = await lived(store, [tomorrows, stopped, stopped.notified(NOON)])
    ordered = queued(3, requester_id=BOB)
    await lived(store, [ordered, ordered.cancelled(ALICE, NOON)])
    erasure = await erasures.begin(ERASURE)
    assert str(ALICE) in dumped(other)

    for job in (done, told):
        await erasures.erase(job, erased(job, ERASURE.pseudonym, NOON))
    await erasures.rename(erasure)
    assert await erasures.finish(erasure)

    assert str(ALICE) not in dumped(other)


def dumped(connection: sqlite3.Connection) -> set[str]:
    """All numbers that stand in a database."""
    return set(re.findall(r"-?\d+", "\n".join(connection.iterdump())))


async def test_after_scouring_nothing_of_it_is_in_any_file(database: Database) -> None:
    """Rows that grow are moved from page to page, and leave copies of themselves behind."""
    store, erasures, chance = SqliteJobStore(database), SqliteErasures(database), random.Random(4711)
    done = [
        await lived(store, about(life(number), f"{SECRET} {'so ' * chance.randrange(600)}"))
        for number in range(1, 40)
    ]
    await lived(store, about([queued(99, requester_id=BOB)], "a ship"))
    await erasures.begin(ERASURE)
    assert traces(database.path)

    for job in done:
        await erasures.erase(job, erased(job, ERASURE.pseudonym, NOON))
    assert await erasures.finish(ERASURE)
    assert await erasures.vacuum()

    assert traces(database.path) == []
    assert (await store.of_requester(BOB))[0].request.prompt == "a ship"


async def test_while_another_program_reads_the_old_pages_the_disk_is_not_clean(
    database: Database, other: sqlite3.Connection
) -> None:
    await database.rows("PRAGMA busy_timeout = 50")
    await SqliteKeyValues(database).remember("why", SECRET)
    other.execute("BEGIN")
    other.execute("SELECT * FROM notes").fetchall()
    await SqliteKeyValues(database).forget("why")

    assert not await database.vacuum()
    other.execute("ROLLBACK")

    assert await database.vacuum()
    assert traces(database.path) == []


async def test_a_file_for_which_there_is_no_room_is_not_written_again(database: Database) -> None:
    """A rewrite that fills the disk would take from others the room that they need."""
    erasures = SqliteErasures(database, reserve=MORE_THAN_ANY_DISK_HAS)
    before = database.path.read_bytes()

    with pytest.raises(StoreFull, match=r"not written anew.* takes \d+ MB of free disk\. Make room"):
        await erasures.vacuum()

    assert database.path.read_bytes() == before


async def test_scouring_leaves_no_trace_in_the_process(database: Database) -> None:
    await database.vacuum()

    assert await database.rows("PRAGMA temp_store_directory") == []
    assert await database.rows("PRAGMA temp_store") == [(2,)]


async def test_of_what_a_gateway_said_nothing_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "replies.log"
    replies = FileReplyLog(path)
    await replies.append(1, reply(SECRET.encode()))
    await replies.append(2, reply(b"another's"))

    await replies.redact([1])

    assert SECRET not in path.read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["replies.log"]
    assert await FileReplyLog(path).last(1) == reply(b"")
    assert await FileReplyLog(path).last(2) == reply(b"another's")


def traces(path: Path) -> list[str]:
    """The files beside a database in which the secret stands."""
    return [file.name for file in path.parent.iterdir() if SECRET.encode() in file.read_bytes()]
