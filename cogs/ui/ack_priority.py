"""Lets acknowledgements go first: Discord waits three seconds for one, and longer for everything else."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Final

FEW: Final = 16
"""So many acknowledgements under way are no rush."""

LONGEST_SECONDS: Final = 3.0
"""An interaction that was not acknowledged within that time is lost anyway."""


class AcknowledgementPriority:
    def __init__(self, *, longest_seconds: float = LONGEST_SECONDS) -> None:
        self._longest_seconds = longest_seconds
        self._under_way = 0
        self._free = FEW
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_over = asyncio.Event()
        self._is_over.set()

    @contextmanager
    def count(self) -> Generator[None]:
        """Count the block as an acknowledgement under way."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    async def turn(self) -> None:
        """Let a few pass each time the loop goes round.

        So the first of a rush are sent, and their connections free again, while the last are read.
        """
        loop = asyncio.get_running_loop()
        if self._free == FEW:
            _ = loop.call_soon(self._let_pass)
        if self._free:
            self._free -= 1
            return
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiting.append(waiter)
        await waiter

    def _let_pass(self) -> None:
        self._free = FEW
        while self._waiting and self._free:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self._free -= 1
        if self._free < FEW:
            _ = asyncio.get_running_loop().call_soon(self._let_pass)

    async def over(self) -> None:
        """Wait until only a few acknowledgements are under way, or until those there were are lost."""
        if not self._is_over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._longest_seconds):
                    _ = await self._is_over.wait()

    def _count(self, change: int) -> None:
        self._under_way += change
        if self._under_way > FEW:
            self._is_over.clear()
        else:
            self._is_over.set()
