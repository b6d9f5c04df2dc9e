"""One damaged row is set aside and all else goes on, whatever a STRICT table can hold in it."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings, strategies

from core.dispatch.fair_queue import FairQueue
from core.model.errors import JobDamaged
from core.model.job import Job, JobState
from core.model.operator_alerts import JobSetAside
from storage.memory.stores import MemoryReplyLog
from storage.sqlite.database import Database, open_database
from storage.sqlite.figures import SqliteFigures
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.personal_data import SqlitePersonalData
from tests.contracts.examples import ALICE, NOON, in_doubt, life, record
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clip_store import FolderArchive
from tests.fakes.clock import VirtualClock
from tests.fakes.courier import RecordingCourier
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT, engine

NUMBERS: Final = (
    *("id", "requester_id", "channel_id", "guild_id", "ordered_at", "parent_id", "version", "updated_at"),
    *("next_at", "price", "attempts", "submitted_at"),
)
TEXTS: Final = (
    *("state", "actor", "detail", "provider", "request", "destination", "ticket", "result", "video"),
    *("delivery", "reason", "limits"),
)
NUMBER = strategies.none() | strategies.integers(-(2**63), 2**63 - 1)
JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=5),
    lambda inner: (
        strategies.lists(inner, max_size=2)
        | strategies.dictionaries(
            strategies.sampled_from(["provider", "mode", "model", "plan", "requester_id", "seen_at"]), inner
        )
    ),
    max_leaves=4,
)
TEXT = (
    strategies.none()
    | strategies.binary(max_size=12)
    | JSON.map(lambda value: json.dumps(value).encode())
    | strategies.sampled_from(list(JobState)).map(str.encode)
    | strategies.integers(1, 60).map(lambda length: length.to_bytes())
)
"""Bytes declared as text; a single one stands for the present value, cut after so many characters."""

CUTS: Final = 60
DAMAGED, WAITING, RUNNING = 41, 42, 43
OTHERS = (WAITING, RUNNING)


def damage(path: Path, column: str, value: object, job_id: int = DAMAGED) -> bool:
    """Write what no statement of ours could; False where SQLite itself does not hold it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF")
        rules = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in rules:
            connection.execute(f"DROP TRIGGER {name}")
        try:
            connection.execute(
                f"UPDATE jobs SET {column} = {_sql(column, value)} WHERE id = ?",  # noqa: S608 - names of columns
                (value, job_id) if "?1" in _sql(column, value) else (job_id,),
            )
        except (sqlite3.DatabaseError, OverflowError):
            return False
        finally:
            for _, sql in rules:
                connection.execute(sql)
    return True


def _sql(column: str, value: object) -> str:
    if isinstance(value, bytes) and len(value) == 1 and value[0] <= CUTS:
        return f"substr({column}, 1, {value[0]})"
    return "CAST(?1 AS TEXT)" if isinstance(value, bytes) else "?1"


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[JobState, Path]:
    """Databases with a job in some state, one that waits for its turn and one that is running."""
    folder = tmp_path_factory.mktemp("templates")
    lives = [life(DAMAGED)[: number + 1] for number in range(9)] + [in_doubt(DAMAGED)]
    made = {moments[-1].state: folder / f"{number}.db" for number, moments in enumerate(lives)}
    for number, moments in enumerate(lives):
        asyncio.run(_make(folder / f"{number}.db", moments))
    return made


async def _make(path: Path, moments: list[Job]) -> None:
    async with open_database(path) as database:
        store = SqliteJobStore(database, reserve=0)
        for lived in (moments, life(WAITING)[:1], life(RUNNING)[:3]):
            await record(store, [replace(moment, request=BOAT) for moment in lived])


