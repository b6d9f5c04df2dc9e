"""What core needs of the world around it: time, eyes for pictures, somebody to call."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.alarms import Alarming


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


class Pictures(Protocol):
    """Knows what the gateways take as a picture."""

    async def fitted(self, data: bytes) -> PictureFile:
        """Look at a picture's content and make it one that is taken: format, rotation, weight.

        Raise PictureUnusable with what is allowed where that cannot be done.
        """
        ...

    def checked_link(self, link: str) -> str:
        """Return a link to a picture, tidied. Raise LinkUnusable with what is allowed."""
        ...


class Alarm(Protocol):
    """Tells whoever runs the bot what nobody else can mend."""

    def raised(self, event: Alarming, /) -> None:
        """Have it told soon, once. Never waits, never raises; what is not told stands in the log."""
        ...
