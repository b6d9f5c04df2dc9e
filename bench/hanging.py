"""How much a gateway that hangs on everything holds up the clips of another one.

The bot's own engine and provider layer. One gateway takes connections and never answers, while orders are
sent to it, tasks are asked about and clips are fetched. Meanwhile the other gateway's orders are timed. The
straightforward way is one pool of workers for everything.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count, pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Final

from bench.machine import percentile
from bench.report import Report, Target, run
from bench.stands import engine, orders
from bench.stands.honest_gateway import honest_gateway
from bot.process.clock import SystemClock
from core.model.catalog import Catalog
from core.model.delivery import Delivery, Way
from core.model.job import Job, JobState
from core.model.video import Result
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule
from core.polling.task_durations import DurationModel
from core.ports import Finished, Link, Order, Provider
from providers import AnyInt, Network, WorldRouter, open_network
from storage.memory.stores import MemoryJobStore, MemoryReplyLog

CLIPS: Final = 12
HUNG: Final = {JobState.QUEUED: 40, JobState.RUNNING: 400, JobState.READY: 16}
"""Jobs at the gateway that hangs, by what they wait for."""

WORKERS: Final = 16
GIVEN_UP_SECONDS: Final = 30.0
_KEY: Final = "sk-bench"


class Watcher(engine.NoCourier):
    """Notes when each video comes."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self.changed = asyncio.Event()

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        del video, original
        self.seen[job.id] = monotonic()
        self.changed.set()
        return Delivery(plan=Way.ATTACH, channel_id=job.destination.channel_id, message_id=job.id)


def measure() -> Report:
    logging.getLogger("core").setLevel(logging.CRITICAL)
    alone = asyncio.run(_time_orders(_by_the_engine, is_hanging=False))
    beside = asyncio.run(_time_orders(_by_the_engine, is_hanging=True))
    theirs = asyncio.run(_time_orders(_by_workers, is_hanging=True))
    rows: list[list[str | float]] = [
        ["alone", percentile(alone, 0.5), max(alone)],
        ["beside a gateway that hangs", percentile(beside, 0.5), max(beside)],
        [f"{WORKERS} workers for everything (given up)", percentile(theirs, 0.5), max(theirs)],
    ]
    targets = [
        Target(
            "delivered beside a gateway that hangs, times alone",
            max(beside) / max(alone),
            1.2,
            is_least=False,
        ),
        Target("workers for everything, times ours", max(theirs) / max(beside), 3, is_least=True),
    ]
    hung = ", ".join(f"{number} {state.lower()}" for state, number in HUNG.items())
    return Report(f"{CLIPS} clips beside hung jobs: {hung}", ["", "p50 s", "last s"], rows, targets)


async def _time_orders(way: Callable[[World], Awaitable[list[float]]], *, is_hanging: bool) -> list[float]:
    """Return the seconds from each order to its video, those given up among them."""
    async with honest_gateway() as honest, _mute() as mute:
        hosts = [honest.removeprefix("http://"), mute.removeprefix("http://")]
        async with open_network(clock=SystemClock(), allowed_hosts=hosts) as network:
            with TemporaryDirectory() as folder:
                world = World(honest, mute, network, Path(folder))
                if is_hanging:
                    await world.hang()
                return await way(world)


class World:
    """Both gateways, and the store with the jobs that hang."""

    def __init__(self, honest: str, mute: str, network: Network, folder: Path) -> None:
        replies = MemoryReplyLog()
        self.folder = folder
        self.store = MemoryJobStore()
        self.mute = mute
        self.providers: dict[str, Provider] = {
            "anyint": AnyInt(base_url=mute, key=_KEY, network=network, replies=replies),
            "worldrouter": WorldRouter(base_url=honest, key=_KEY, network=network, replies=replies),
        }
        self._numbers = count(1)

    async def hang(self) -> None:
        """Record the jobs at the gateway that hangs."""
        for state, number in HUNG.items():
            for _ in range(number):
                await self._record(next(self._numbers), state)

    async def _record(self, number: int, state: JobState) -> None:
        now = SystemClock().now()
        steps = list(_life(number, now, self.mute))
        reached = next(index for index, step in enumerate(steps) if step.state is state)
        await self.store.admit(steps[0])
        for before, after in pairwise(steps[: reached + 1]):
            await self.store.move(before, after)

    def order(self) -> Job:
        """Return an order that only the honest gateway can make."""
        job = orders.queued(next(self._numbers), SystemClock().now())
        return replace(job, request=replace(job.request, model="kling-v2-6"))


