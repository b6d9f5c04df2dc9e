"""An event loop whose time moves only when every task waits for it, and no request is under way.

Everything that asks the loop for the time lives by it: the engine, the clients' timeouts, the server. What
would be done in a thread is done on the spot.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

T = TypeVar("T")

START: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)

_GRACE: Final = 0.005
"""Real seconds that bytes have to cross loopback, before a request that moves nothing counts as waiting."""

_RESOLUTION: Final = 1e-6


class VirtualLoop(asyncio.SelectorEventLoop):
    """`is_busy` says whether a request is under way, so that time stands still."""

    def __init__(self) -> None:
        self._moment = 0.0
        self.is_busy: Callable[[], bool] = lambda: False
        super().__init__(_WaitingForNobody(self))
        self._clock_resolution = _RESOLUTION

    def time(self) -> float:
        return self._moment

    def pass_time(self, seconds: float) -> None:
        self._moment += max(seconds, _RESOLUTION)

    def run_in_executor(self, executor: object, func: Callable[..., T], *args: object) -> asyncio.Future[T]:
        del executor
        done: asyncio.Future[T] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - the waiting caller gets it, as from a thread
            done.set_exception(error)
        return done


class _WaitingForNobody(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self._loop.is_busy():
            ready = super().select(_GRACE if timeout is not None else None)
            if ready:
                return ready
        if timeout is not None:
            self._loop.pass_time(timeout)
        return []


class LoopClock:
    """Implements `core.ports.Clock` by the time of the loop."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
