"""Everything of core, put together around fakes: what `bot` does around real things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from core.delivery.attempt import DeliveryTools
from core.delivery.plan import UploadLimits
from core.dispatch.confirmations import Confirmations
from core.dispatch.fair_queue import FairQueue
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.build import engine as core_engine
from core.engine.poller import Poller
from core.engine.runner import Runner
from core.engine.step import Allowance, StepContext
from core.model.catalog import Catalog
from core.model.delivery import Destination
from core.model.job import Job, JobState
from core.model.limits import Limit
from core.model.video import Mode, VideoRequest
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule
from core.polling.task_durations import DurationModel
from core.ports import (
    AlertChannel,
    ClipStore,
    Clock,
    Courier,
    Encoder,
    JobStore,
    KeyValueStore,
    Links,
    Provider,
    ReplyLog,
)
from core.requests.stored_pictures import PicturePublisher
from core.services.orders import OrderService
from storage.memory.stores import MemoryKeyValues, MemoryReplyLog
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clip_store import FolderArchive
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.courier import RecordingCourier
from tests.fakes.delivery_tools import CuttingEncoder, ScriptedLinks
from tests.fakes.host import ScriptedHost
from tests.fakes.models import CATALOG
from tests.fakes.provider import ScriptedProvider
from tests.fakes.store import TroubledStore

BOAT = VideoRequest(
    model="kling-v3",
    prompt="a paper boat",
    duration_seconds=5,
    aspect_ratio="16:9",
    mode=Mode.STD,
    audio=False,
)
POLLS_PER_SECOND = 10.0
HOUR = 3600.0
DAY = 24 * HOUR
ALICE = 101
BOB = 102


@dataclass(slots=True)
class World:
    """What is outside the program and survives it: the gateway, Discord, the disk, time."""

    clock: VirtualClock
    provider: ScriptedProvider
    courier: RecordingCourier
    store: TroubledStore
    clips: FolderArchive
    replies: MemoryReplyLog
    durations: DurationModel
    others: tuple[ScriptedProvider, ...] = ()
    places: int = 32
    places_for_member: int = 3
    limits: tuple[Limit, ...] = ()
    catalog: Catalog = CATALOG
    encoder: CuttingEncoder = field(default_factory=CuttingEncoder)
    links: ScriptedLinks = field(default_factory=ScriptedLinks)
    notes: MemoryKeyValues = field(default_factory=MemoryKeyValues)
    host: ScriptedHost = field(default_factory=ScriptedHost)
    alerts: RecordingAlerts = field(default_factory=RecordingAlerts)

    @classmethod
    def new(cls, folder: Path) -> World:
        clock = VirtualClock()
        return cls(
            clock=clock,
            provider=ScriptedProvider(clock),
            courier=RecordingCourier(),
            store=TroubledStore(),
            clips=FolderArchive(folder),
            replies=MemoryReplyLog(),
            durations=DurationModel(),
        )


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts of core that move jobs, wired to each other as `bot/app.py` does it."""

    schedule: AdaptiveSchedule
    registry: ProviderRegistry
    context: StepContext
    fair_queue: FairQueue
    poller: Poller
    runner: Runner
    orders: OrderService


def engine(  # noqa: PLR0913 - it is given everything that core does not have
    *,
    store: JobStore,
    clock: Clock,
    providers: Mapping[str, Provider],
    clips: ClipStore,
    courier: Courier,
    replies: ReplyLog,
    fair_queue: FairQueue,
    limits: Sequence[Limit] = (),
    durations: DurationModel | None = None,
    encoder: Encoder | None = None,
    links: Links | None = None,
    notes: KeyValueStore | None = None,
    host: PicturePublisher | None = None,
    alerts: AlertChannel | None = None,
    catalog: Catalog = CATALOG,
    confirmations: Confirmations | None = None,
) -> Engine:
    """Wire core around whatever keeps its ports."""
    schedule = AdaptiveSchedule(
        chance=Random(7), durations=durations or DurationModel(), poll_budget=PollBudget(POLLS_PER_SECOND)
    )
    registry = ProviderRegistry(providers, catalog.of(providers), clock, alerts)
    allowance = Allowance(tuple(limits))
    context = StepContext(
        store=store,
        clock=clock,
        schedule=schedule,
        alerts=alerts,
        allowance=allowance,
        confirmations=confirmations,
        notes=notes,
    )
    means = DeliveryTools(
        courier,
        clips,
        encoder or CuttingEncoder(),
        links or ScriptedLinks(),
        UploadLimits(notes or MemoryKeyValues(), clock),
    )
    moving = core_engine(
        store=store,
        context=context,
        schedule=schedule,
        registry=registry,
        tools=means,
        replies=replies,
        fair_queue=fair_queue,
        host=host,
    )
    wake = moving.runner.wake
    orders = OrderService(store=store, registry=registry, clock=clock, wake=wake, limits=limits)
    return Engine(schedule, registry, context, fair_queue, moving.poller, moving.runner, orders)


class RunningCore:
    """The program, built again over a world as at each start."""

    def __init__(self, world: World) -> None:
        self.world = world
        built = engine(
            store=world.store,
            clock=world.clock,
            providers={provider.name: provider for provider in (world.provider, *world.others)},
            clips=world.clips,
            courier=world.courier,
            replies=world.replies,
            fair_queue=FairQueue(places=world.places, places_for_member=world.places_for_member),
            limits=world.limits,
            catalog=world.catalog,
            durations=world.durations,
            encoder=world.encoder,
            links=world.links,
            notes=world.notes,
            host=world.host,
            alerts=world.alerts,
        )
        self.schedule, self.registry = built.schedule, built.registry
        self.context, self.fair_queue, self.poller = built.context, built.fair_queue, built.poller
        self.runner, self.orders = built.runner, built.orders

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[RunningCore]:
        """Run until the block ends, then drain. What is still held up by a script is cut off."""
        await self.runner.recover()
        task = asyncio.create_task(self.runner.run())
        try:
            yield self
            self.runner.drain()
            await settle()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def order(self, job_id: int = 1, member_id: int = ALICE, request: VideoRequest = BOAT) -> Job:
        """Put up a card and order what it shows."""
        destination = Destination(requester_id=member_id, channel_id=7, card_id=500 + job_id)
        job = await self.orders.order(job_id, request, destination)
        self.world.courier.has_card(job)
        return job

    def job(self, job_id: int = 1) -> Job:
        return self.world.store.now(job_id)

    def state(self, job_id: int = 1) -> JobState:
        return self.job(job_id).state

    async def until(self, state: JobState, job_id: int = 1, *, at_most: float = 7 * 86_400) -> Job:
        """Let time pass until the job is in this state."""
        await self.world.clock.until(lambda: self.state(job_id) is state, at_most=at_most)
        return self.job(job_id)

    async def until_notified(self, job_id: int = 1, *, at_most: float = 7 * 86_400) -> Job:
        """Let time pass until nothing is left to do for the job."""
        await self.world.clock.until(lambda: self.job(job_id).next_at is None, at_most=at_most)
        return self.job(job_id)
