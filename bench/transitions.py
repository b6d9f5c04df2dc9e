"""How many moves of jobs a second are on the disk: the store against one commit each.

Both write the same into the same tables and indexes: the job's new state, if it still has the one before,
and a line of its history, in a SQLite file with WAL and `synchronous=FULL`. A move counts when its caller has
the answer after the commit. The store's triggers also check the move and keep the ledger; the straightforward
way has none.
"""

from __future__ import annotations

import asyncio
import json
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
from core.model.delivery import Delivery, Destination
from core.model.delivery import Way as DeliveryWay
from core.model.job import Job, Ticket
from core.model.video import Mode, Result, StoredVideo, VideoRequest
from storage.sqlite.database import PRAGMAS, open_database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.rows import STANDING, changed_parts, micros, standing

CALLERS = 64
ROUNDS = 5
JOBS_EACH = 40
"""Jobs that each caller moves through their lives in a round, one after the other."""

BASELINE_EACH = JOBS_EACH // 10
"""The straightforward way gets a tenth, so that it takes about as long."""

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
Life: TypeAlias = Callable[[Job], list[Job]]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast moves were made. `cpu` is microseconds of processor time for each."""

    moves: float
    cpu: float

    def as_row(self, name: str) -> list[str | float]:
        return [name, self.moves, self.cpu]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both ways did in each round."""

    ours: Sequence[Pace]
    slow: Sequence[Pace]

    @property
    def ratio(self) -> float:
        return median(fast.moves / other.moves for fast, other in zip(self.ours, self.slow, strict=True))

    def as_rows(self, name: str) -> list[list[str | float]]:
        return [_middle(self.ours).as_row(name), _middle(self.slow).as_row("  one commit each")]


class OneCommitEach:
    """The straightforward way: one connection, one lock, one transaction for each move."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()

    async def move(self, before: Job, after: Job) -> None:
        changes = changed_parts(before, after) or {}
        values = [json.dumps(part) if isinstance(part, dict) else part for part in changes.values()]
        columns = ", ".join(f"{name} = ?" for name in (*STANDING, *changes))
        known = (before.id, before.state, before.version)
        event = (after.id, after.version, micros(_NOW), before.state, after.state, after.actor, after.detail)
        async with self._lock:
            await self._connection.execute("BEGIN IMMEDIATE")
            await self._connection.execute(
                f"UPDATE jobs SET {columns} WHERE id = ? AND state = ? AND version = ?",  # noqa: S608 - names of ours
                (*standing(after), *values, *known),
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
        async with _ours(Path(folder) / "ours.db") as ours, _straightforward(Path(folder) / "s.db") as slow:
            noted = await _compare(ours, slow, _waiting_life)
            lived = await _compare(ours, slow, _whole_life)
            alone = await _compare(ours, slow, _waiting_life, callers=1)
    rows = [
        *noted.as_rows(f"a wake-up, {CALLERS} callers"),
        *lived.as_rows(f"whole lives, {CALLERS} callers"),
        *alone.as_rows("a wake-up, one caller"),
    ]
    title = f"Moves of jobs on the disk, SQLite with WAL and FULL, the median of {ROUNDS} rounds"
    return Report(title, ["moves", "a second", "CPU µs"], rows, _targets(noted))


async def _compare(ours: Way, slow: Way, life: Life, callers: int = CALLERS) -> Comparison:
    """Let both do the same in turns, so that the machine's other load meets both."""
    rounds = [
        (await ours.time_moves(life, JOBS_EACH, callers), await slow.time_moves(life, BASELINE_EACH, callers))
        for _ in range(ROUNDS)
    ]
    return Comparison([fast for fast, _ in rounds], [other for _, other in rounds])


def _targets(noted: Comparison) -> list[Target]:
    return [
        Target(
            f"durable moves a second, {CALLERS} callers", _middle(noted.ours).moves, 30_000, is_least=True
        ),
        Target("times as many as with one commit each", noted.ratio, 10, is_least=True),
    ]


def _middle(paces: Sequence[Pace]) -> Pace:
    return Pace(median(pace.moves for pace in paces), median(pace.cpu for pace in paces))


@dataclass(slots=True)
class Way:
    """A way to write moves into a database, with a store that admits the jobs beforehand."""

    admit: Callable[[Job], Awaitable[object]]
    move: Move
    last: int = 0

    async def time_moves(self, life: Life, jobs_each: int, callers: int) -> Pace:
        """Let each caller move job after job through its life, waiting for one move before the next."""
        work = [[life(self._next()) for _ in range(jobs_each)] for _ in range(callers)]
        await asyncio.gather(*(self.admit(moments[0]) for lives in work for moments in lives))
        started, worked = perf_counter(), process_time()
        await asyncio.gather(*(self._live(lives) for lives in work))
        seconds, cpu, count = perf_counter() - started, process_time() - worked, callers * jobs_each * MOVES
        return Pace(count / seconds, cpu / count * 1e6)

    def _next(self) -> Job:
        self.last += 1
        return replace(_ORDER, id=self.last)

    async def _live(self, lives: list[list[Job]]) -> None:
        for moments in lives:
            for before, after in pairwise(moments):
                await self.move(before, after)


def _whole_life(order: Job) -> list[Job]:
    """Return what a job is at each moment of its life, from order to video."""
    paid = order.submitting("anyint", _NOW)
    running = paid.running(_ticket(order), _NOW, next_at=_NOW)
    ready = running.ready(Result(url=f"https://clips.example/{order.id}.mp4", seen_at=_NOW), _NOW)
    video = StoredVideo(file=f"video-{order.id}.mp4", size=1_000_000, sha256="ab" * 32)
    stored = ready.stored(video, _NOW)
    delivering = stored.delivering(Delivery(plan=DeliveryWay.ATTACH, channel_id=201), _NOW)
    delivered = delivering.delivered(
        Delivery(plan=DeliveryWay.ATTACH, channel_id=201, message_id=order.id), _NOW
    )
    pinging = delivered.pinging(_NOW)
    return [order, paid, running, ready, stored, delivering, delivered, pinging, pinging.done(_NOW)]


def _waiting_life(order: Job) -> list[Job]:
    """Return a job that runs at a provider, with as many notes of when to look at it again."""
    moments = [_whole_life(order)[2]]
    for _ in range(MOVES):
        moments.append(moments[-1].relink("still running", _NOW))
    return moments


def _ticket(order: Job) -> Ticket:
    return Ticket(
        provider="anyint",
        task_id=f"task-{order.id}",
        family="videos",
        base_url="https://gateway.example",
        key_fingerprint="1a2b3c",
    )


MOVES = len(_whole_life(_ORDER)) - 1
"""Moves of each job."""


@asynccontextmanager
async def _ours(path: Path) -> AsyncGenerator[Way]:
    async with open_database(path) as database:
        store = SqliteJobStore(database)
        yield Way(store.admit, store.move)


@asynccontextmanager
async def _straightforward(path: Path) -> AsyncGenerator[Way]:
    """Open the same database without what the store's triggers do for a move."""
    async with open_database(path) as database:
        await database.rows("DROP TRIGGER jobs_event")
        await database.rows("DROP TRIGGER jobs_closing")
        async with aiosqlite.connect(path, isolation_level=None) as connection:
            for name, (value, _) in PRAGMAS.items():
                await connection.execute_fetchall(f"PRAGMA {name} = {value}")
            yield Way(SqliteJobStore(database).admit, OneCommitEach(connection).move)


if __name__ == "__main__":
    sys.exit(run([sys.modules[__name__]]))
