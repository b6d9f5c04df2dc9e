"""A gateway that does what a test wrote down for it."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from core.model.errors import OutcomeUnknown, Refusal, Refused
from core.model.job import Ticket
from core.model.video import Result, StoredVideo
from core.ports import Clock, Created, Finished, Order, Progress, Reply, Stage, Unlocated, Working

T = TypeVar("T")

CLIP = b"\x00\x00\x00\x18ftypisom, and what follows in a clip"


class ScriptedProvider:
    """Answers each call with the next line of its script, raising what is an exception.

    Without a line left it accepts, has finished, and hands over the clip. While `gate` is clear,
    creates stay unanswered; while `check_gate` or `fetch_gate` is, so do questions or downloads.
    """

    def __init__(self, clock: Clock, name: str = "anyint") -> None:
        self.creates: deque[Created | BaseException] = deque()
        self.checks: deque[Progress | BaseException] = deque()
        self.fetches: deque[BaseException] = deque()
        self.found: Created | None = None
        self.most_running: int | None = None
        self.running: set[str] = set()
        self.sent: list[int] = []
        self.orders: list[Order] = []
        self.asked: list[str] = []
        self.fetched: list[str] = []
        self.links: list[str | None] = []
        self.links_are_public = True
        self.gate = _open_gate()
        self.check_gate = _open_gate()
        self.fetch_gate = _open_gate()
        self._clock = clock
        self._name = name
        self._numbers = itertools.count(1)

    @property
    def name(self) -> str:
        return self._name

    def will(
        self,
        *,
        create: Iterable[Created | BaseException] = (),
        check: Iterable[Progress | BaseException] = (),
        fetch: Iterable[BaseException] = (),
        most_running: int | None = None,
    ) -> None:
        """Add lines to the script. More than `most_running` tasks at once are refused."""
        self.most_running = most_running
        self.creates.extend(create)
        self.checks.extend(check)
        self.fetches.extend(fetch)

    async def create(self, order: Order) -> Created:
        self.sent.append(order.job_id)
        self.orders.append(order)
        await self.gate.wait()
        line = _next(self.creates)
        if self.most_running is not None and len(self.running) >= self.most_running:
            raise Refused(Refusal.BUSY, "too many tasks are running")
        return line or self._taken(f"task-{next(self._numbers)}")

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        del order
        match reply.status:
            case 429:
                raise Refused(Refusal.BUSY, "too many tasks are running")
            case 422:
                raise Refused(Refusal.REQUEST, "the picture is too small")
            case 502:
                raise OutcomeUnknown("the gateway lost its own answer")
            case _:
                pass
        return Created(self.ticket(reply.body.decode()), Working(Stage.QUEUED))

    async def look_up(self, order: Order) -> Created | None:
        del order
        return self.found

    async def check(self, ticket: Ticket) -> Progress:
        self.asked.append(ticket.task_id)
        await self.check_gate.wait()
        progress: Progress = _next(self.checks) or Finished(self.result(ticket.task_id))
        if not isinstance(progress, Working | Unlocated):
            self.running.discard(ticket.task_id)
        return progress

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        self.fetched.append(ticket.task_id)
        self.links.append(result.url)
        await self.fetch_gate.wait()
        _next(self.fetches)
        into.write_bytes(CLIP)
        return StoredVideo(file=into.name, size=len(CLIP), sha256=hashlib.sha256(CLIP).hexdigest())

    async def close(self) -> None:
        pass

    def _taken(self, task_id: str) -> Created:
        self.running.add(task_id)
        return Created(self.ticket(task_id), Working(Stage.QUEUED))

    def ticket(self, task_id: str) -> Ticket:
        return Ticket(
            provider=self._name,
            task_id=task_id,
            family="videos",
            base_url="https://gateway.example",
            key_fingerprint="k1",
        )

    def result(self, task_id: str = "task-1") -> Result:
        return Result(url=f"https://clips.example/{task_id}.mp4", seen_at=self._clock.now())


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


def _next(script: deque[T | BaseException]) -> T | None:
    line = script.popleft() if script else None
    if isinstance(line, BaseException):
        raise line.with_traceback(None)
    return line
