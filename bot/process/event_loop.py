"""An event loop with a time of its own, which stands still while the program is paused or blocked.

When a paused program (SIGSTOP, a snapshot of its virtual machine) wakes, every timer would be over at once,
and the answer to a paid request in its socket would be thrown away unread. So the loop's clock counts
what the loop has waited for or worked, and what has arrived is read before any time is over.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from bot.process.clock import SystemClock

T = TypeVar("T")

LONGEST_STEP_SECONDS: Final = 0.1
"""How much of the time between two looks at the clock counts, beyond the wait that the loop meant. On a busy
machine timers last a little longer for it, which does no harm."""
PAUSE_SECONDS: Final = 1.0
"""If the loop was held up this much longer than it meant to wait, the program was paused."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a loop of this kind, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=OwnTimeLoop) as runner:
        return runner.run(work)


class OwnTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._monotonic = SystemClock().monotonic
        self._seen = self._monotonic()
        self._lost = 0.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.look()

    def look(self, meant_seconds: float | None = 0.0) -> float:
        """Look at the clock after a wait that was meant to last so long at most; None for any time."""
        now = self._monotonic()
        elapsed = now - self._seen
        self._seen = now
        self._lost += 0.0 if meant_seconds is None else elapsed - _own_seconds(elapsed, meant_seconds)
        return now - self._lost


def _own_seconds(elapsed: float, meant: float) -> float:
    """Return how many of these seconds were the loop's own.

    After a pause the wait was not over yet: the loop looks once more for what has arrived meanwhile, and the
    tasks that it woke read it, before a timer ends them.
    """
    if elapsed - meant > PAUSE_SECONDS:
        return max(0.0, meant - LONGEST_STEP_SECONDS)
    return min(elapsed, meant + LONGEST_STEP_SECONDS)


class _Selector(selectors.DefaultSelector):
    """Reports to its loop how long each wait was meant to last."""

    def __init__(self, loop: OwnTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.look()
        found = super().select(timeout)
        self._loop.look(timeout)
        return found
