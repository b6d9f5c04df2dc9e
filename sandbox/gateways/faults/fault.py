"""The script of what goes wrong: each fault says where it strikes, how often, and what it does."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from aiohttp import web

from sandbox.gateways.calls import Call
from sandbox.gateways.history import Stage, SurfaceName
from sandbox.gateways.render_worker import Fate

Answer: TypeAlias = Callable[[Call], Awaitable[web.StreamResponse]]
Headers: TypeAlias = Mapping[str, str]
Where: TypeAlias = Callable[[Call], bool]

FOREVER = sys.maxsize
FILE: tuple[Stage, ...] = ("content", "media")


@dataclass(frozen=True, slots=True)
class Expiry:
    """A media link that dies this long after it was handed out, and what it answers then."""

    after: float
    status: int = 403


@dataclass(eq=False, kw_only=True)
class Fault:
    """Strikes `times` times, on this surface or any, where `where` holds for the call before its effect.

    An `answer` is given instead of the effect, or after it with `effect_first`. A `fate` decides how a
    task ends that is created meanwhile; an `expiry` how long a link lives that is made meanwhile.
    """

    on: tuple[Stage, ...]
    answer: Answer | None = None
    effect_first: bool = False
    fate: Fate | None = None
    expiry: Expiry | None = None
    surface: SurfaceName | None = None
    times: int = 1
    where: Where | None = None

    def strikes(self, stage: Stage, call: Call) -> bool:
        return (
            self.times > 0
            and stage in self.on
            and self.surface in (None, call.surface.name)
            and (self.where is None or self.where(call))
        )

    def use_up(self) -> None:
        """Strike once less."""
        if self.times != FOREVER:
            self.times -= 1


class Faults:
    """The faults still to come, in the order in which they were added."""

    def __init__(self) -> None:
        self._script: list[Fault] = []

    def add(
        self,
        fault: Fault,
        *,
        times: int | None = None,
        surface: SurfaceName | None = None,
        where: Where | None = None,
    ) -> Fault:
        """Let this fault happen; what is given here replaces what the fault says itself."""
        fault.times = fault.times if times is None else times
        fault.surface = surface or fault.surface
        fault.where = where or fault.where
        self._script.append(fault)
        return fault

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._script.clear()

    def left(self) -> list[Fault]:
        """Those that have not struck as often as they shall; the endless ones are not counted."""
        return [fault for fault in self._script if fault.times not in (0, FOREVER)]

    def next(self, stage: Stage, call: Call) -> Fault | None:
        """The first fault that strikes here; it is not used up yet."""
        return next((fault for fault in self._script if fault.strikes(stage, call)), None)

    def take(self, stage: Stage, call: Call) -> Fault | None:
        """The first fault that strikes here, used up by one."""
        fault = self.next(stage, call)
        if fault is not None:
            fault.use_up()
        return fault
