"""What core needs of the world around it: time, picture checks, child processes, alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.operator_alerts import OperatorAlert


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, in UTC: for what is saved and shown."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump: for waiting."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        """Return when the event is set or the seconds have passed, whichever comes first."""
        ...


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture that the gateways take. `is_changed`: it is not the file that was given."""

    data: bytes
    extension: str
    is_changed: bool


class PictureIntake(Protocol):
    """Checks pictures and makes them ones that gateways take: format, rotation, weight.

    Both methods raise PictureUnusable with what is allowed where that is impossible, PictureNotConverted
    where it failed now, NotAllowed where too many wait, or StoreFull. Pictures that wait lie on
    the disk, so that no number of them takes memory.
    """

    async def fetch(self, link: str, size: int, member_id: int) -> PictureFile:
        """Fetch what a member attached, of so many bytes, from Discord, and make it fit."""
        ...

    async def fit(self, data: bytes, member_id: int) -> PictureFile:
        """Make a picture fit that is here already."""
        ...


class Pictures(Protocol):
    """Knows what the gateways take as a picture."""

    def check_link(self, link: str) -> str:
        """Return a link to a picture, tidied. Raise LinkUnusable with what is allowed."""
        ...


class AlertChannel(Protocol):
    """Alerts the operator to what only the operator can repair."""

    def send(self, event: OperatorAlert, /) -> None:
        """Have the alert sent soon, once. Never waits, never raises; one that is not sent is in the log."""
        ...


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Seconds of time and of one core each, bytes of address space, bytes in each file.

    `niceness` is the priority as the system counts it: 0 is our own, 19 the lowest.
    """

    seconds: float
    memory: int
    written: int
    niceness: int = 10


@dataclass(frozen=True, slots=True)
class ChildResult:
    """The exit status, and the end of what it wrote to its standard error."""

    status: int
    said: str


class RunChild(Protocol):
    """Runs other programs."""

    async def __call__(self, command: Sequence[str], bounds: ChildLimits, /) -> ChildResult:
        """Run a program to its end; it gets none of our settings.

        Raise OSError where it does not start, TimeoutError where it takes too long. A cancelled caller
        leaves no child behind.
        """
        ...
