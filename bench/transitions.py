"""How many moves of jobs a second are on the disk: the store against one commit each.

Both write the same into the same tables and indexes: the job's new state, if it still has the one before,
and a line of its history, in a SQLite file with WAL and `synchronous=FULL`. A move counts when its caller has
been told after the commit. The store's triggers also check the move and keep the ledger; the straightforward
way has none.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TypeAlias

import aiosqlite

from bench.report import Report, Target, run
from core.jobs import Destination, Job, Ticket
from core.video import Mode, VideoRequest
from storage.database import PRAGMAS, open_database
from storage.jobs import SqliteJobStore
from storage.records import standing

CALLERS = 64
ROUNDS = 5
OURS_EACH = 400
"""Moves of each caller in a round; the straightforward way gets a tenth, so that it takes as long."""

BASELINE_EACH = OURS_EACH // 10
ALONE = 500

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_ORDER = Job(
    id=1,
    request=VideoRequest(
        model="kling-v3",
        prompt="a paper boat",
        duration_seconds=5,
        aspect_ratio="16:9",
        mode=Mode.STD,
        audio=False,
    ),
    destination=Destination(requester_id=101, channel_id=201, guild_id=301, card_id=401),
    ordered_at=_NOW,
    updated_at=_NOW,
    next_at=_NOW,
    price=420_000,
)
Move: TypeAlias = Callable[[Job, Job], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast moves were made. `cpu` is microseconds of processor time for each."""

    moves: float
    cpu: float

    def as_row(self, name: str) -> list[str | float]:
        return [name, self.moves, self.cpu]


class OneCommitEach:
    """The straightforward way: one connection, one lock, one transaction for each move."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()

    async def move(self, before: Job, after: Job) -> None:
        change = standing(after)
        event = (after.id, after.version, change[2], before.state, after.state, after.actor, after.detail)
        async with self._lock:
            await self._connection.execute("BEGIN IMMEDIATE")
            await self._connection.execute(
                "UPDATE jobs SET state = ?, version = ?, updated_at = ?, next_at = ?, actor = ?, detail = ? "
                "WHERE id = ? AND state = ? AND version = ?",
                (*change, before.id, before.state, before.version),
            )
            await self._connection.execute(
                "INSERT INTO job_events (job_id, version, at, before, after, actor, detail) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                event,
            )
            await self._connection.execute("COMMIT")


def measure() -> Report:
    return asyncio.run(_measure())


async def _measure() -> Report:
    with TemporaryDirectory() as folder:
        ours_at, baseline_at = Path(folder) / "ours.db", Path(folder) / "baseline.db"
        async with _ours(ours_at) as (ours, jobs), _straightforward(baseline_at) as (baseline, others):
            paces: list[Pace] = []
            slow_paces: list[Pace] = []
            for _ in range(ROUNDS):  # in turns, so that both have the same weather
                paces.append(await _timed(ours, jobs, OURS_EACH))
                slow_paces.append(await _timed(baseline, others, BASELINE_EACH))
            alone, slow_alone = await _timed(ours, jobs[:1], ALONE), await _timed(baseline, others[:1], ALONE)
    fast, slow = _middle(paces), _middle(slow_paces)
    rows = [
        fast.as_row(f"the store, {CALLERS} callers"),
        slow.as_row(f"  one commit each, {CALLERS} callers"),
        alone.as_row("the store, one caller"),
        slow_alone.as_row("  one commit each, one caller"),
    ]
    ratio = median(one.moves / other.moves for one, other in zip(paces, slow_paces, strict=True))
    title = f"Moves of jobs on the disk, SQLite with WAL and FULL, the median of {ROUNDS} rounds"
    return Report(title, ["way", "moves/s", "CPU µs"], rows, _targets(fast, ratio))


def _targets(fast: Pace, ratio: float) -> list[Target]:
    return [
        Target(f"durable moves a second, {CALLERS} callers", fast.moves, 30_000, is_least=True),
        Target("times as many as with one commit each", ratio, 10, is_least=True),
    ]


def _middle(paces: Sequence[Pace]) -> Pace:
    return Pace(median(pace.moves for pace in paces), median(pace.cpu for pace in paces))


@asynccontextmanager
async def _ours(path: Path) -> AsyncGenerator[tuple[Move, list[Job]]]:
    """Open the bot's store with jobs that are running at a provider."""
    async with open_database(path) as database:
        store = SqliteJobStore(database)
        orders = [replace(_ORDER, id=number) for number in range(1, CALLERS + 1)]
        await asyncio.gather(*(store.admit(order) for order in orders))
        jobs = await asyncio.gather(*(_running(store, order) for order in orders))
        yield store.move, jobs


@asynccontextmanager
async def _straightforward(path: Path) -> AsyncGenerator[tuple[Move, list[Job]]]:
    """Open the same database with the same jobs, and take away what the store's triggers do."""
    async with _ours(path) as (_, jobs):
        pass
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        for name, (value, _) in PRAGMAS.items():
            await connection.execute_fetchall(f"PRAGMA {name} = {value}")
        for trigger in ("jobs_event", "jobs_closing"):
            await connection.execute_fetchall(f"DROP TRIGGER {trigger}")
        yield OneCommitEach(connection).move, jobs


async def _running(store: SqliteJobStore, order: Job) -> Job:
    paid = order.submitting("anyint", _NOW)
    await store.move(order, paid)
    running = paid.running(_ticket(order), _NOW, next_at=_NOW)
    await store.move(paid, running)
    return running


def _ticket(order: Job) -> Ticket:
    return Ticket(
        provider="anyint",
        task_id=f"task-{order.id}",
        family="videos",
        base_url="https://gateway.example",
        key_fingerprint="1a2b3c",
    )


async def _timed(move: Move, jobs: list[Job], times: int) -> Pace:
    """Let one caller for each job move it so often; each waits for one move before the next."""
    lives = [_life(job, times) for job in jobs]
    started, worked = perf_counter(), process_time()
    await asyncio.gather(*(_lived(move, life) for life in lives))
    seconds, cpu, count = perf_counter() - started, process_time() - worked, len(jobs) * times
    jobs[:] = [life[-1] for life in lives]
    return Pace(count / seconds, cpu / count * 1e6)


def _life(job: Job, times: int) -> list[Job]:
    """Make the jobs beforehand: what is measured is how they are written."""
    life = [job]
    for _ in range(times):
        life.append(life[-1].asked_again("still running", _NOW))
    return life


async def _lived(move: Move, life: list[Job]) -> None:
    for before, after in pairwise(life):
        await move(before, after)


if __name__ == "__main__":
    sys.exit(run([sys.modules[__name__]]))
