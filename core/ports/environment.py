"""What core needs of the world around it: time, eyes for pictures, somebody to call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.operator_alerts import OperatorAlert


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, in UTC: for what is written down and shown."""
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
    """A picture that the gateways take. `is_changed` tells that it is not the file that was given."""

    data: bytes
    extension: str
    is_changed: bool


class PictureIntake(Protocol):
    """Looks at pictures and makes them ones that gateways take: format, rotation, weight.

    Both methods raise PictureUnusable with what is allowed where that cannot be done, PictureNotConverted
    where it could not be done now, NotAllowed where too many wait, or StoreFull. Pictures that wait lie on
    the disk, so that no number of them takes memory.
    """

    async def fetched(self, link: str, size: int, member_id: int) -> PictureFile:
        """Fetch what a member attached, of so many bytes, from Discord, and make it fit."""
        ...

    async def fitted(self, data: bytes, member_id: int) -> PictureFile:
        """Make a picture fit that is here already."""
        ...


class Pictures(Protocol):
    """Knows what the gateways take as a picture."""

    def checked_link(self, link: str) -> str:
        """Return a link to a picture, tidied. Raise LinkUnusable with what is allowed."""
        ...


class AlertChannel(Protocol):
    """Tells whoever runs the bot what nobody else can mend."""

    def send(self, event: OperatorAlert, /) -> None:
        """Have it told soon, once. Never waits, never raises; what is not told stands in the log."""
        ...


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Seconds of time and of one core each, bytes of address space, bytes in each file.

    `niceness` is how much others go first, as the system counts it: 0 is as we are, 19 the most.
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
        """Run a program to its end; it is not told the settings of this one.

        Raise OSError where it does not start, TimeoutError where it takes too long. Whoever is cancelled here
        leaves no child behind.
        """
        ...
