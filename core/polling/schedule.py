"""When to ask a provider about a task, and how long to wait after something went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

PATIENCE: Final = timedelta(hours=1)
"""A task that takes longer is asked about hourly: it may still end, and be charged."""

DEADLINE: Final = timedelta(hours=24)
"""A task that has not ended by then is given up and its member told."""

MISSING_GRACE: Final = timedelta(minutes=10)
"""How long a provider may say that it does not know a task before the task counts as lost."""

OUTAGE: Final = timedelta(minutes=10)
"""How long failures must go on before they count as more than a network that is not up yet."""

SHORTEST_RETRY_AFTER: Final = timedelta(seconds=1)
LONGEST_RETRY_AFTER: Final = timedelta(minutes=15)
"""Between these, a provider's `Retry-After` is followed to the letter."""

_HOURLY: Final = 3600.0
_SHARE_OF_AGE: Final = 0.06
_JITTER: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Bounds of the polling schedule, in seconds. Gaps grow with the age of the task."""

    first_seconds: float = 10.0
    min_seconds: float = 2.0
    max_seconds: float = 60.0
    chance: Random

    def next_check(self, age: timedelta) -> float:
        """Seconds until a task of this age is asked about (again)."""
        seconds = age.total_seconds()
        if seconds < self.first_seconds:
            return self._varied(max(self.first_seconds - seconds, self.min_seconds))
        if age > PATIENCE:
            return self._varied(_HOURLY)
        return self._varied(min(max(seconds * _SHARE_OF_AGE, self.min_seconds), self.max_seconds))

    def after_trouble(self, times: int, *, least: float = 2.0, most: float = 300.0) -> float:
        """Seconds to wait after so many failures in a row: doubling, with full jitter in the upper half."""
        ceiling: float = min(least * 2 ** min(max(times - 1, 0), 16), most)
        return ceiling * (0.5 + self.chance.random() / 2)

    def honour_retry_after(self, retry_after: timedelta | None, otherwise: float) -> float:
        """Seconds that a provider wants to be left alone, within reason; `otherwise` if it says none."""
        if retry_after is None:
            return otherwise
        within_reason = min(max(retry_after, SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)
        return within_reason.total_seconds()

    def _varied(self, seconds: float) -> float:
        return seconds * (1 + self.chance.uniform(-_JITTER, _JITTER))
