"""Paid tasks that are running, as far as asking about them needs: a small record each, kept in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from sys import intern
from typing import TypeAlias

from core.experience import JobClass
from core.jobs import Job, Reason, Ticket
from core.ports import Failed, Finished, Working
from core.schedule import FORGIVENESS

News: TypeAlias = Working | Finished | Failed | Reason
"""What somebody has to know or write down; a reason is why the job is given up."""


@dataclass(frozen=True, slots=True)
class Look:
    """What asking about a task came to.

    `seconds` until it is looked at again, `age` when it was asked about; without `news` nothing is
    written down and nothing shown.
    """

    seconds: float
    age: timedelta
    news: News | None = None


@dataclass(slots=True)
class Task:
    """`started` and `missing_since` are of the monotonic clock, in seconds.

    At the age `asked`, in seconds, it was decided to ask again after `gap`. `heard` is news that has yet to
    be written down; `estimate` is when a card says that it will be ready.
    """

    id: int
    kind: JobClass | None
    ticket: Ticket
    started: float
    asked: float = 0.0
    gap: float | None = None
    progress: Working | None = None
    missing_since: float | None = None
    estimate: datetime | None = None
    heard: Look | None = None

    def age(self, now: float) -> timedelta:
        return timedelta(seconds=now - self.started)

    def is_forgotten(self, now: float) -> bool:
        """Note that the provider does not know the task. Whether it has said so for too long."""
        if self.missing_since is None:
            self.missing_since = now
        return now - self.missing_since > FORGIVENESS.total_seconds()

    def advanced(self, working: Working) -> bool:
        """Note how the task gets on. Whether that is news: what is heard first is taken as known.

        A percentage never goes back: the greatest one seen is shown.
        """
        before, self.progress = self.progress, _furthest(self.progress, working)
        return before is not None and before != self.progress


class Tasks:
    """The running tasks by job. Thousands of records share the values that are the same in all of them."""

    def __init__(self) -> None:
        self._tasks: dict[int, Task] = {}
        self._kinds: dict[JobClass, JobClass] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def get(self, job_id: int) -> Task | None:
        return self._tasks.get(job_id)

    def add(self, job: Job, ticket: Ticket, started: float) -> Task:
        task = Task(job.id, self._kind(job, ticket), _shared(ticket), started)
        self._tasks[job.id] = task
        return task

    def pop(self, job_id: int) -> Task | None:
        return self._tasks.pop(job_id, None)

    def _kind(self, job: Job, ticket: Ticket) -> JobClass:
        kind = JobClass.of(intern(ticket.provider), job.request)
        return self._kinds.setdefault(kind, kind)


def _shared(ticket: Ticket) -> Ticket:
    return Ticket(
        provider=intern(ticket.provider),
        task_id=ticket.task_id,
        family=intern(ticket.family),
        base_url=intern(ticket.base_url),
        key_fingerprint=intern(ticket.key_fingerprint),
    )


def _furthest(before: Working | None, now: Working) -> Working:
    if before is None or before.percent is None:
        return now
    return Working(now.stage, max(before.percent, now.percent or 0))
