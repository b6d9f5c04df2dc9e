"""The real engine and a real adapter over HTTP, in virtual time, at a gateway that answers as a test says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from core.dispatch.fair_queue import FairQueue
from core.model.catalog import Catalog
from core.model.delivery import Delivery, Destination
from core.model.job import Job
from core.ports import Link
from core.services.job_actions import JobActions, Operator
from providers import build, open_network
from storage.memory.stores import MemoryJobStore, MemoryReplyLog
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clip_store import FolderArchive
from tests.fakes.courier import RecordingCourier
from tests.fakes.running_core import BOAT, Engine, engine
from tests.stranger.driver import Calls, Watched
from tests.stranger.made_up.answers import Answer
from tests.stranger.made_up.clips import clips, filmed
from tests.stranger.made_up.documents import STARTED, UNKNOWN_TASK, Created, Surface, created, written
from tests.stranger.made_up.gateway import Gateway, Task, named
from tests.stranger.made_up.wire import Request, Sent, Server
from tests.stranger.virtual import LoopClock, VirtualLoop

DAY: Final = 86_400.0
RENDERING_SECONDS: Final = 30.0

Says: TypeAlias = Callable[[Task, int], Answer | None]
"""What is answered to a question about a task, counted from 0; None for the truth."""


def says(body: object, status: int = 200) -> Answer:
    """Answer with a JSON body, in which `ID`, `LINK`, `OTHER_ID` and others stand for what is true."""
    return Answer("a test's", status, written(body))


def truth(_task: Task, _number: int) -> Answer | None:
    return None


def nothing(_: str) -> Answer | None:
    return None


@dataclass(frozen=True, slots=True)
class Lies:
    """Where the gateway does not tell the truth. `looked_up` answers for ids that it has not given.

    The first `lost_creates` orders are made and never confirmed; those whose fate is False fail.
    """

    status: Says = truth
    content: Says = truth
    media: Says = truth
    looked_up: Callable[[str], Answer | None] = nothing
    fates: Sequence[bool] = ()
    lost_creates: int = 0


class ToldGateway(Gateway):
    """Tells the truth, except where a test says something else."""

    def __init__(self, surface: Surface, origin: str, now: Callable[[], float], lies: Lies) -> None:
        super().__init__(surface, origin, now, clip)
        self.surface, self.origin, self.lies = surface, origin, lies
        self.asked: Counter[str] = Counter()
        self.fetched: list[str] = []
        self._is_media = False
        self.keys: list[tuple[str, str | None]] = []

    def answer(self, request: Request, segments: list[str]) -> Sent:
        self._is_media = segments[0] == "media"
        self.keys.append(("/".join(segments), request.headers.get("authorization")))
        return super().answer(request, segments)

    def of_order(self, number: int) -> Task:
        return next(task for task in self.truth.tasks.values() if task.order == number)

    def _create(self, request: Request) -> Sent:
        del request
        number = len(self.truth.posts) + 1
        self.truth.posts[number] += 1
        finishes = self.lies.fates[number - 1] if number <= len(self.lies.fates) else True
        task = self._make(
            Task(
                named(4, f"{self.origin}-{number}"),
                number,
                self._now() + RENDERING_SECONDS,
                finishes=finishes,
                is_billed=True,
                clip=clip(f"order-{number}"),
            )
        )
        if number <= self.lies.lost_creates:
            return self._sent(Answer("gone", 502, "<h1>Bad gateway</h1>"), task)
        return self._sent(created(self.surface, Created(STARTED[self.surface])), task)

    def _status(self, task_id: str) -> Sent:
        task = self.truth.tasks.get(task_id)
        if task is None:
            said = self.lies.looked_up(task_id) or UNKNOWN_TASK[self.surface]
            return self._sent(said, next(iter(self.truth.tasks.values()), None))
        number, self.asked[task_id] = self.asked[task_id], self.asked[task_id] + 1
        answer = self.lies.status(task, number)
        return self._sent(self._true(task, "failed") if answer is None else answer, task)

    def _file(self, task_id: str) -> Sent:
        task = self.truth.tasks[task_id]
        number = self.fetched.count(task_id)
        self.fetched.append(task_id)
        answer = (self.lies.media if self._is_media else self.lies.content)(task, number)
        if answer is not None:
            return self._sent(answer, task)
        if self._now() < task.ends_at or not task.finishes:
            return self._sent(says({"error": {"message": "not ready"}}, 404), task)
        return self._whole(task)


class Witness(RecordingCourier):
    """Keeps what was brought, by job."""

    def __init__(self) -> None:
        super().__init__()
        self.brought: dict[int, list[bytes]] = {}

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        self.brought.setdefault(job.id, []).append(video.read_bytes())
        return await super().deliver(job, video, original=original)


@dataclass
class Town:
    """One gateway, one program. `job` numbers are those of the orders, from 1."""

    gateway: ToldGateway
    program: Engine
    store: MemoryJobStore
    courier: Witness
    alerts: RecordingAlerts
    clock: LoopClock
    job_actions: JobActions

    async def order(self, count: int = 1) -> None:
        for number in range(1, count + 1):
            destination = Destination(requester_id=100 + number, channel_id=7, card_id=500 + number)
            request = replace(BOAT, prompt=f"order {number}: {BOAT.prompt}")
            await self.program.orders.order(number, request, destination)

    async def until_notified(self, *numbers: int, most: float = 3 * DAY) -> None:
        """Let time pass until nothing is left to do for these jobs, or for all."""
        await self.until(lambda: all(job.next_at is None for job in self._jobs(numbers)), most)

    async def bring_its_clip(self, most: float = 3 * DAY) -> None:
        """Order a video; when nothing is left to do, its own clip was brought, and once."""
        await self.order()
        await self.until_notified(most=most)
        assert self.has_own_clip()

    async def until(self, condition: Callable[[], bool], most: float = 3 * DAY) -> None:
        end = self.clock.monotonic() + most
        while not condition():
            assert self.clock.monotonic() < end, [(job.id, job.state, job.detail) for job in self.store.jobs]
            await asyncio.sleep(1)

    def job(self, number: int = 1) -> Job:
        return next(job for job in self.store.jobs if job.id == number)

    def has_own_clip(self, number: int = 1) -> bool:
        return self.courier.brought.get(number) == [clip(f"order-{number}")]

    async def deliver(self, number: int = 1) -> None:
        """Do what `matinee jobs deliver` does."""
        await self.job_actions.deliver_again(number, Operator())

    def _jobs(self, numbers: Sequence[int]) -> list[Job]:
        return [job for job in self.store.jobs if job.id in numbers or not numbers]


NO_LIES: Final = Lies()


@dataclass
class Play:
    """Runs a scene in virtual time."""

    folder: Path

    def __call__(
        self,
        surface: Surface,
        scene: Callable[[Town], Awaitable[None]],
        lies: Lies = NO_LIES,
        *,
        sends_job_id: bool = False,
    ) -> None:
        async def played() -> None:
            async with _living(surface, self.folder, lies, sends_job_id=sends_job_id) as town:
                await scene(town)

        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(played())


@asynccontextmanager
async def _living(surface: Surface, folder: Path, lies: Lies, *, sends_job_id: bool) -> AsyncGenerator[Town]:
    clock, calls, replies, store = LoopClock(), Calls(), MemoryReplyLog(), MemoryJobStore()
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    async with AsyncExitStack() as stack:
        playing: list[ToldGateway] = []
        server = Server(lambda request: playing[0].answer(request, request.segments))
        origin = await server.listen()
        stack.push_async_callback(server.close)
        loop.is_busy = lambda: calls.count > server.silent
        playing.append(ToldGateway(surface, origin, clock.monotonic, lies))
        network = await stack.enter_async_context(
            open_network(clock=clock, allowed_hosts={origin.removeprefix("http://")})
        )
        name = "anyint" if surface is Surface.NATIVE else str(surface)
        provider = build(
            [surface],
            keys={name: "sk-a-key-of-nobody"},
            base_urls={name: origin},
            network=network,
            replies=replies,
            sends_job_id=sends_job_id,
        )[surface]
        courier, alerts = Witness(), RecordingAlerts()
        program = engine(
            store=store,
            clock=clock,
            providers={surface: Watched(provider, calls)},
            clips=FolderArchive(folder),
            courier=courier,
            replies=replies,
            fair_queue=FairQueue(places=8, places_for_member=4),
            alerts=alerts,
            catalog=Catalog.shipped(),
        )
        decisions = JobActions(store=store, clock=clock, wake=program.runner.wake)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(program.runner.run())
            yield Town(playing[0], program, store, courier, alerts, clock, decisions)
            running.cancel()


@cache
def _film() -> bytes:
    return filmed()


def clip(name: str) -> bytes:
    """Return a real clip that is like no other."""
    return clips(_film())(name)
