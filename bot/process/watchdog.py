"""Notices an event loop that stands still: logs where, and ends a program that does not recover."""

from __future__ import annotations

import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from bot.process.last_resort import LastResort
from core.ports import Clock

log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
STALLED_SECONDS: Final = 5.0
DEAD_SECONDS: Final = 60.0
LAST_RESORT_SECONDS: Final = 300.0
"""After so much processor time the program ends even if no Python code can run any more, with status 1."""

DEAD: Final = 3
"""The exit status of a program that stood still; its supervisor (systemd, Docker) starts it again."""

_SAYING_SECONDS: Final = 2.0
_STDERR: Final = 2


class Watchdog:
    """The loop beats; a thread listens. A restart is safe at any point, a standstill is not.

    The time without a beat is counted in the listener's own steps, and the last resort in processor time: a
    program that was paused as a whole has not stood still. Log lines are written by another thread, for a
    standstill may well be one of the log's own.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        stalled_seconds: float = STALLED_SECONDS,
        dead_seconds: float = DEAD_SECONDS,
        last_resort_seconds: float = LAST_RESORT_SECONDS,
    ) -> None:
        self._clock = clock
        self._stalled_seconds = stalled_seconds
        self._dead_seconds = dead_seconds
        self._last_resort = LastResort(last_resort_seconds)
        self._step = min(BEAT_SECONDS, stalled_seconds / 2)
        self._beats = 0
        self._over = threading.Event()

    async def run(self) -> None:
        """Beat until cancelled."""
        listener = threading.Thread(target=self._listen, name="watchdog", daemon=True)
        listener.start()
        try:
            while True:
                self._beats += 1
                self._last_resort.put_off()
                await self._clock.sleep(self._step)
        finally:
            self._last_resort.cancel()
            self._over.set()
            listener.join()

    def _listen(self) -> None:
        counted, silence, is_reported = 0, 0.0, False
        while not self._over.wait(self._step):
            if self._beats != counted:
                if is_reported:
                    _log_aside(_goes_on, silence)
                counted, silence, is_reported = self._beats, 0.0, False
                continue
            silence += self._step
            if silence > self._stalled_seconds and not is_reported:
                is_reported = True
                _log_aside(_stands_still, silence)
            if silence > self._dead_seconds:
                _log_aside(_is_over, silence).join(_SAYING_SECONDS)
                os._exit(DEAD)


def _log_aside(say: Callable[[float], None], seconds: float) -> threading.Thread:
    """Log in a thread of its own, since logging may take for ever."""
    thread = threading.Thread(target=say, args=(seconds,), daemon=True)
    thread.start()
    return thread


def _stands_still(seconds: float) -> None:
    # Not faulthandler: it makes every other thread wait until its text is read.
    with suppress(OSError):
        os.write(_STDERR, "".join(_stacks()).encode("utf-8", "replace"))
    log.error(
        "the event loop stands still; what every thread does is above", extra={"seconds": round(seconds, 1)}
    )


def _stacks() -> Iterator[str]:
    """Return where every thread is."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    # Private by its name, documented all the same.
    frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
    for number, frame in frames.items():
        yield f"\nThread {names.get(number, number)}:\n"
        yield from traceback.format_stack(frame)


def _goes_on(seconds: float) -> None:
    log.warning("the event loop goes on", extra={"stood_still_seconds": round(seconds, 1)})


def _is_over(seconds: float) -> None:
    log.critical(
        "the event loop does not come back; ending the program", extra={"seconds": round(seconds, 1)}
    )
