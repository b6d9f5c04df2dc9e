"""Notices an event loop that stands still: says where, and ends a program that does not come back."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from typing import Final

from core.ports import Clock

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
STALLED_SECONDS: Final = 5.0
DEAD_SECONDS: Final = 60.0
DEAD: Final = 3
"""The exit status of a program that stood still; whoever supervises it starts it again."""


class Watchdog:
    """The loop beats; a thread listens. A restart is safe at any point, a standstill is not."""

    def __init__(
        self, clock: Clock, *, stalled_seconds: float = STALLED_SECONDS, dead_seconds: float = DEAD_SECONDS
    ) -> None:
        self._clock = clock
        self._stalled_seconds = stalled_seconds
        self._dead_seconds = dead_seconds
        self._last = clock.monotonic()
        self._is_reported = False
        self._over = threading.Event()

    async def run(self) -> None:
        """Beat until cancelled."""
        listener = threading.Thread(target=self._listen, name="watchdog", daemon=True)
        listener.start()
        try:
            while True:
                self._beat()
                await self._clock.sleep(BEAT_SECONDS)
        finally:
            self._over.set()
            listener.join()

    def _beat(self) -> None:
        now = self._clock.monotonic()
        if self._is_reported:
            log.warning("the event loop goes on", extra={"stood_still_seconds": round(now - self._last, 1)})
        self._last, self._is_reported = now, False

    def _listen(self) -> None:
        while not self._over.wait(min(BEAT_SECONDS, self._stalled_seconds / 2)):
            silence = self._clock.monotonic() - self._last
            if silence > self._stalled_seconds and not self._is_reported:
                self._is_reported = True
                log.error("the event loop stands still; what every thread does follows")
                faulthandler.dump_traceback(file=sys.stderr, all_threads=True)
            if silence > self._dead_seconds:
                log.critical("the event loop does not come back; ending the program")
                os._exit(DEAD)
