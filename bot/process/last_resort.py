"""Ends a program in which no Python code can run any more, by the time that the program itself has worked.

A clock of the machine runs on while the program is paused (SIGSTOP, a snapshot of its virtual machine), and
has run out when it wakes. The processor time of the process does not: a thread that holds the interpreter's
lock for minutes mostly uses it up. One that holds the lock and does nothing at all is ended after a week.
"""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import signal
import sys
from typing import Final

log = logging.getLogger(__name__)

ENDED: Final = 1
"""The exit status of a program that was ended here."""

IDLE_SECONDS: Final = 7 * 86_400.0
_STDERR: Final = 2
_PROCESSOR_TIME: Final = 2  # CLOCK_PROCESS_CPUTIME_ID, <linux/time.h>
_CALLS: Final = 2  # SIGEV_THREAD, <asm-generic/siginfo.h>
_WORDS_SECONDS: Final = 0.5


class _Event(ctypes.Structure):
    """`struct sigevent` of sigevent(3type): call a function with a value, in a thread of its own."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("function", ctypes.c_void_p),
        ("attributes", ctypes.c_void_p),
        ("rest", ctypes.c_char * 32),
    )


class _Times(ctypes.Structure):
    """`struct itimerspec`: the interval and the time until the first end, in seconds and nanoseconds."""

    _fields_ = (("interval", ctypes.c_long * 2), ("value", ctypes.c_long * 2))


class LastResort:
    """Has to be put off before each `seconds` of processor time are over. The end itself needs no lock."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: ctypes.c_void_p | None = None
        # The traceback of every thread, for the operator; it comes just before the end.
        faulthandler.register(signal.SIGPROF, file=_STDERR, all_threads=True)

    def put_off(self) -> None:
        if self._timer is None:
            self._timer = _timer()
        faulthandler.dump_traceback_later(max(IDLE_SECONDS, self._seconds), exit=True, file=_STDERR)
        signal.setitimer(signal.ITIMER_PROF, self._seconds)
        self._set(self._seconds + _WORDS_SECONDS)

    def cancel(self) -> None:
        """End it for good."""
        faulthandler.cancel_dump_traceback_later()
        signal.setitimer(signal.ITIMER_PROF, 0)
        if self._timer is not None:
            ctypes.CDLL(None).timer_delete(self._timer)
            self._timer = None

    def _set(self, seconds: float) -> None:
        if self._timer is not None:
            whole = int(seconds)
            times = _Times(value=(whole, int((seconds - whole) * 1e9)))
            ctypes.CDLL(None).timer_settime(self._timer, 0, ctypes.byref(times), None)


def _timer() -> ctypes.c_void_p | None:
    """Make a timer that ends the program, None where the system has no such timers."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    end = ctypes.cast(library["_exit"], ctypes.c_void_p).value
    event = _Event(value=ENDED, notify=_CALLS, function=end)
    timer = ctypes.c_void_p()
    if library.timer_create(_PROCESSOR_TIME, ctypes.byref(event), ctypes.byref(timer)) != 0:
        log.warning("no timer of processor time", extra={"errno": ctypes.get_errno()})
        return None
    return timer
