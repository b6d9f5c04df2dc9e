"""When each job is looked at again: one heap for all jobs, not a task each."""

from __future__ import annotations

import heapq

from core.polling.wake_up import LONGEST_NAP_SECONDS, WakeUp
from core.ports import Clock

_FEW = 1000
_EARLY_SECONDS = 0.005
"""Entries due this soon are taken along: with hundreds due a second, waking up for each would cost more."""


class DueHeap:
    """Job ids by due time, in seconds of the monotonic clock. The latest time set for a job counts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int]] = []
        self._current: dict[int, float] = {}
        self._wake_up = WakeUp(clock)

    def __len__(self) -> int:
        return len(self._current)

    @property
    def lateness(self) -> float:
        """For how many seconds an entry has been due without being taken out."""
        return max(0.0, self._clock.monotonic() - self._heap[0][0]) if self._heap else 0.0

    def put(self, job_id: int, *, seconds: float = 0) -> None:
        """Look at the job again after so many seconds."""
        at = self._clock.monotonic() + max(0.0, seconds)
        self._current[job_id] = at
        heapq.heappush(self._heap, (at, job_id))
        if self._heap[0][1] == job_id:
            self._wake_up.call()
        if len(self._heap) > 2 * len(self._current) + _FEW:
            self._clear_out()

    def drop(self, job_id: int) -> None:
        self._current.pop(job_id, None)

    def wake(self) -> None:
        """End the wait of a caller in `due`, though nothing is due."""
        self._wake_up.call()

    async def due(self, longest: float = LONGEST_NAP_SECONDS) -> list[int]:
        """Wait until something is due, `wake` is called or so many seconds have passed.

        Then take out everything that is due.
        """
        ready = self._take()
        if not ready:
            nap = self._heap[0][0] - self._clock.monotonic() if self._heap else LONGEST_NAP_SECONDS
            nap = min(nap, longest)
            await self._wake_up.wait(nap)
            ready = self._take()
        self._wake_up.clear()
        return ready

    def _clear_out(self) -> None:
        """Remove times that were replaced by others."""
        self._heap = [(at, job_id) for at, job_id in self._heap if self._current.get(job_id) == at]
        heapq.heapify(self._heap)

    def _take(self) -> list[int]:
        now = self._clock.monotonic() + _EARLY_SECONDS
        ready: list[int] = []
        while self._heap and self._heap[0][0] <= now:
            at, job_id = heapq.heappop(self._heap)
            if self._current.get(job_id) == at:
                del self._current[job_id]
                ready.append(job_id)
        return ready
