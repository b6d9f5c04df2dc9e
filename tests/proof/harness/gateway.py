"""A gateway that makes a task for each paid request it takes, and remembers what it was asked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from core.model.errors import NotSent, OutcomeUnknown, Refusal, Refused, TaskMissing
from core.model.job import Ticket
from core.model.video import Result, StoredVideo
from core.ports import (
    Clock,
    Created,
    Failed,
    Finished,
    Order,
    Progress,
    Reply,
    ReplyLog,
    Stage,
    Unproved,
    Working,
)
from tests.fakes.provider import CLIP
from tests.proof.harness.answers import (
    BECOMES,
    CHECK,
    CREATE,
    DENIED,
    ENDS_ANOTHER,
    FAILS_NOBODYS,
    FETCH,
    FINDS_ANOTHER,
    IS_FOUND,
    KNOWS_NONE,
    LOOK_UP,
    NAMED_IN_AN_ERROR,
    RENAMES,
    Manner,
)
from tests.proof.harness.failpoints import Failpoints, Fault

BLIND_SECONDS: Final = 1200.0
IN_A_ROW: Final = 2
REST_SECONDS: Final = 60.0
"""After so many requests in a row that were not confirmed, a gateway is left alone for so long at least."""

_TASK: Final = "task-"
STRANGER: Final = "stranger"
"""A task of another account, and the name of its clip."""


def clip_of(task_id: str) -> bytes:
    """Return what a task makes: no two make the same."""
    return CLIP + task_id.encode()


def alias_of(task_id: str) -> str:
    """Return the other id of a task that is renamed."""
    return f"alias-of-{task_id}"


@dataclass(slots=True)
class Request:
    """A paid request that left the program.

    `was_refused` where the answer was that nothing was made, so that it may go elsewhere.
    """

    job_id: int
    provider: str
    was_refused: bool = False


@dataclass(slots=True)
class Task:
    """A paid task, and how often it was asked about. `is_denied`: the gateway said that it made nothing."""

    id: str
    job_id: int
    provider: str
    price: int = 0
    asked: int = 0
    manner: Manner = Manner.NAMES_IT
    is_denied: bool = False


@dataclass(slots=True)
class Gateways:
    """What all gateways were asked and made; it outlives the program.

    `patience` is how many questions find a task still working. Until `blind_until`, of the monotonic
    clock, no task is known; `blind_to` are those that were asked about meanwhile. `forbidden` are jobs of
    which nobody has said that they may be sent; `trespasses` are requests that should not have come.
    """

    requests: list[Request] = field(default_factory=list[Request])
    tasks: list[Task] = field(default_factory=list[Task])
    patience: int = 0
    blind_until: float = float("-inf")
    blind_to: set[str] = field(default_factory=set[str])
    forbidden: set[int] = field(default_factory=set[int])
    trespasses: list[str] = field(default_factory=list[str])

    def find(self, task_id: str) -> Task:
        task = self.tasks[int(task_id.removeprefix(_TASK))]  # searched for, thousands would cost the most
        assert task.id == task_id
        return task

    def made_for(self, job_id: int) -> list[Task]:
        return [task for task in self.tasks if task.job_id == job_id]

    def of_others(self, job_id: int, provider: str) -> list[Task]:
        """The tasks of a gateway that other jobs ask about."""
        asked = (task for task in self.tasks if task.asked and task.provider == provider)
        return [task for task in asked if task.job_id != job_id]


class GatewayDoor:
    """Implements `core.ports.Provider`."""

    def __init__(
        self, name: str, gateways: Gateways, points: Failpoints, clock: Clock, replies: ReplyLog
    ) -> None:
        self._name = name
        self._gateways = gateways
        self._points = points
        self._clock = clock
        self._replies = replies
        self._unconfirmed: list[float] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def links_are_public(self) -> bool:
        return False

    async def create(self, order: Order) -> Created:
        request = Request(order.job_id, self._name)
        self._note_trespass(order)
        self._gateways.requests.append(request)
        try:
            task = await self._points.at("create", lambda: self._made(order), CREATE)
        except NotSent:
            request.was_refused = True
            raise
        except Refused as error:
            request.was_refused = not error.is_final
            await self._keep(order, f"{'final' if error.is_final else 'no'} {error.why}")
            raise
        except OutcomeUnknown:
            self._unconfirmed.append(self._clock.monotonic())
            if self._fault is NAMED_IN_AN_ERROR:
                await self._keep(order, "doubt")
            raise
        self._unconfirmed.clear()
        await self._keep(order, task.id)
        return self._created(task.id)

    async def _made(self, order: Order) -> Task:
        number, price = len(self._gateways.tasks), order.model.price(order.request)
        task = Task(f"{_TASK}{number}", order.job_id, self._name, price or 0, is_denied=self._fault is DENIED)
        self._gateways.tasks.append(task)
        return task

    def _note_trespass(self, order: Order) -> None:
        row = self._unconfirmed
        if len(row) >= IN_A_ROW and self._clock.monotonic() < row[IN_A_ROW - 1] + REST_SECONDS:
            self._gateways.trespasses.append(
                f"job {order.job_id} was sent to a gateway that confirms nothing"
            )
        if order.job_id in self._gateways.forbidden:
            self._gateways.trespasses.append(f"job {order.job_id} was sent before anybody said yes")

    @property
    def _fault(self) -> Fault | None:
        return self._points.passed[-1].fault

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        del order
        words = reply.body.decode()
        kind, _, why = words.partition(" ")
        if kind in {"no", "final"}:
            raise Refused(Refusal(why), "no", is_final=kind == "final")
        if kind == "doubt":
            raise OutcomeUnknown("400 with an id")
        return self._created(words)

    async def look_up(self, order: Order) -> Created | None:
        async def effect() -> Created | None:
            made: list[Task] = []
            if self._fault is IS_FOUND:
                made = self._gateways.made_for(order.job_id)
            elif self._fault is FINDS_ANOTHER:
                made = self._gateways.of_others(order.job_id, self._name)
            return self._created(made[-1].id) if made else None

        return await self._points.at("look up", effect, LOOK_UP)

    async def check(self, ticket: Ticket) -> Progress:
        async def effect() -> Progress:
            task, fault = self._gateways.find(ticket.task_id), self._fault
            task.asked += 1
            self._look_away(task, fault)
            if task.manner is Manner.NAMES_IT and fault in BECOMES:
                task.manner = BECOMES[fault]
            return self._odd(fault) or self._answer(task, is_new=fault is RENAMES)

        return await self._points.at("check", effect, CHECK)

    def _look_away(self, task: Task, fault: Fault | None) -> None:
        """Know no task at all for some time, but know them again for as long. Raise TaskMissing."""
        gateways, now = self._gateways, self._clock.monotonic()
        if fault is KNOWS_NONE and now >= gateways.blind_until + BLIND_SECONDS:
            gateways.blind_until = now + BLIND_SECONDS
        if now < gateways.blind_until:
            gateways.blind_to.add(task.id)
            raise TaskMissing("404")

    def _odd(self, fault: Fault | None) -> Progress | None:
        """Say once what is not about the task."""
        if fault is ENDS_ANOTHER:
            return Unproved(Finished(self._result(STRANGER)), (STRANGER,))
        return Unproved(Failed("failed", "the picture is empty")) if fault is FAILS_NOBODYS else None

    def _answer(self, task: Task, *, is_new: bool) -> Progress:
        aliases = (alias_of(task.id),) if task.manner is Manner.RENAMED else ()
        if is_new or task.asked <= self._gateways.patience:
            return Working(Stage.RUNNING, 40, aliases=aliases)
        own = Finished(self._result(task.id))
        match task.manner:
            case Manner.NAMES_IT:
                return own
            case Manner.FAILED:
                return Failed("failed", "the picture is empty")
            case Manner.FORGOTTEN:
                raise TaskMissing("404")
            case Manner.RENAMED | Manner.NAMELESS:
                return Unproved(own, aliases)
            case Manner.ANOTHERS:
                by_id = replace(own.result, url=None, is_proved=False)
                return Unproved(Finished(self._result(STRANGER)), (STRANGER,), by_id=by_id)
            case Manner.UNPROVABLE:
                link = self._result(task.id, f"{task.asked}")
                return Unproved(Finished(link), (f"other-{task.asked}",))

    def _result(self, task_id: str, number: str = "0") -> Result:
        link = f"https://clips.example/{task_id}/{number}.mp4"
        return Result(url=link, seen_at=self._clock.now())

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        async def effect() -> StoredVideo:
            assert self._gateways.find(ticket.task_id).asked, "it was finished before it is fetched"
            clip = clip_of(ticket.task_id if result.url is None else result.url.split("/")[3])
            into.write_bytes(clip)
            return StoredVideo(file=into.name, size=len(clip), sha256=hashlib.sha256(clip).hexdigest())

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
