"""What signals do: some end the bot gently, and no other signal ends it in the middle of a paid request."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from functools import partial
from typing import Final

log = logging.getLogger(__name__)

_IMPATIENT: Final = (signal.SIGTERM, signal.SIGINT)
"""A second one of these ends the program at once."""

_KEPT: Final = frozenset(
    {
        *("SIGKILL", "SIGSTOP"),  # no program can catch these
        *("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT"),  # faults of the program
        *("SIGCHLD", "SIGCLD", "SIGURG", "SIGWINCH", "SIGCONT"),  # harmless as they are
        *("SIGTSTP", "SIGTTIN", "SIGTTOU"),  # these pause it
        *("SIGPIPE", "SIGXFSZ"),  # Python turns them into errors
        "SIGPROF",  # the last resort shows where every thread is
    }
)


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM, SIGINT and SIGHUP set. Every other signal that would end it is noted.

    A SIGHUP that the parent process had ignored (`nohup`) stays ignored.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    asked: set[signal.Signals] = set()

    def stopped(number: signal.Signals) -> None:
        if asked.intersection(_IMPATIENT) and number in _IMPATIENT:
            os._exit(1)
        asked.add(number)
        stop.set()

    for number in (*_IMPATIENT, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stopped, number)
    for other in _others():
        loop.add_signal_handler(other, partial(_note, other))
    return stop


def _others() -> list[int]:
    """The signals that would end the program and mean nothing to it, real-time signals among them."""
    kept = {getattr(signal, name, None) for name in _KEPT} | {*_IMPATIENT, signal.SIGHUP}
    return [
        number
        for number in sorted(signal.valid_signals())
        if number not in kept and signal.getsignal(number) is signal.SIG_DFL
    ]


def _note(number: int) -> None:
    log.info("a signal means nothing here and changes nothing", extra={"signal": int(number)})
