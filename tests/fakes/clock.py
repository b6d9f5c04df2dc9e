"""A clock whose time moves only when a test says so."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class VirtualClock:
    """`core.ports.Clock`. The wall clock can be set apart from the monotonic one, as real ones can."""

    def __init__(self, start: datetime = START) -> None:
        self._wall = start
        self._seconds = 0.0
        self._alarms: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self._seconds)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        await self.wait(asyncio.Event(), seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        if event.is_set() or seconds <= 0:
            await asyncio.sleep(0)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(None) as limit:
                alerts = (self._seconds + seconds, next(self._order), lambda: limit.reschedule(0))
                heapq.heappush(self._alarms, alerts)
                try:
                    await event.wait()
                finally:
                    self._silence(alerts)

    def jump(self, by: timedelta) -> None:
        """Set the wall clock, as a person or a time server does. No waiting task wakes up."""
        self._wall += by

    async def advance(self, seconds: float) -> None:
        """Let time pass, and let every task that wakes up meanwhile act at its own time."""
        target = self._seconds + seconds
        await settle()
        while self._alarms and self._alarms[0][0] <= target:
            await self._ring()
        self._seconds = target
        await settle()

    async def until(self, condition: Callable[[], bool], *, at_most: float = 7 * 86_400) -> None:
        """Let time pass from one sleeper to the next until the condition holds."""
        target = self._seconds + at_most
        await settle()
        while not condition():
            if not self._alarms or self._alarms[0][0] > target:
                raise AssertionError(f"it did not happen within {at_most:,.0f} seconds")
            await self._ring()

    async def _ring(self) -> None:
        at, _, wake = heapq.heappop(self._alarms)
        self._seconds = max(self._seconds, at)
        wake()
        await settle()

    def _silence(self, alerts: tuple[float, int, Callable[[], None]]) -> None:
        if alerts in self._alarms:
            self._alarms.remove(alerts)
            heapq.heapify(self._alarms)


async def settle() -> None:
    """Let every task run until each of them waits for something."""
    ready = vars(asyncio.get_running_loop())["_ready"]
    await asyncio.sleep(0)
    while ready:  # noqa: ASYNC110 - no event is set when all tasks have come to wait
        await asyncio.sleep(0)
