"""Whether the wall clock may decide about removing files for their age, which cannot be undone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from core.ports import Clock

log = logging.getLogger(__name__)

LONGEST_LEAP: Final = timedelta(days=1)
"""A clock that is ahead by less than that removes nothing much too early."""

PROBATION: Final = timedelta(hours=12)
"""Short enough for a program that is started again each night."""


class AgeCertainty:
    """A clock that was set ahead, since the last file was used or since the last look, is wrong at first.

    When it has gone on for half a day without being set back, it is trusted.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now()
        self._setting: float | None = None
        self._leapt_at = float("-inf")

    def are_certain(self, used: Callable[[], Iterable[datetime]]) -> bool:
        """Whether things are as old as the clock says; `used` tells when each of them was used last."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        setting = now.timestamp() - monotonic
        leap = self._slept(used()) if self._setting is None else timedelta(seconds=setting - self._setting)
        self._setting = setting
        if leap > LONGEST_LEAP:
            self._leapt_at = monotonic
            log.warning(
                "the clock is far ahead of what it was, or nothing was used for long: nothing is removed for "
                "its age for half a day",
                extra={"days": leap.days},
            )
        return monotonic - self._leapt_at >= PROBATION.total_seconds()

    def _slept(self, used: Iterable[datetime]) -> timedelta:
        """How long nothing had been used when this run began; what this run used does not count."""
        before = [at for at in used if at < self._began]
        return self._began - max(before) if before else timedelta()
