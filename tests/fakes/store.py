"""The store in memory, with troubles laid out for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from core.model.errors import Stale, StoreError, StoreFull
from core.model.job import Job, JobState
from core.model.limits import Admission, Limit
from storage.memory.stores import MemoryJobStore


class PowerCut(BaseException):
    """The program ends here, whatever it was doing."""


class TroubledStore(MemoryJobStore):
    """Fails when a test says so.

    Moves to a state fail once for each error laid out; a job's reads as long as it is `unreadable`, its
    moves as long as it is `unwritable`; admissions while the store `is_full`. `before_next_move` runs
    inside the next move, once. The power goes at the moves named in `cuts`, counted from 1: before the
    move where True, right after it otherwise.
    """

    def __init__(self) -> None:
        super().__init__()
        self.unreadable: set[int] = set()
        self.unwritable: set[int] = set()
        self.is_full = False
        self.will_disagree = False
        self.attempts = 0
        self.reads = 0
        self.cuts: dict[int, bool] = {}
        self.before_next_move: Callable[[], Awaitable[None]] | None = None
        self._troubles: dict[JobState, deque[Exception]] = {}

    def will_fail(self, to: JobState, *errors: Exception) -> None:
        """Let the next moves to this state fail, without effect."""
        self._troubles.setdefault(to, deque()).extend(errors)

    async def admit(self, job: Job, limits: Sequence[Limit] = ()) -> Admission:
        if self.is_full:
            raise StoreFull("no room")
        return await super().admit(job, limits)

    async def move(self, before: Job, after: Job, limits: Sequence[Limit] = ()) -> None:
        self.attempts += 1
        interlude, self.before_next_move = self.before_next_move, None
        if interlude is not None:
            await interlude()
        if self.cuts.get(self.attempts) is True:
            raise PowerCut
        if before.id in self.unwritable:
            raise StoreError(f"job {before.id} cannot be written")
        if self.will_disagree:
            raise Stale("a store that never agrees")
        troubles = self._troubles.get(after.state)
        if troubles and after.state is not before.state:
            raise troubles.popleft()
        await super().move(before, after, limits)
        if self.cuts.get(self.attempts) is False:
            raise PowerCut

    async def get(self, job_id: int) -> Job | None:
        self.reads += 1
        if job_id in self.unreadable:
            raise StoreError(f"job {job_id} cannot be read")
        return await super().get(job_id)

    def now(self, job_id: int) -> Job:
        """Read a job outside the program, as a test does."""
        return self._jobs[job_id]