def _life(number: int, at: datetime, mute: str) -> Iterator[Job]:
    """Yield the states of a job that only the hanging gateway can make, up to the fetching of its clip."""
    job = orders.queued(number, at)
    job = replace(job, request=replace(job.request, audio=True))
    yield job
    job = job.submitting("anyint", at)
    yield job
    job = job.running(orders.ticket(number, mute), at, next_at=at)
    yield job
    job = job.ready(Result(url=f"{mute}/clips/{number}.mp4", seen_at=at), at)
    yield job


async def _by_the_engine(world: World) -> list[float]:
    courier, clock = Watcher(), SystemClock()
    schedule = AdaptiveSchedule(
        first_seconds=1.0,
        min_seconds=0.5,
        max_seconds=1.0,
        chance=Random(1),
        durations=DurationModel(),
        poll_budget=PollBudget(1000),
    )
    runner = engine.build(world.store, clock, world.providers, schedule, world.folder, courier).runner
    await runner.recover()
    async with asyncio.TaskGroup() as group:
        moving = group.create_task(runner.run())
        await clock.sleep(3)  # until everything hangs that can
        started = monotonic()
        for _ in range(CLIPS):
            job = world.order()
            await world.store.admit(job)
            runner.wake(job)
        while len(courier.seen) < CLIPS and monotonic() - started < GIVEN_UP_SECONDS:
            await clock.wait(courier.changed, 1)
            courier.changed.clear()
        moving.cancel()
    waited = [seen - started for seen in courier.seen.values()]
    return waited + [GIVEN_UP_SECONDS] * (CLIPS - len(waited))


async def _by_workers(world: World) -> list[float]:
    """Let a few workers take one job after the other, from the order to the clip on the disk."""
    waiting: asyncio.Queue[tuple[Provider, Job]] = asyncio.Queue()
    for _ in range(HUNG[JobState.QUEUED]):
        waiting.put_nowait((world.providers["anyint"], world.order()))
    ours = [world.order() for _ in range(CLIPS)]
    for job in ours:
        waiting.put_nowait((world.providers["worldrouter"], job))
    started, seen = monotonic(), dict.fromkeys((job.id for job in ours), GIVEN_UP_SECONDS)

    async def work() -> None:
        while True:
            provider, job = await waiting.get()
            await _made(world, provider, job)
            seen[job.id] = monotonic() - started

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(work()) for _ in range(WORKERS)]
        await SystemClock().sleep(GIVEN_UP_SECONDS)
        for worker in workers:
            worker.cancel()
    return [seen[job.id] for job in ours]


async def _made(world: World, provider: Provider, job: Job) -> None:
    models = Catalog.shipped().of(world.providers)
    model = next(model for model in models if model.provider == provider.name)
    created = await provider.create(Order(job.id, job.request, model))
    while not isinstance(progress := await provider.check(created.ticket), Finished):
        await SystemClock().sleep(0.5)
    _ = await provider.fetch(created.ticket, progress.result, world.folder / f"{job.id}.mp4")


@asynccontextmanager
async def _mute() -> AsyncGenerator[str]:
    """Run a gateway that takes connections and never answers, and give its address."""
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0, backlog=1024)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


if __name__ == "__main__":
    sys.exit(run([sys.modules[__name__]]))