class Start:
    """A start of the program on a database, and what became of it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.clock, self.alerts = database, VirtualClock(NOON), RecordingAlerts()
        self.store, self.provider = SqliteJobStore(database, reserve=0), ScriptedProvider(self.clock)
        self.store.alerts, self.courier = self.alerts, RecordingCourier()
        self.runner = engine(
            store=self.store,
            clock=self.clock,
            providers={"anyint": self.provider},
            clips=FolderArchive(folder),
            courier=self.courier,
            replies=MemoryReplyLog(),
            fair_queue=FairQueue(places=8, places_for_member=8),
            alerts=self.alerts,
        ).runner

    async def finish(self) -> None:
        """Run until the jobs that are whole are done; real threads get real time meanwhile."""
        for job_id in (DAMAGED, *OTHERS):
            if (job := await _readable(self.store, job_id)) is not None:
                self.courier.has_card(job)
        await self.runner.recover()
        running = asyncio.create_task(self.runner.run())
        try:
            async with asyncio.timeout(20):
                while not await self._are_done():
                    await asyncio.sleep(0.005)
                    await self.clock.advance(20)
        finally:
            self.runner.drain()
            await running

    async def _are_done(self) -> bool:
        states = [job.state for job_id in OTHERS if (job := await self.store.get(job_id))]
        return states == [JobState.DONE, JobState.DONE]

    def set_aside(self) -> list[JobSetAside]:
        return [event for event in self.alerts.raised_events if isinstance(event, JobSetAside)]


async def _readable(store: SqliteJobStore, job_id: int) -> Job | None:
    try:
        return await store.get(job_id)
    except JobDamaged:
        return None


@asynccontextmanager
async def started(path: Path, folder: Path) -> AsyncGenerator[Start]:
    async with open_database(path) as database:
        yield Start(database, folder)


async def read_everything(start: Start) -> list[int]:
    """Ask for all that lists, exports, metrics and the operator's commands ask for."""
    store, personal = start.store, SqlitePersonalData(start.database)
    _ = [job async for job in store.pending()], [one async for one in store.outlines()]
    _ = await store.of_requester(ALICE), await store.by_message(401), await store.damaged()
    _ = await personal.summary(ALICE), await personal.acts_of(ALICE), await store.events(DAMAGED)
    _ = await SqliteFigures(start.database).open_jobs()
    exported = [job.id async for job in personal.jobs_of(ALICE)]
    listed = [job.id for job in await store.recent()]
    return sorted({*exported} & {*listed} & {*OTHERS})


UNBOUGHT = {JobState.QUEUED, JobState.SUBMITTING, JobState.UNKNOWN}
"""States without a task: what says QUEUED instead of them is sent; nothing tells that it was otherwise."""

DAMAGE = strategies.sampled_from(NUMBERS).flatmap(
    lambda column: strategies.tuples(strategies.just(column), NUMBER)
) | strategies.sampled_from(TEXTS).flatmap(lambda column: strategies.tuples(strategies.just(column), TEXT))


@given(data=strategies.data())
@settings(max_examples=60)
def test_a16_whatever_a_row_holds_the_program_starts_and_the_other_jobs_finish(
    templates: dict[JobState, Path], tmp_path_factory: pytest.TempPathFactory, data: strategies.DataObject
) -> None:
    state = data.draw(strategies.sampled_from(sorted(templates)))
    column, value = data.draw(DAMAGE)
    folder = tmp_path_factory.mktemp("start")
    path = Path(shutil.copy(templates[state], folder / "matinee.db"))
    damage(path, column, value)

    async def live() -> tuple[list[int], list[int]]:
        async with started(path, folder) as start:
            await start.finish()
            return start.provider.sent, await read_everything(start)

    sent, read = asyncio.run(live())

    assert read == list(OTHERS)
    assert sent.count(WAITING) == 1
    assert len(sent) == 1 or (len(sent) == 2 and state in UNBOUGHT)


CASES = {
    "a mode nobody knows": (
        JobState.QUEUED,
        "request",
        json.dumps(asdict(BOAT) | {"mode": "best"}).encode(),
    ),
    "cut JSON": (JobState.READY, "request", b'{"model": "kling'),
    "a time out of range": (JobState.QUEUED, "next_at", 2**62),
    "a time long ago": (JobState.QUEUED, "ordered_at", -(2**60)),
    "a state nobody knows": (JobState.RUNNING, "state", b"BUYING"),
    "no ticket": (JobState.RUNNING, "ticket", None),
    "a ticket before the purchase": (JobState.RUNNING, "state", b"QUEUED"),
    "no text": (JobState.QUEUED, "request", b"\xff\xfe\xfd"),
    "a list": (JobState.DELIVERING, "delivery", b"[]"),
    "a way nobody knows": (JobState.DELIVERING, "delivery", b'{"plan": "by pigeon"}'),
    "another person": (JobState.QUEUED, "requester_id", 102),
    "a price below zero": (JobState.QUEUED, "price", -1),
    "a version that cannot rise": (JobState.QUEUED, "version", 2**63 - 1),
}


@pytest.mark.parametrize(("state", "column", "value"), CASES.values(), ids=CASES.keys())
async def test_a16_the_operator_is_told_once_and_nothing_is_sent_for_it(
    templates: dict[JobState, Path], tmp_path: Path, state: JobState, column: str, value: object
) -> None:
    path = Path(shutil.copy(templates[state], tmp_path / "matinee.db"))
    assert damage(path, column, value)

    async with started(path, tmp_path) as start:
        await start.finish()
        assert await read_everything(start) == list(OTHERS)
        damaged = await start.store.damaged()

    assert [event.job_id for event in start.set_aside()] == [DAMAGED]
    assert [one.job_id for one in damaged] == [DAMAGED]
    assert start.provider.sent == [WAITING]
