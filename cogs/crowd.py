"""Bounds what comes without an interaction: so many at once, so many waiting, a few for each person."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from core.errors import NotAllowed

AT_ONCE: Final = 8
MOST_WAITING: Final = 500
MOST_OF_PERSON: Final = 10
_TOO_MANY: Final = "That is too much at once. Nothing was ordered; try again in a minute."


@asynccontextmanager
async def given_back(places: asyncio.Semaphore) -> AsyncGenerator[None]:
    """Let somebody else have the place that is held here while something takes long that needs none."""
    places.release()
    try:
        yield
    finally:
        await places.acquire()


class Crowd:
    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._people: Counter[int] = Counter()

    def aside(self) -> AbstractAsyncContextManager[None]:
        """Let others have their turn, while what was begun in this one takes long."""
        return given_back(self._places)

    @asynccontextmanager
    async def turn(self, person_id: int) -> AsyncGenerator[None]:
        """Wait for a turn. Raise NotAllowed where too many wait already."""
        if self._people[person_id] >= MOST_OF_PERSON or self._people.total() >= MOST_WAITING:
            raise NotAllowed(_TOO_MANY)
        self._people[person_id] += 1
        try:
            async with self._places:
                yield
        finally:
            self._people[person_id] -= 1
            self._people += Counter[int]()  # leaves out whoever has none
