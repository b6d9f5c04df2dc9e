"""Says how long ago something was, though the wall clock that dated it may be set meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from core.ports import Clock

_REMEMBERED: Final = 32
_ALIKE_SECONDS: Final = 1.0
"""A smaller jump does not count as setting: clocks are also corrected little by little."""


class SteadyClock:
    """A `core.ports.Clock` that remembers how the wall clock was set, as often as it was asked.

    Of the ages that a moment has by these settings the youngest counts: a clock that is set makes nothing
    older than it is. It may make something younger, and that is then waited for a little longer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._setting = float("-inf")
        self._settings: deque[float] = deque(maxlen=_REMEMBERED)
        _ = self.now()

    @property
    def lived_seconds(self) -> float:
        """For how long this run has lasted."""
        return self.monotonic() - self._began

    def now(self) -> datetime:
        now = self._clock.now()
        setting = now.timestamp() - self._clock.monotonic()
        if abs(setting - self._setting) >= _ALIKE_SECONDS:
            self._remember(setting)
        return now

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await self._clock.wait(event, seconds)

    def now_from(self, at: datetime) -> datetime:
        """Return the present time by the clock as it stood then, even if it was set since."""
        moment = self.moment(at)
        return at + timedelta(seconds=self.monotonic() - moment)

    def moment(self, at: datetime) -> float:
        """Return when that was by the monotonic clock; now, if it is still to come by every setting."""
        _ = self.now()
        now, wall = self.monotonic(), at.timestamp()
        past = [one for setting in self._settings if (one := wall - setting) < now + _ALIKE_SECONDS]
        return min(max(past), now) if past else now

    def _remember(self, setting: float) -> None:
        self._setting = setting
        if all(abs(setting - known) >= _ALIKE_SECONDS for known in self._settings):
            self._settings.append(setting)
