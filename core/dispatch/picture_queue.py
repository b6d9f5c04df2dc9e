"""Which picture is looked at next: one at a time, the lightest first, members in turns, and not too many."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from core.model.errors import NotAllowed
from core.ports import Clock

MOST_WAITING: Final = 64
MOST_OF_MEMBER: Final = 16
MOST_BYTES: Final = 500_000_000
PATIENCE_SECONDS: Final = 60.0

_NOTHING: Final = "Nothing was ordered and nothing was charged"
_FULL: Final = f"Too many pictures wait to be looked at just now. {_NOTHING}; try again in a minute."
_FULL_OF_MEMBER: Final = (
    f"{MOST_OF_MEMBER} of your pictures wait to be looked at already. {_NOTHING}; try again in a minute."
)
_CLOSED: Final = f"I am just restarting. {_NOTHING}; try again in a minute."


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    member_id: int
    weight: int
    since: float
    turn: asyncio.Future[None]


class PictureQueue:
    """The lightest picture goes first; of similar weights, that of the member who has had least.

    What a member has had counts for as long as one of their pictures waits. Once pictures have waited for a
    minute, the oldest has every second turn: so a heavy one does not wait for ever.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entered: Counter[int] = Counter()
        self._bytes = 0
        self._limits: set[asyncio.Timeout] = set()
        self._waiting: list[_Waiting] = []
        self._current: _Waiting | None = None
        self._served: Counter[int] = Counter()
        self._was_overdue = False
        self._is_closed = False

    @asynccontextmanager
    async def enter(self, member_id: int, size: int) -> AsyncGenerator[None]:
        """Count a picture of so many bytes on our disk. Raise NotAllowed where there are too many.

        A caller that is inside when the queue is closed is stopped, and gets NotAllowed, too.
        """
        if self._is_closed:
            raise NotAllowed(_CLOSED)
        if self._entered[member_id] >= MOST_OF_MEMBER:
            raise NotAllowed(_FULL_OF_MEMBER)
        if self._entered.total() >= MOST_WAITING or self._bytes + size > MOST_BYTES:
            raise NotAllowed(_FULL)
        self._count(member_id, 1, size)
        try:
            async with self._until_closed():
                yield
        finally:
            self._count(member_id, -1, -size)

    @asynccontextmanager
    async def turn(self, member_id: int, weight: int) -> AsyncGenerator[None]:
        """Wait until this picture is the one that is looked at. `weight` is in bytes of memory."""
        waiting = _Waiting(
            member_id, weight, self._clock.monotonic(), asyncio.get_running_loop().create_future()
        )
        self._waiting.append(waiting)
        self._pass_on()
        try:
            await waiting.turn
            yield
        finally:
            self._leave(waiting)

    def close(self) -> None:
        """Stop every caller that waits or has its turn: the program is about to stop."""
        self._is_closed = True
        for limit in self._limits:
            limit.reschedule(0)

    @asynccontextmanager
    async def _until_closed(self) -> AsyncGenerator[None]:
        limit = asyncio.timeout(None)
        self._limits.add(limit)
        try:
            async with limit:
                yield
        except TimeoutError:
            if limit.expired():
                raise NotAllowed(_CLOSED) from None
            raise
        finally:
            self._limits.discard(limit)

    def _count(self, member_id: int, change: int, size: int) -> None:
        self._entered[member_id] += change
        self._entered += Counter[int]()  # leaves out members without any
        self._bytes += size

    def _leave(self, waiting: _Waiting) -> None:
        if waiting is self._current:
            self._current = None
        else:
            self._waiting.remove(waiting)
        if all(other.member_id != waiting.member_id for other in self._waiting):
            del self._served[waiting.member_id]
        self._pass_on()

    def _pass_on(self) -> None:
        if self._current is not None or not self._waiting:
            return
        self._current = self._next()
        self._waiting.remove(self._current)
        self._served[self._current.member_id] += self._current.weight
        if not self._current.turn.done():
            self._current.turn.set_result(None)

    def _next(self) -> _Waiting:
        oldest = min(self._waiting, key=lambda waiting: waiting.since)
        is_overdue = self._clock.monotonic() - oldest.since >= PATIENCE_SECONDS
        self._was_overdue = is_overdue and not self._was_overdue
        if self._was_overdue:
            return oldest
        return min(self._waiting, key=self._claim)

    def _claim(self, waiting: _Waiting) -> tuple[int, int]:
        """The rank of a picture: twice as heavy counts first, then how much its member has had."""
        return waiting.weight.bit_length(), self._served[waiting.member_id]
