"""Wakes the callers that wait for a change in the local Discord."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Whatever changes the world calls `ring`, which wakes every caller that waits."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def ring(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def next(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await waiter
        finally:
            self._waiting.discard(waiter)

    async def until(
        self,
        condition: Callable[[], T | None],
        *,
        timeout: float,  # noqa: ASYNC109  a test says how long it waits
        explain: Callable[[], str],
    ) -> T:
        """Return the condition's first true value; a LookupError in it means "not yet".

        Raises:
            AssertionError: nothing came in time; the message is what `explain` says.
        """
        missing: LookupError | None = None
        try:
            async with asyncio.timeout(timeout):
                while True:
                    try:
                        if value := condition():
                            return value
                        missing = None
                    except LookupError as error:
                        missing = error
                    await self.next()
        except TimeoutError:
            raise AssertionError(f"This did not happen within {timeout:g} s.\n{explain()}") from missing
