"""Named places at which an effect may succeed, fail, take effect unheard, or end the program."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

T = TypeVar("T")


class Crash(BaseException):
    """The program ends here, as by `kill -9`: nothing that follows has any effect."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What may happen at a failpoint, and whether the effect takes place all the same.

    Without an error the effect goes well, and something else happens.
    """

    name: str
    error: Callable[[], BaseException] | None = None
    has_effect: bool = False


CRASH_BEFORE: Final = Fault("crash before", Crash)
CRASH_AFTER: Final = Fault("crash after", Crash, has_effect=True)
ENDS: Final = (CRASH_BEFORE, CRASH_AFTER)

STOP: Final = Fault("SIGTERM comes meanwhile")
CANCEL: Final = Fault("❌ is pressed meanwhile")
REPLAY: Final = Fault("Discord sends the same command again meanwhile")
AGAIN: Final = Fault("🔁 is pressed meanwhile")
JOBS_CANCEL: Final = Fault("`matinee jobs cancel` is given meanwhile")
JOBS_CONFIRM: Final = Fault("`matinee jobs confirm` is given meanwhile")
JOBS_DELIVER: Final = Fault("`matinee jobs deliver` is given meanwhile")
COMMANDS: Final = (JOBS_CANCEL, JOBS_CONFIRM, JOBS_DELIVER)

Choice: TypeAlias = Callable[[str, Sequence[Fault]], Fault | None]
"""Given a failpoint and its faults, what happens there; None where everything goes well."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A failpoint that a history came by."""

    name: str
    faults: Sequence[Fault]
    fault: Fault | None

    def __str__(self) -> str:
        return f"{self.name}: {self.fault.name}" if self.fault else self.name


class Failpoints:
    """Where every effect of the program goes through, in one history from its first start to its end.

    `faults` are those that something went wrong at, of all that were `passed`. `events` may happen while
    any effect takes place that may also be cut off by a crash.
    """

    def __init__(self, choice: Choice, events: Sequence[Fault] = ()) -> None:
        self.passed: list[Passed] = []
        self.faults: list[Passed] = []
        self.is_down = False
        self.on_crash: Callable[[], None] = _nothing
        self.on_event: Callable[[Fault], None] = _nothing
        self._choice = choice
        self._events = tuple(events)
        self._under_way = 0
        self._idle = asyncio.Event()

    async def at(self, name: str, effect: Callable[[], Awaitable[T]], faults: Sequence[Fault]) -> T:
        """Let the effect take place, or not, and raise what the fault raises."""
        if self.is_down:
            raise Crash
        fault = self.chosen(name, faults)
        if fault is None or fault.error is None:
            return await self.counted(effect)
        if fault.has_effect:
            await self.counted(effect)
        raise self._befallen(fault.error())

    def chosen(self, name: str, faults: Sequence[Fault]) -> Fault | None:
        """Decide what happens here, and write it down."""
        possible = (*faults, *self._events) if CRASH_AFTER in faults else tuple(faults)
        fault = self._choice(name, possible)
        self.passed.append(passed := Passed(name, possible, fault))
        if fault:
            self.faults.append(passed)
        if fault in self._events:
            self.on_event(fault)
        return fault

    @property
    def is_busy(self) -> bool:
        """Whether an effect is under way, in a thread of its own."""
        return self._under_way > 0

    async def idle(self) -> None:
        """Return when no effect is under way."""
        while self._under_way:
            self._idle.clear()
            await self._idle.wait()

    async def counted(self, effect: Callable[[], Awaitable[T]]) -> T:
        """Have an effect, at which nothing goes wrong, count as under way until it is over."""
        self._under_way += 1
        try:
            return await effect()
        finally:
            self._under_way -= 1
            self._idle.set()

    def _befallen(self, error: BaseException) -> BaseException:
        if isinstance(error, Crash) and not self.is_down:
            self.is_down = True
            self.on_crash()
        return error


def _nothing(*_: object) -> None:
    return


@dataclass(slots=True)
class Script:
    """A choice that is written down: the positions at which something goes wrong, and which fault it is."""

    lines: Mapping[int, int]
    _position: int = field(default=-1, init=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing goes wrong any more."""
        return all(position <= self._position for position in self.lines)

    def __call__(self, name: str, faults: Sequence[Fault]) -> Fault | None:
        del name
        self._position += 1
        number = self.lines.get(self._position)
        return None if number is None else faults[number]
