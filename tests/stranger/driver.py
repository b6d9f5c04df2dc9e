"""Plays worlds to the real program: its engine and its adapters, over HTTP, in virtual time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from core.dispatch.fair_queue import FairQueue
from core.model.catalog import Catalog
from core.model.delivery import Delivery, Destination
from core.model.job import Job, JobState, Notice, Ticket
from core.model.ledger import Entry
from core.model.limits import Limit
from core.model.video import Result, StoredVideo, VideoRequest
from core.ports import Created, Link, Order, Progress, Provider, Reply
from providers import Network, build, open_network
from storage.memory.stores import MemoryJobStore, MemoryReplyLog
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clip_store import FolderArchive
from tests.fakes.courier import RecordingCourier
from tests.fakes.running_core import BOAT, Engine, engine
from tests.stranger.made_up.clips import clips, filmed
from tests.stranger.made_up.documents import Surface
from tests.stranger.made_up.gateway import Gateway, HonestGateway, StrangerGateway, Truth
from tests.stranger.made_up.grammar import World
from tests.stranger.made_up.wire import Request, Sent, Server
from tests.stranger.virtual import LoopClock, VirtualLoop

HONEST_ORDER: Final = 9
"""The number of the order that only the honest gateway can make."""

MOST_SECONDS: Final = 2 * 86_400.0
_LOOK_SECONDS: Final = 3600.0
_LOOK_UP_SECONDS: Final = 2 * 3600.0
"""By then a task that can be looked up was looked for more often than a gateway gives odd answers."""

HONEST: Final[dict[Surface, tuple[Surface, VideoRequest]]] = {
    Surface.ANYINT: (Surface.WORLDROUTER, replace(BOAT, model="kling-v2-6")),
    Surface.NATIVE: (Surface.WORLDROUTER, replace(BOAT, model="kling-v2-6")),
    Surface.WORLDROUTER: (Surface.ANYINT, replace(BOAT, audio=True)),
}
"""The honest gateway beside each stranger, and something that it alone makes."""


@dataclass(slots=True)
class Played:
    """The result of a world: each order's job, its ledger, what its member was given and told.

    `delivered` holds clips by order, `arrived` the seconds from order to delivery, `told` the jobs as their
    members were told of them, `mistakes` what the program logged as its own errors.
    """

    world: World
    stranger: Truth
    honest: Truth
    alerts: RecordingAlerts
    jobs: dict[int, Job] = field(default_factory=dict[int, Job])
    ledger: dict[int, list[Entry]] = field(default_factory=dict[int, list[Entry]])
    delivered: dict[int, list[bytes]] = field(default_factory=dict[int, list[bytes]])
    arrived: dict[int, float] = field(default_factory=dict[int, float])
    told: list[Job] = field(default_factory=list[Job])
    mistakes: list[str] = field(default_factory=list[str])


class Calls:
    """How many calls to gateways are under way."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def one(self) -> Generator[None]:
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


class Watched:
    """A provider whose calls are counted while they last."""

    def __init__(self, provider: Provider, calls: Calls) -> None:
        self._provider = provider
        self._calls = calls

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def links_are_public(self) -> bool:
        return self._provider.links_are_public

    async def create(self, order: Order) -> Created:
        with self._calls.one():
            return await self._provider.create(order)

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        return self._provider.read(reply, order)

    async def look_up(self, order: Order) -> Created | None:
        with self._calls.one():
            return await self._provider.look_up(order)

    async def check(self, ticket: Ticket) -> Progress:
        with self._calls.one():
            return await self._provider.check(ticket)

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        with self._calls.one():
            return await self._provider.fetch(ticket, result, into)

    async def close(self) -> None:
        await self._provider.close()


class WatchedStore(MemoryJobStore):
    """Says when something has changed."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    async def move(self, before: Job, after: Job, limits: Sequence[Limit] = ()) -> None:
        await super().move(before, after, limits)
        self.changed.set()


class Witness(RecordingCourier):
    """Keeps what was brought and said, and when."""

    def __init__(self, played: Played, clock: LoopClock) -> None:
        super().__init__()
        self._played = played
        self._clock = clock

    async def notify(self, job: Job) -> None:
        self._played.told.append(job)
        await super().notify(job)

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        self._played.delivered.setdefault(job.id, []).append(video.read_bytes())
        self._played.arrived[job.id] = (self._clock.now() - job.ordered_at).total_seconds()
        return await super().deliver(job, video, original=original)


class Mistakes(logging.Handler):
    """Collects errors that the program did not expect."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.found.append(f"{record.getMessage()}: {record.exc_info[1]!r}")


