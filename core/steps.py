"""What a step of a job is: one side effect, announced or followed by one save."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.jobs import Job, JobState, Reason
from core.ports import Clock, JobStore, Working
from core.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Step:
    """A job after a step, and in how many seconds it is looked at again; None for never."""

    job: Job
    seconds: float | None = 0.0


@dataclass(slots=True)
class Memory:
    """What is known of a job only while the program runs."""

    progress: Working | None = None
    missing_since: datetime | None = None
    fresh_links: int = 0


class Desk:
    """Where steps are written down, and what is remembered of jobs between them."""

    def __init__(self, *, store: JobStore, clock: Clock, schedule: Schedule) -> None:
        self.clock = clock
        self.schedule = schedule
        self._store = store
        self._memories: dict[int, Memory] = {}
        self._troubles: Counter[int] = Counter()

    def memory(self, job: Job) -> Memory:
        return self._memories.setdefault(job.id, Memory())

    def progress(self, job_id: int) -> Working | None:
        """What the provider last said of a task that is still running."""
        memory = self._memories.get(job_id)
        return memory.progress if memory else None

    def forget(self, job_id: int) -> None:
        self._memories.pop(job_id, None)
        self._troubles.pop(job_id, None)

    def trouble(self, job_id: int, *, least: float = 2.0) -> float:
        """Count one more failure in a row with this job; return the seconds to wait after it."""
        self._troubles[job_id] += 1
        return self.schedule.after_trouble(self._troubles[job_id], least=least)

    def troubles(self, job_id: int) -> int:
        return self._troubles[job_id]

    def relief(self, job_id: int) -> None:
        """End the row of failures."""
        self._troubles.pop(job_id, None)

    def age(self, job: Job) -> timedelta:
        """How long ago the paid request was sent, or the job ordered."""
        return self.clock.now() - (job.submitted_at or job.ordered_at)

    async def moved(self, before: Job, after: Job) -> Job:
        await self._store.move(before, after)
        return after

    async def save(self, before: Job, after: Job, seconds: float | None = 0.0) -> Step:
        return Step(await self.moved(before, after), seconds)

    async def end(self, job: Job, state: JobState, reason: Reason) -> Step:
        return await self.save(job, job.ended(state, reason, self.clock.now()))
