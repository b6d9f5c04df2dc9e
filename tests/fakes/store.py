"""The store in memory, with troubles laid out for it."""

from __future__ import annotations

from collections import deque

from core.errors import Stale, StoreError
from core.jobs import Job, JobState
from storage.memory import MemoryJobStore


class TroubledStore(MemoryJobStore):
    """Fails when a test says so.

    Moves to a state fail once for each error laid out, reads of a job as long as it is `unreadable`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: set[int] = set()
        self.will_disagree = False
        self.attempts = 0
        self._troubles: dict[JobState, deque[Exception]] = {}

    def will_fail(self, to: JobState, *errors: Exception) -> None:
        """Let the next moves to this state fail, without effect."""
        self._troubles.setdefault(to, deque()).extend(errors)

    async def move(self, before: Job, after: Job) -> None:
        self.attempts += 1
        if self.will_disagree:
            raise Stale("a store that never agrees")
        troubles = self._troubles.get(after.state)
        if troubles and after.state is not before.state:
            raise troubles.popleft()
        await super().move(before, after)

    async def get(self, job_id: int) -> Job | None:
        if job_id in self.unreadable:
            raise StoreError(f"job {job_id} cannot be read")
        return await super().get(job_id)

    def now(self, job_id: int) -> Job:
        """Read a job outside the program, as a test does."""
        return self._jobs[job_id]
