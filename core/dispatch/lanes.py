"""Lanes: how many jobs do one kind of work at once, so that a job that hangs delays no other."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from core.ports import Clock
from core.primitives.bounded import BoundedDict

PATIENCE_SECONDS: Final = 15.0
_REMEMBERED: Final = 1000


@dataclass(slots=True, eq=False)
class _Holder:
    """A job that waits for a lane or has one; `since` is when it got it, by the monotonic clock."""

    key: Hashable
    since: float | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)


class Lanes:
    """So many holders at once for each key, and so many for all keys together.

    A key is a provider, a host, a place in Discord. One whose holder has not come back within `patience`
    seconds is slow until a later holder does. Slow keys have as many lanes together as all others have, and
    those apart: a key that is quick waits behind quick ones only.
    """

    def __init__(self, clock: Clock, *, each: int, together: int, patience: float = PATIENCE_SECONDS) -> None:
        self._clock = clock
        self._each = each
        self._together = together
        self._patience = patience
        self._holders: dict[_Holder, None] = {}
        self._of_key: Counter[Hashable] = Counter()
        self._slow: BoundedDict[Hashable, None] = BoundedDict(_REMEMBERED)
        self._waiting: OrderedDict[Hashable, deque[_Holder]] = OrderedDict()

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncGenerator[None]:
        """Hold a lane for as long as the block runs; those of one key get it in the order they came."""
        holder = _Holder(key)
        self._waiting.setdefault(key, deque()).append(holder)
        try:
            self._grant()
            await self._wait_for_grant(holder)
            yield
        finally:
            self._leave(holder)

    async def _wait_for_grant(self, holder: _Holder) -> None:
        """Wait. The first of each key checks again by itself, since the passing of time frees a lane, too."""
        while holder.since is None:
            if self._waiting[holder.key][0] is holder:
                await self._clock.wait(holder.woken, self._patience)
            else:
                await holder.woken.wait()
            holder.woken.clear()
            self._grant()

    def _grant(self) -> None:
        """Give the free lanes to the first of each key in turn."""
        self._note_slow()
        slow = sum(self._of_key[key] for key in self._slow)
        free = {True: self._together - slow, False: self._together - (len(self._holders) - slow)}
        for key in list(self._waiting):
            is_slow = key in self._slow
            if free[is_slow] > 0 and self._of_key[key] < self._each:
                free[is_slow] -= 1
                self._start(key)

    def _start(self, key: Hashable) -> None:
        line = self._waiting.pop(key)
        holder = line.popleft()
        if line:
            self._waiting[key] = line
            line[0].woken.set()
        holder.since = self._clock.monotonic()
        self._holders[holder] = None
        self._of_key[key] += 1
        holder.woken.set()

    def _note_slow(self) -> None:
        """Find the keys whose holders have not come back in time, the longest holder first."""
        latest = self._clock.monotonic() - self._patience
        for holder in self._holders:
            if holder.since is None or holder.since > latest:
                break
            self._slow[holder.key] = None

    def _leave(self, holder: _Holder) -> None:
        if holder.since is None:
            self._stop_waiting(holder)
            return
        del self._holders[holder]
        self._of_key[holder.key] -= 1
        if not self._of_key[holder.key]:
            del self._of_key[holder.key]
        if self._clock.monotonic() - holder.since < self._patience:
            self._slow.pop(holder.key, None)
        else:
            self._slow[holder.key] = None
        self._grant()

    def _stop_waiting(self, holder: _Holder) -> None:
        line = self._waiting[holder.key]
        line.remove(holder)
        if line:
            line[0].woken.set()
        else:
            del self._waiting[holder.key]
