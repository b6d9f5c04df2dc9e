"""Waits until something is due, or another caller ends the wait: for parts that work at their own times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from core.ports import Clock

LONGEST_NAP_SECONDS: Final = 3600.0
_SHORTEST_NAP_SECONDS: Final = 0.01
"""So that a timer that rings a hair too early does not make the caller loop."""

T = TypeVar("T")


class WakeUp:
    """A call ends the wait under way, or the next one. One task waits at a time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._call = asyncio.Event()

    def call(self) -> None:
        """End the wait: something is new."""
        self._call.set()

    def clear(self) -> None:
        """Forget a call, where the caller has just looked at everything."""
        self._call.clear()

    async def wait(self, seconds: float) -> None:
        """Return after so many seconds, or at a call."""
        await self._clock.wait(self._call, max(0.0, seconds))
        self._call.clear()

    async def next_due(self, waiting: Callable[[], Iterable[tuple[float, T]]]) -> T:
        """Wait for the first thing that is due, and return it.

        `waiting` yields what waits, each after the seconds until it is due; what it yields first goes first.
        It is asked again at each call.
        """
        while True:
            nap = LONGEST_NAP_SECONDS
            for seconds, thing in waiting():
                if seconds <= 0:
                    return thing
                nap = min(nap, seconds)
            await self.wait(max(_SHORTEST_NAP_SECONDS, nap))
