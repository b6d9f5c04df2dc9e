"""The program, started again and again over a world that outlives it, until nothing is left to do."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol, TypeAlias

from cogs.board import EDIT_SECONDS, Board
from cogs.card import Card
from cogs.courier import DiscordCourier
from core.decisions import Person
from core.errors import MatineeError
from core.jobs import Destination, JobState
from core.limits import Limit
from core.ports import Created
from core.turns import Turns
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.house import ALICE, BOAT, Engine, engine
from tests.fakes.models import CATALOG
from tests.proof.channels import BOT_ID, CHANNEL, ChannelsDoor, Town
from tests.proof.disk import Chronicle, Disk, Files, LibraryDoor, RepliesDoor, StoreDoor
from tests.proof.failpoints import AGAIN, CANCEL, REPLAY, STOP, Crash, Failpoints, Fault
from tests.proof.gateway import GatewayDoor, Gateways

DAYS: Final = 4 * 86_400.0
LAPSE: Final = (Fault("nonces are forgotten"),)


class PatientClock(VirtualClock):
    """Time passes only when everybody waits for it."""

    async def step(self, *, until: float) -> bool:
        """Go on to the next moment at which somebody wakes up; False if there is none by then."""
        if not self._alarms or self._alarms[0][0] > until:
            return False
        at, _, wake = heapq.heappop(self._alarms)
        self._seconds = max(self._seconds, at)
        wake()
        return True

    def arrive(self, at: float) -> None:
        """Let it be this late, with nobody left who would have woken up before."""
        self._seconds = max(self._seconds, at)


@dataclass(slots=True)
class World:
    """All that is outside the program: gateways, Discord, the disk, time, and what was seen of them.

    `clips` are jobs whose video is on the disk at the end; `cut_off` those that SIGTERM left while a paid
    request was under way.
    """

    points: Failpoints
    disk: Disk
    providers: tuple[str, ...] = ("anyint",)
    clock: PatientClock = field(default_factory=PatientClock)
    town: Town = field(default_factory=Town)
    gateways: Gateways = field(default_factory=Gateways)
    chronicle: Chronicle = field(default_factory=Chronicle)
    clips: set[int] = field(default_factory=set[int])
    cut_off: set[int] = field(default_factory=set[int])
    rows: dict[int, Created] = field(default_factory=dict[int, Created])
    people: People = field(default_factory=lambda: one_order)
    places: int = 2
    most_starts: int = 12
    limits: Sequence[Limit] = ()
    starts: int = 0
    has_stopped: bool = False


class Bot(Protocol):
    """A program that makes videos, from one start of it to the next."""

    async def run(self) -> None:
        """Take up what an earlier run left, and work until stopped."""
        ...

    def is_at_rest(self) -> bool: ...

    def happens(self, event: Fault) -> None:
        """Do what an event asks for."""
        ...

    async def order(self, job_id: int) -> None:
        """Order as `/video` does: the card is there first, and a refusal is shown to the member."""
        ...

    async def end(self) -> None:
        """Cut off what still runs."""
        ...


People: TypeAlias = Callable[[World, Bot], Coroutine[Any, Any, None]]
"""What people do, from one start of the program to the next."""


async def one_order(world: World, bot: Bot) -> None:
    """Order a video, at the first start."""
    if world.starts == 0:
        await bot.order(1)


class Program:
    """The real core, courier, board and card around the doors to the world."""

    def __init__(self, world: World, files: Files) -> None:
        points, clock = world.points, world.clock
        channels, card = ChannelsDoor(world.town, points), Card(CATALOG)
        replies = RepliesDoor(files.replies, points)
        self.world = world
        self._errands: list[asyncio.Task[None]] = []
        self.board = Board(channels, card, clock, gap_seconds=EDIT_SECONDS)
        self.engine: Engine = engine(
            store=StoreDoor(files.store, points, world.chronicle),
            clock=clock,
            providers={
                name: GatewayDoor(name, world.gateways, points, clock, replies) for name in world.providers
            },
            library=LibraryDoor(files.library, points),
            courier=DiscordCourier(channels, self.board, card, clock, bot_id=BOT_ID),
            replies=replies,
            turns=Turns(places=world.places, places_for_member=2),
            limits=world.limits,
        )

    async def run(self) -> None:
        await self.engine.runner.recover()
        async with asyncio.TaskGroup() as group:
            drawing = group.create_task(self.board.run())
            await self.engine.runner.run()
            drawing.cancel()

    def is_at_rest(self) -> bool:
        """Whether every job has ended, or waits for a person who was told."""
        is_busy = any(not errand.done() for errand in self._errands)
        return not is_busy and not self.world.chronicle.restless

    def happens(self, event: Fault) -> None:
        if event is STOP:
            self.world.has_stopped = True
            self.engine.studio.close()
            self.engine.runner.drain()
        elif event is CANCEL:
            self._errands.append(asyncio.create_task(self.cancel(1)))
        elif event is REPLAY:
            self._errands.append(asyncio.create_task(self.order(1)))
        elif event is AGAIN:
            self._errands.append(asyncio.create_task(self.order(2, parent_id=1)))

    async def order(
        self,
        job_id: int,
        *,
        parent_id: int | None = None,
        member_id: int = ALICE,
        channel_id: int = CHANNEL,
    ) -> None:
        card = self.world.town.has_card(job_id, channel_id)
        destination = Destination(requester_id=member_id, channel_id=channel_id, card_id=card.id)
        try:
            await self.engine.studio.order(job_id, BOAT, destination, parent_id=parent_id)
        except MatineeError as error:
            card.content = card.content or str(error)

    async def end(self) -> None:
        await ended(self._errands)

    async def cancel(self, job_id: int, *, member_id: int = ALICE) -> None:
        with suppress(MatineeError):
            await self.engine.studio.cancel(job_id, Person(member_id))


Make: TypeAlias = Callable[[World, Files], Bot]


async def live(world: World, make: Make = Program) -> None:
    """Order a video, and start the program again after each crash and each stop until it is at rest."""
    logging.disable(logging.CRITICAL)
    try:
        while not await _life(world, make):
            world.starts += 1
            assert world.starts < world.most_starts, "it is at rest after a few starts"
            world.points.is_down = world.has_stopped = False
            if world.points.chosen("restart", LAPSE):
                world.town.nonces.clear()
    finally:
        logging.disable(logging.NOTSET)


async def _life(world: World, make: Make) -> bool:
    """Run the program once; return whether it came to rest."""
    async with asynccontextmanager(world.disk.opened)() as files:
        await _compare(world, files)
        bot = make(world, files)
        world.points.on_crash, world.points.on_event = world.disk.crash, bot.happens
        running = asyncio.create_task(bot.run())
        ordering = asyncio.create_task(world.people(world, bot))
        try:
            await _pass_time(world, bot, running, ordering)
        finally:
            await bot.end()
            await ended([running, ordering])
        if world.has_stopped and not world.points.is_down:
            jobs = world.chronicle.jobs.values()
            world.cut_off |= {job.id for job in jobs if job.state is JobState.SUBMITTING}
        if world.points.is_down or world.has_stopped:
            return False
        await _compare(world, files)
        return True


async def _pass_time(
    world: World, bot: Bot, running: asyncio.Task[None], ordering: asyncio.Task[None]
) -> None:
    """Let time pass until the program ends or rests. What is still to be done after days, never is."""
    horizon = world.clock.monotonic() + DAYS
    is_over = False
    while not is_over:
        await quiet(world)
        is_over = world.points.is_down or running.done() or (ordering.done() and bot.is_at_rest())
        is_over = is_over or not await world.clock.step(until=horizon)


async def quiet(world: World) -> None:
    """Let everybody go on until they wait for time to pass."""
    await settle()
    while world.points.is_busy:
        await world.points.idle()
        await settle()


async def _compare(world: World, files: Files) -> None:
    """See that the disk says what the store said that it had written, and which clips are there.

    Links that open a clip by themselves are not kept.
    """
    jobs = world.chronicle.jobs.values()
    for job in jobs:
        kept = await files.store.get(job.id)
        assert kept
        assert replace(kept, result=None) == replace(job, result=None)
    world.clips = {job.id for job in jobs if files.library.path(job.id).exists()}


async def ended(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cut tasks off. Nothing but a crash may have ended them with an error."""
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseExceptionGroup):
            assert result.split(Crash)[1] is None, "only a crash ends the program"
        elif result is not None:
            assert isinstance(result, Crash | asyncio.CancelledError), result