class Stage:
    """Two servers on loopback and the program's own clients, open for as many worlds as there are.

    `alone` is how many seconds an order takes at the honest gateway without any other. `around` puts
    something of a test's own around each provider.
    """

    def __init__(
        self, surface: Surface, folder: Path, around: Callable[[Provider], Provider] = lambda one: one
    ) -> None:
        self.surface = surface
        self._around = around
        self._archive = FolderArchive(folder)
        self._clock = LoopClock()
        self._calls = Calls()
        self._catalog = Catalog.shipped()
        self._clip = clips(filmed())
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        self._open = AsyncExitStack()
        self._worlds = 0
        self._playing: dict[str, Gateway] = {}
        self._stranger, self._honest = Server(self._answer), Server(self._answer)
        self._origins = ("", "")
        self._network: Network = self._runner.run(self._opened())
        self.alone = self.play(World(surface, ())).arrived[HONEST_ORDER]

    async def _opened(self) -> Network:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._origins = await self._stranger.listen(), await self._honest.listen()
        loop.is_busy = lambda: self._calls.count > self._stranger.silent + self._honest.silent
        hosts = {origin.removeprefix("http://") for origin in self._origins}
        return await self._open.enter_async_context(open_network(clock=self._clock, allowed_hosts=hosts))

    def close(self) -> None:
        self._runner.run(self._closed())
        self._runner.close()

    async def _closed(self) -> None:
        await self._open.aclose()
        await self._stranger.close()
        await self._honest.close()

    def _answer(self, request: Request) -> Sent:
        name, *segments = request.segments
        return self._playing[name].answer(request, segments)

    def play(self, world: World) -> Played:
        """Let the program live in a world until every order has come to its end."""
        with _mistakes() as mistakes:
            played = self._runner.run(self._played(world))
        played.mistakes = mistakes.found
        return played

    async def _played(self, world: World) -> Played:
        self._worlds += 1
        names = f"s{self._worlds}", f"h{self._worlds}"
        bases = [f"{origin}/{name}" for origin, name in zip(self._origins, names, strict=True)]
        now = self._clock.monotonic
        stranger = StrangerGateway(world, bases[0], now, self._clip)
        honest = HonestGateway(HONEST[world.surface][0], bases[1], now, self._clip)
        self._playing = dict(zip(names, (stranger, honest), strict=True))
        played = Played(world, stranger.truth, honest.truth, RecordingAlerts())
        store = WatchedStore()
        async with self._living(played, store, bases) as program:
            await self._order(program, world)
            await self._rest(store, _LOOK_UP_SECONDS if world.can_look_up else 0.0)
        played.jobs = {job.id: job for job in store.jobs}
        played.ledger = {job.id: await store.entries(job.id) for job in store.jobs}
        for job in store.jobs:
            await self._archive.discard(job.id)
        return played

    @asynccontextmanager
    async def _living(self, played: Played, store: WatchedStore, bases: list[str]) -> AsyncGenerator[Engine]:
        names = [played.world.surface, HONEST[played.world.surface][0]]
        gateways = ["anyint" if name is Surface.NATIVE else str(name) for name in names]
        replies = MemoryReplyLog()
        providers = build(
            names,
            keys=dict.fromkeys(gateways, "sk-a-key-of-nobody"),
            base_urls=dict(zip(gateways, bases, strict=True)),
            network=self._network,
            replies=replies,
            sends_job_id=played.world.can_look_up,
        )
        program = engine(
            store=store,
            clock=self._clock,
            providers={
                name: Watched(self._around(provider), self._calls) for name, provider in providers.items()
            },
            clips=self._archive,
            courier=Witness(played, self._clock),
            replies=replies,
            fair_queue=FairQueue(places=8, places_for_member=4),
            alerts=played.alerts,
            catalog=self._catalog,
        )
        async with asyncio.TaskGroup() as group:
            running = group.create_task(program.runner.run())
            yield program
            running.cancel()

    async def _order(self, program: Engine, world: World) -> None:
        for order in world.orders:
            await self._order_one(program, order.number, BOAT)
        if world.has_neighbour:
            await self._order_one(program, HONEST_ORDER, HONEST[world.surface][1])

    async def _order_one(self, program: Engine, number: int, request: VideoRequest) -> None:
        destination = Destination(requester_id=100 + number, channel_id=7, card_id=500 + number)
        await program.orders.order(
            number, replace(request, prompt=f"order {number}: {BOAT.prompt}"), destination
        )

    async def _rest(self, store: WatchedStore, least: float) -> None:
        """Wait until every job has ended and its member knows, or until waiting longer makes no sense.

        What is in doubt may be found within `least` seconds.
        """
        began = self._clock.monotonic()
        while (lasted := self._clock.monotonic() - began) < MOST_SECONDS:
            if all(_is_at_rest(job, is_final=lasted >= least) for job in store.jobs):
                return
            store.changed.clear()
            await self._clock.wait(store.changed, _LOOK_SECONDS)


def _is_at_rest(job: Job, *, is_final: bool) -> bool:
    is_left = job.state is JobState.UNKNOWN and job.notice is Notice.GIVEN
    return job.next_at is None or (is_left and is_final)


@contextmanager
def _mistakes() -> Generator[Mistakes]:
    handler, root = Mistakes(), logging.getLogger()
    logging.disable(logging.WARNING)
    root.addHandler(handler)
    try:
        yield handler
    finally:
        root.removeHandler(handler)
        logging.disable(logging.NOTSET)
