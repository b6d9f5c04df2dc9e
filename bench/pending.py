"""Starting again with 100,000 open jobs, and running them: time, memory, and delays of the event loop.

The start is timed from when the process is made to its first question. It reads a SQLite file as the bot
leaves it, with everything imported that the bot imports. The straightforward way reads all jobs before it
does anything, and keeps each of them in a task that sleeps until it asks.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from bench.machine import measure_effort, peak_megabytes
from bench.report import Report, Target, run
from bench.stands import engine, orders
from bench.stands import slow_gateway as gateway
from bot.process.clock import SystemClock
from bot.process.gc_tuning import freeze_garbage
from core.model.job import Job, Ticket
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule
from core.polling.task_durations import DurationModel
from core.ports import Progress
from providers import AnyInt, Network, open_network
from storage.memory.stores import MemoryReplyLog
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobStore

JOBS: Final = 100_000
SECONDS: Final = 6.0
_AT_ONCE: Final = 5000
_AN_HOUR_AGO: Final = timedelta(hours=-1)
_A_MOMENT: Final = timedelta(milliseconds=1)


@dataclass(slots=True)
class Found:
    """The cost of one start."""

    first_question: float = 0.0
    megabytes: float = 0.0
    stall: float = 0.0
    questions: int = 0
    seconds: float = 0.0

    def as_row(self, name: str) -> list[str | float]:
        return [name, self.first_question, self.megabytes, self.stall * 1000, self.questions / self.seconds]


class Noting(AnyInt):
    """The real provider, with a note of when it was first asked."""

    def __init__(self, base_url: str, network: Network, found: Found, made_at: float) -> None:
        super().__init__(base_url=base_url, key="sk-bench", network=network, replies=MemoryReplyLog())
        self._found = found
        self._made_at = made_at

    async def check(self, ticket: Ticket) -> Progress:
        if not self._found.first_question:
            self._found.first_question = monotonic() - self._made_at
        self._found.questions += 1
        return await super().check(ticket)


def measure() -> Report:
    with TemporaryDirectory() as folder, gateway.running(0.0) as near:
        path = Path(folder) / "matinee.db"
        asyncio.run(_fill(path, near.near))
        ours, theirs = (_start(way, path, near.near) for way in WAYS)
    rows = [ours.as_row("the bot's engine"), theirs.as_row("a task each, all read first")]
    less = theirs.megabytes / ours.megabytes
    title = f"A start with {JOBS:,} open jobs in SQLite; {less:.1f} times less memory"
    headings = ["", "first question s", "peak MB", "stall ms", "polls/s"]
    return Report(title, headings, rows, _targets(ours, theirs))


def _targets(ours: Found, theirs: Found) -> list[Target]:
    return [
        Target("seconds to the first question", ours.first_question, 3.0, is_least=False),
        Target("peak memory, MB", ours.megabytes, 150, is_least=False),
        Target("longest stall of the loop, ms", ours.stall * 1000, 50, is_least=False),
        Target("memory of a task each, times ours", theirs.megabytes / ours.megabytes, 1.7, is_least=True),
    ]


async def _fill(path: Path, base_url: str) -> None:
    """Save so many jobs as the bot does, one a millisecond: ordered, announced, accepted."""
    since = datetime.now(UTC) + _AN_HOUR_AGO / 2
    async with open_database(path) as database:
        store = SqliteJobStore(database)
        for start in range(0, JOBS, _AT_ONCE):
            lives = [
                orders.life(number, since + number * _A_MOMENT, base_url, due_in=timedelta(seconds=10))
                for number in range(start, min(start + _AT_ONCE, JOBS))
            ]
            await asyncio.gather(*(store.admit(order) for order, _, _ in lives))
            await asyncio.gather(*(store.move(order, sent) for order, sent, _ in lives))
            await asyncio.gather(*(store.move(sent, running) for _, sent, running in lives))


def _start(way: str, path: Path, base_url: str) -> Found:
    """Start a process that resumes the jobs in the file, and let it report its times."""
    command = [sys.executable, "-m", "bench.pending", way, str(path), base_url, str(monotonic())]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - this module itself
    return Found(**json.loads(done.stdout))


async def _take_up(way: str, path: Path, base_url: str, made_at: float) -> Found:
    found, clock = Found(), SystemClock()
    async with (
        measure_effort() as effort,
        open_database(path) as database,
        open_network(clock=clock) as network,
    ):
        provider = Noting(base_url, network, found, made_at)
        await WAYS[way](SqliteJobStore(database), provider, path.parent)
    found.stall, found.seconds, found.megabytes = effort.stall, SECONDS, peak_megabytes()
    return found


async def _with_the_engine(store: SqliteJobStore, provider: Noting, folder: Path) -> None:
    """Do as `bot/app.py` does."""
    schedule = AdaptiveSchedule(chance=Random(1), durations=DurationModel(), poll_budget=PollBudget(10.0))
    built = engine.build(store, SystemClock(), {provider.name: provider}, schedule, folder / "videos")
    with freeze_garbage():
        await built.runner.recover()
    async with asyncio.TaskGroup() as group:
        moving = group.create_task(built.runner.run())
        await asyncio.sleep(SECONDS)
        moving.cancel()


async def _with_a_task_each(store: SqliteJobStore, provider: Noting, folder: Path) -> None:
    """Read everything, then let each job sleep and ask by itself, spread as ours are."""
    del folder
    jobs = [job async for job in store.pending()]

    async def follow(job: Job, number: int) -> None:
        await asyncio.sleep(number * 0.001)
        while job.ticket is not None:
            await provider.check(job.ticket)
            await asyncio.sleep(60.0)

    async with asyncio.TaskGroup() as group:
        following = [group.create_task(follow(job, number)) for number, job in enumerate(jobs)]
        await asyncio.sleep(SECONDS)
        for task in following:
            task.cancel()


WAYS: Final[dict[str, Callable[[SqliteJobStore, Noting, Path], Awaitable[None]]]] = {
    "engine": _with_the_engine,
    "tasks": _with_a_task_each,
}

if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        importlib.import_module("bot.app")
        logging.getLogger("core").setLevel(logging.CRITICAL)
        way, file, address, made = sys.argv[1:]
        print(json.dumps(asdict(asyncio.run(_take_up(way, Path(file), address, float(made))))))
    else:
        sys.exit(run([sys.modules[__name__]]))
