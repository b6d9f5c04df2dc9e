"""What questions about 10,000 running videos cost, on the bot's own engine and provider layer.

500 questions a second to a gateway 200 ms away, over at most 256 connections. The straightforward way is the
same with httpx's own connection pool, which keeps up on a fast machine and falls ever further behind on a
slower one: its processor time is compared, not its pace. Lateness is from when a question is due to when it
is begun.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

import httpx

from bench.machine import Effort, measure_effort, percentile
from bench.report import Report, Target, run
from bench.stands import engine, orders
from bench.stands import slow_gateway as gateway
from bench.stands.slow_gateway import Gateway
from bot.process.clock import SystemClock
from bot.process.gc_tuning import freeze_garbage
from core.model.job import Ticket
from core.model.job_outline import Outline, outline
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule, PollTiming
from core.polling.task_durations import DurationModel
from core.ports import Progress
from providers import AnyInt, Network, open_network
from providers.http.polling_client import PollingTransport
from storage.memory.stores import MemoryJobStore, MemoryReplyLog

JOBS: Final = 10_000
GAP_SECONDS: Final = 20.0
DELAY_SECONDS: Final = 0.2
WARM_UP_SECONDS: Final = 3.0
SECONDS: Final = 3.0
WINDOWS: Final = 3
CONNECTIONS: Final = 32
_KEY: Final = "sk-bench"
_OWN_POOL: Final = "CPU of httpx's own pool, times ours,"
_MICRO: Final = 1e6


@dataclass(slots=True)
class Found:
    """How much was asked and answered in each stretch, and how late each question was begun."""

    answered: int = 0
    lateness: list[float] = field(default_factory=list[float])
    windows: list[tuple[Effort, int]] = field(default_factory=list[tuple[Effort, int]])

    @property
    def rate(self) -> float:
        return sum(count for _, count in self.windows) / sum(effort.seconds for effort, _ in self.windows)

    @property
    def micros(self) -> float:
        return min(effort.cpu / count for effort, count in self.windows) * _MICRO

    @property
    def core_percent(self) -> float:
        return 100 * min(effort.cpu / effort.seconds for effort, _ in self.windows)

    @property
    def stall_ms(self) -> float:
        return 1000 * max(effort.stall for effort, _ in self.windows)

    def late_ms(self, share: float) -> float:
        return percentile(self.lateness, share) * 1000 if self.lateness else float("nan")

    def as_row(self, name: str) -> list[str | float]:
        late = [self.late_ms(0.5), self.late_ms(0.99)]
        return [name, self.rate, self.core_percent, self.micros, *late, self.stall_ms]


@dataclass(frozen=True, kw_only=True)
class NotingSchedule(AdaptiveSchedule):
    """Notes by when each question is due."""

    due: dict[int, float] = field(default_factory=dict[int, float])

    def next_check(self, age: timedelta, task: PollTiming | None = None) -> float:
        gap = super().next_check(age, task)
        if task is not None:
            self.due[task.id] = monotonic() + gap
        return gap


class RunningJobs(MemoryJobStore):
    """Holds jobs that are running, the questions about them due one after the other from now on."""

    def __init__(self, clock: SystemClock, base_url: str, due: dict[int, float]) -> None:
        super().__init__()
        self._clock = clock
        self._base_url = base_url
        self._due = due

    async def outlines(self) -> AsyncIterator[Outline]:
        start, moment = self._clock.now(), self._clock.monotonic()
        within = timedelta(seconds=GAP_SECONDS)
        for number, job in enumerate(orders.running(JOBS, start, self._base_url, within=within), 1):
            self._due[job.id] = moment + number * GAP_SECONDS / JOBS
            yield outline(job)


class Watched(AnyInt):
    """The real provider, with a record of how late each question is."""

    def __init__(self, base_url: str, network: Network, due: dict[int, float], found: Found) -> None:
        super().__init__(base_url=base_url, key=_KEY, network=network, replies=MemoryReplyLog())
        self._due = due
        self._found = found

    async def check(self, ticket: Ticket) -> Progress:
        due = self._due.get(orders.FIRST_ID + int(ticket.task_id.removeprefix("task_")))
        if due is not None:
            self._found.lateness.append(monotonic() - due)
        progress = await super().check(ticket)
        self._found.answered += 1
        return progress


def measure() -> Report:
    logging.getLogger("core").setLevel(logging.CRITICAL)
    with gateway.running(DELAY_SECONDS) as far:
        ours = asyncio.run(_watch(far, own_pool=False))
        theirs = asyncio.run(_watch(far, own_pool=True))
        near, near_theirs = (asyncio.run(_provider_alone(far, own_pool=own)) for own in (False, True))
    rows = [
        ours.as_row("10,000 jobs"),
        theirs.as_row("  httpx's own pool"),
        near.as_row(f"provider alone, {CONNECTIONS} at once"),
        near_theirs.as_row("  httpx's own pool"),
    ]
    title = f"Questions: {JOBS:,} jobs every {GAP_SECONDS:.0f} s, {DELAY_SECONDS * 1000:.0f} ms round trip"
    headings = ["", "polls/s", "% of a core", "µs a poll", "late p50 ms", "late p99 ms", "stall ms"]
    return Report(title, headings, rows, _targets(ours, theirs, near, near_theirs))


def _targets(ours: Found, theirs: Found, near: Found, near_theirs: Found) -> list[Target]:
    return [
        Target("questions a second", ours.rate, 450, is_least=True),
        Target("share of a core, percent", ours.core_percent, 35, is_least=False),
        Target("lateness p99, ms", ours.late_ms(0.99), 50, is_least=False),
        Target("CPU a question with the engine, µs", ours.micros, 450, is_least=False),
        Target(f"CPU a question at {CONNECTIONS} connections, µs", near.micros, 450, is_least=False),
        Target("longest stall of the loop, ms", ours.stall_ms, 50, is_least=False),
        Target(f"{_OWN_POOL} with the engine", theirs.micros / ours.micros, 2, is_least=True),
        Target(
            f"{_OWN_POOL} at {CONNECTIONS} connections", near_theirs.micros / near.micros, 5, is_least=True
        ),
    ]


async def _watch(far: Gateway, *, own_pool: bool) -> Found:
    """Run the engine on as many jobs, and measure once it is under way."""
    clock, found = SystemClock(), Found()
    schedule = NotingSchedule(
        first_seconds=GAP_SECONDS,
        min_seconds=GAP_SECONDS,
        max_seconds=GAP_SECONDS,
        chance=Random(1),
        durations=DurationModel(),
        poll_budget=PollBudget(JOBS / GAP_SECONDS),
    )
    store = RunningJobs(clock, far.far, schedule.due)
    async with _network(clock, own_pool=own_pool) as network:
        provider = Watched(far.far, network, schedule.due, found)
        with TemporaryDirectory() as folder:
            built = engine.build(store, clock, {provider.name: provider}, schedule, Path(folder))
            with freeze_garbage():
                await built.runner.recover()
            async with asyncio.TaskGroup() as group:
                moving = group.create_task(built.runner.run())
                await clock.sleep(WARM_UP_SECONDS)
                found.lateness.clear()
                await _measure_windows(found, clock, WINDOWS)
                moving.cancel()
    return found


async def _provider_alone(far: Gateway, *, own_pool: bool) -> Found:
    """Ask again and again, so many questions at once, without an engine."""
    clock, found = SystemClock(), Found()
    async with _network(clock, own_pool=own_pool) as network:
        provider = Watched(far.near, network, {}, found)

        async def ask() -> None:
            while True:
                await provider.check(orders.ticket(1, far.near))

        async with asyncio.TaskGroup() as group:
            asking = [group.create_task(ask()) for _ in range(CONNECTIONS)]
            await _measure_windows(found, clock, 1)
            for task in asking:
                task.cancel()
    return found


async def _measure_windows(found: Found, clock: SystemClock, count: int) -> None:
    """Measure so many stretches; the least processor time of them counts, and every slow one."""
    for _ in range(count):
        before = found.answered
        async with measure_effort() as effort:
            await clock.sleep(SECONDS)
        found.windows.append((effort, found.answered - before))


@asynccontextmanager
async def _network(clock: SystemClock, *, own_pool: bool) -> AsyncGenerator[Network]:
    async with open_network(clock=clock) as network:
        if not own_pool:
            yield network
            return
        limits = httpx.Limits(max_connections=256, max_keepalive_connections=256)
        pool = httpx.AsyncHTTPTransport(limits=limits, trust_env=False)
        async with PollingTransport(pool, httpx.Timeout(30.0), {}) as asking:
            yield replace(network, asking=asking)


if __name__ == "__main__":
    sys.exit(run([sys.modules[__name__]]))
