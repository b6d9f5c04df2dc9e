"""Tasks that have an owner: none is forgotten, and no fault of one is lost.

Where a block can own them, an `asyncio.TaskGroup` does. It wraps what the block raises, though, and ends all
where one fails: these are for blocks that hand errors on as they are, and for owners that are no block.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)


class OwnedTasks:
    """Keeps the tasks that it starts until they end. A fault is raised where a task is awaited.

    asyncio logs a fault of a task that nothing awaits.
    """

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin it; a caller that is cancelled meanwhile does not end it."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def wait(self) -> None:
        """Return when nothing runs."""
        while self._running:
            await asyncio.wait(self._running)

    async def cancel(self) -> None:
        """End what still runs, and return when it has ended."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


@asynccontextmanager
async def running(work: Callable[[], Awaitable[None]]) -> AsyncGenerator[None]:
    """Run it beside the block, and end it with the block. A fault of it is logged and ends nothing else."""
    tasks = OwnedTasks()
    tasks.start(_logged(work))
    try:
        yield
    finally:
        await tasks.cancel()


async def _logged(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except Exception:
        log.exception("a part of the program failed")
