"""All that is outside the program and outlives it, and what both sides of the door agree on."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from core.model.catalog import Catalog
from core.model.limits import Limit
from core.ports import Created
from storage.memory.stores import MemoryKeyValues
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.models import CATALOG
from tests.proof.harness.channels import Town
from tests.proof.harness.disk import Chronicle, Disk
from tests.proof.harness.failpoints import Crash, Failpoints, Fault
from tests.proof.harness.gateway import Gateways


async def _never(_: World) -> bool:
    return False


class PatientClock(VirtualClock):
    """Time passes only when every task waits for it."""

    async def step(self, *, until: float) -> bool:
        """Go on to the next moment at which a task wakes up; False if there is none by then."""
        if not self._alarms or self._alarms[0][0] > until:
            return False
        at, _, wake = heapq.heappop(self._alarms)
        self._seconds = max(self._seconds, at)
        wake()
        return True

    def arrive(self, at: float) -> None:
        """Set this time; every task that would have woken up before has done so."""
        self._seconds = max(self._seconds, at)


class RememberedNotes(MemoryKeyValues):
    """The program's notes; `ever` is all that was written in them, also what is forgotten since."""

    def __init__(self) -> None:
        super().__init__()
        self.ever: list[str] = []

    async def remember(self, key: str, value: str) -> None:
        self.ever.append(value)
        await super().remember(key, value)


@dataclass(slots=True)
class World:
    """All that is outside the program: gateways, Discord, the disk, time, and what was seen of them.

    `clips` are jobs whose video is on the disk at the end; `cut_off` those that SIGTERM left while a paid
    request was under way. `catalog` says what videos cost, from the next start on; `notes` are the
    program's own. After a restart `is_known` may say that all that follows was seen
    before, in a history that stood here as well: then it `has_joined` that one.
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
    days: float = 4.0
    catalog: Catalog = CATALOG
    notes: RememberedNotes = field(default_factory=RememberedNotes)
    is_known: Callable[[World], Coroutine[Any, Any, bool]] = _never
    has_joined: bool = False


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


async def quiet(world: World) -> None:
    """Let every task go on until it waits for time to pass."""
    await settle()
    while world.points.is_busy:
        await world.points.idle()
        await settle()


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
