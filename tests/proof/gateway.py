"""A gateway that makes a task for each paid request it takes, and remembers what it was asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from core.errors import (
    CheckFailed,
    FetchFailed,
    LinkExpired,
    NotSent,
    OutcomeUnknown,
    Refusal,
    Refused,
    TaskMissing,
)
from core.jobs import Ticket
from core.ports import Clock, Created, Failed, Finished, Order, Progress, Reply, ReplyLog, Stage, Working
from core.video import Result, StoredVideo
from tests.fakes.provider import CLIP
from tests.proof.failpoints import ENDS, Failpoints, Fault

FAILS_FOR_GOOD: Final = Fault("the task fails")
IS_FOUND: Final = Fault("the task is found")

CREATE: Final = (
    Fault("not sent", lambda: NotSent("no route")),
    Fault("refused as busy", lambda: Refused(Refusal.BUSY, "later", retry_after=timedelta(seconds=9))),
    Fault("refused for good", lambda: Refused(Refusal.REQUEST, "no such ratio")),
    Fault("refused for credit", lambda: Refused(Refusal.CREDIT, "no credit")),
    Fault("lost on the way", lambda: OutcomeUnknown("reset")),
    Fault("made, but unheard", lambda: OutcomeUnknown("timeout"), has_effect=True),
    Fault("made, then a mistake of ours", lambda: RuntimeError("ours"), has_effect=True),
    *ENDS,
)
CHECK: Final = (
    Fault("fails", lambda: CheckFailed("502")),
    Fault("knows no task", lambda: TaskMissing("404")),
    Fault("a mistake of ours", lambda: ValueError("ours")),
    FAILS_FOR_GOOD,
    *ENDS,
)
FETCH: Final = (
    Fault("fails", lambda: FetchFailed("cut")),
    Fault("link expired", lambda: LinkExpired("403")),
    Fault("fetched, then the disk is full", lambda: OSError(28, "full"), has_effect=True),
    *ENDS,
)
LOOK_UP: Final = (Fault("fails", lambda: CheckFailed("502")), IS_FOUND)


@dataclass(slots=True)
class Request:
    """A paid request that left the program. `was_refused` where it was told that nothing was made."""

    job_id: int
    provider: str
    was_refused: bool = False


@dataclass(slots=True)
class Task:
    """A paid task, and how often it was asked about."""

    id: str
    job_id: int
    provider: str
    asked: int = 0
    has_failed: bool = False


@dataclass(slots=True)
class Gateways:
    """What all gateways were asked and made; it outlives the program.

    `patience` is how many questions find a task still working.
    """

    requests: list[Request] = field(default_factory=list[Request])
    tasks: list[Task] = field(default_factory=list[Task])
    patience: int = 0

    def find(self, task_id: str) -> Task:
        return next(task for task in self.tasks if task.id == task_id)

    def made_for(self, job_id: int) -> list[Task]:
        return [task for task in self.tasks if task.job_id == job_id]


class GatewayDoor:
    """Keeps `core.ports.Provider`."""

    def __init__(
        self, name: str, gateways: Gateways, points: Failpoints, clock: Clock, replies: ReplyLog
    ) -> None:
        self._name = name
        self._gateways = gateways
        self._points = points
        self._clock = clock
        self._replies = replies

    @property
    def name(self) -> str:
        return self._name

    @property
    def links_are_public(self) -> bool:
        return False

    async def create(self, order: Order) -> Created:
        request = Request(order.job_id, self._name)

        async def effect() -> Task:
            task = Task(f"task-{len(self._gateways.tasks)}", order.job_id, self._name)
            self._gateways.tasks.append(task)
            return task

        self._gateways.requests.append(request)
        try:
            task = await self._points.at("create", effect, CREATE)
        except NotSent:
            request.was_refused = True
            raise
        except Refused as error:
            request.was_refused = True
            await self._keep(order, f"no {error.why}")
            raise
        await self._keep(order, task.id)
        return self._created(task.id)

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        del order
        words = reply.body.decode()
        if words.startswith("no "):
            raise Refused(Refusal(words.removeprefix("no ")), "no")
        return self._created(words)

    async def look_up(self, order: Order) -> Created | None:
        async def effect() -> Created | None:
            is_found = self._points.passed[-1].fault is IS_FOUND
            made = self._gateways.made_for(order.job_id)
            return self._created(made[-1].id) if is_found and made else None

        return await self._points.at("look up", effect, LOOK_UP)

    async def check(self, ticket: Ticket) -> Progress:
        async def effect() -> Progress:
            task = self._gateways.find(ticket.task_id)
            task.has_failed = task.has_failed or self._points.passed[-1].fault is FAILS_FOR_GOOD
            task.asked += 1
            if task.has_failed:
                return Failed("failed", "the picture is empty")
            if task.asked <= self._gateways.patience:
                return Working(Stage.RUNNING, 40)
            return Finished(Result(url=f"https://clips.example/{task.id}.mp4", seen_at=self._clock.now()))

        return await self._points.at("check", effect, CHECK)

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        del result

        async def effect() -> StoredVideo:
            assert self._gateways.find(ticket.task_id).asked, "it was finished before it is fetched"
            into.write_bytes(CLIP)
            return StoredVideo(file=into.name, size=len(CLIP), sha256=hashlib.sha256(CLIP).hexdigest())

        return await self._points.at("fetch", effect, FETCH)

    async def close(self) -> None:
        return

    async def _keep(self, order: Order, words: str) -> None:
        body = words.encode()
        reply = Reply(self._name, "videos", "https://gateway.example", 200, body, order.attempt)
        await self._replies.append(order.job_id, reply)

    def _created(self, task_id: str) -> Created:
        ticket = Ticket(
            provider=self._name,
            task_id=task_id,
            family="videos",
            base_url="https://gateway.example",
            key_fingerprint="k1",
        )
        return Created(ticket, Working(Stage.QUEUED))
