"""Everything of core, put together around fakes: what `bot` does around real things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from core.delivery.plan import PlaceLimits
from core.dispatch.confirmations import Confirmations
from core.dispatch.fair_queue import Turns
from core.dispatch.provider_registry import Lineup
from core.engine.allowance import Allowance
from core.engine.build import engine as core_engine
from core.engine.delivery_steps import Means
from core.engine.poller import Inquiry
from core.engine.runner import Runner
from core.engine.step import Desk
from core.model.catalog import Catalog
from core.model.job import Destination, Job, JobState
from core.model.limits import Limit
from core.model.video import Mode, VideoRequest
from core.polling.adaptive_schedule import LearnedSchedule
from core.polling.poll_budget import PollPrice
from core.polling.task_durations import Experience
from core.ports import Alarm, Archive, Clock, Courier, Encoder, JobStore, Links, Notes, Provider, ReplyLog
from core.requests.stored_pictures import PictureHost
from core.services.orders import Studio
from storage.memory.stores import MemoryNotes, MemoryReplyLog
from tests.fakes.alerts import RecordingAlarm
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
    archive: FolderArchive
    replies: MemoryReplyLog
    experience: Experience
    others: tuple[ScriptedProvider, ...] = ()
    places: int = 32
    places_for_member: int = 3
    limits: tuple[Limit, ...] = ()
    catalog: Catalog = CATALOG
    encoder: CuttingEncoder = field(default_factory=CuttingEncoder)
    links: ScriptedLinks = field(default_factory=ScriptedLinks)
    notes: MemoryNotes = field(default_factory=MemoryNotes)
    host: ScriptedHost = field(default_factory=ScriptedHost)
    alarm: RecordingAlarm = field(default_factory=RecordingAlarm)

    @classmethod
    def new(cls, folder: Path) -> World:
        clock = VirtualClock()
        return cls(
            clock=clock,
            provider=ScriptedProvider(clock),
            courier=RecordingCourier(),
            store=TroubledStore(),
            archive=FolderArchive(folder),
            replies=MemoryReplyLog(),
            experience=Experience(),
        )


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts of core that move jobs, wired to each other as `bot/app.py` does it."""

    schedule: LearnedSchedule
    lineup: Lineup
    desk: Desk
    turns: Turns
    inquiry: Inquiry
    runner: Runner
    studio: Studio


def engine(  # noqa: PLR0913 - it is given everything that core does not have
    *,
    store: JobStore,
    clock: Clock,
    providers: Mapping[str, Provider],
    archive: Archive,
    courier: Courier,
    replies: ReplyLog,
    turns: Turns,
    limits: Sequence[Limit] = (),
    experience: Experience | None = None,
    encoder: Encoder | None = None,
    links: Links | None = None,
    notes: Notes | None = None,
    host: PictureHost | None = None,
    alarm: Alarm | None = None,
    catalog: Catalog = CATALOG,
    confirmations: Confirmations | None = None,
) -> Engine:
    """Wire core around whatever keeps its ports."""
    schedule = LearnedSchedule(
        chance=Random(7), experience=experience or Experience(), price=PollPrice(POLLS_PER_SECOND)
    )
    lineup = Lineup(providers, catalog.of(providers), clock, alarm)
    allowance = Allowance(tuple(limits))
    desk = Desk(
        store=store,
        clock=clock,
        schedule=schedule,
        alarm=alarm,
        allowance=allowance,
        confirmations=confirmations,
        notes=notes,
    )
    means = Means(
        courier,
        archive,
        encoder or CuttingEncoder(),
        links or ScriptedLinks(),
        PlaceLimits(notes or MemoryNotes(), clock),
    )
    moving = core_engine(
        store=store,
        desk=desk,
        schedule=schedule,
        lineup=lineup,
        means=means,
        replies=replies,
        turns=turns,
        host=host,
    )
    take_up = moving.runner.take_up
    studio = Studio(store=store, lineup=lineup, clock=clock, take_up=take_up, limits=limits)
    return Engine(schedule, lineup, desk, turns, moving.inquiry, moving.runner, studio)


class House:
    """The program, built anew over a world as at each start."""

    def __init__(self, world: World) -> None:
        self.world = world
        built = engine(
            store=world.store,
            clock=world.clock,
            providers={provider.name: provider for provider in (world.provider, *world.others)},
            archive=world.archive,
            courier=world.courier,
            replies=world.replies,
            turns=Turns(places=world.places, places_for_member=world.places_for_member),
            limits=world.limits,
            catalog=world.catalog,
            experience=world.experience,
            encoder=world.encoder,
            links=world.links,
            notes=world.notes,
            host=world.host,
            alarm=world.alarm,
        )
        self.schedule, self.lineup = built.schedule, built.lineup
        self.desk, self.turns, self.inquiry = built.desk, built.turns, built.inquiry
        self.runner, self.studio = built.runner, built.studio

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[House]:
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
        job = await self.studio.order(job_id, request, destination)
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

    async def until_told(self, job_id: int = 1, *, at_most: float = 7 * 86_400) -> Job:
        """Let time pass until nothing is left to do for the job."""
        await self.world.clock.until(lambda: self.job(job_id).next_at is None, at_most=at_most)
        return self.job(job_id)
