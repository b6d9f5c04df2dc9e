"""Paid tasks that are running, with what questions about them need: a small record each, in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from core.model.job import Reason, Ticket
from core.model.job_outline import JobClass
from core.polling.schedule import MISSING_GRACE
from core.ports import Failed, Finished, Stage, Working

News: TypeAlias = Working | Finished | Failed | Reason
"""What has to be shown or saved; a reason is why the job is given up."""


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """The result of a question about a task.

    `seconds` until it is looked at again, `age` when it was asked about; without `news` nothing is
    saved and nothing shown.
    """

    seconds: float
    age: timedelta
    news: News | None = None


@dataclass(slots=True)
class PolledTask:
    """`started` and `missing_since` are of the monotonic clock, in seconds.

    `route` is a ticket without the task's ids, which all tasks of a provider share.
    At the age `asked`, in seconds, it was decided to ask again after `gap`. `outcome` is news that is
    not saved yet; `estimate` is when a card says that it will be ready.
    """

    id: int
    kind: JobClass | None
    task_id: str
    external_id: str | None
    route: Ticket
    started: float
    asked: float = 0.0
    gap: float | None = None
    progress: Working | None = None
    missing_since: float | None = None
    estimate: datetime | None = None
    outcome: PollOutcome | None = None

    @property
    def provider(self) -> str:
        return self.route.provider

    @property
    def ticket(self) -> Ticket:
        return _route(self.route, self.task_id, self.external_id)

    def age(self, now: float) -> timedelta:
        return timedelta(seconds=now - self.started)

    def is_forgotten(self, now: float) -> bool:
        """Note that the provider does not know the task or its clip. Return whether for too long."""
        if self.missing_since is None:
            self.missing_since = now
        return now - self.missing_since > MISSING_GRACE.total_seconds()

    def advanced(self, working: Working) -> bool:
        """Note a task's progress. Return whether that is news: the first answer is taken as known.

        A percentage never goes back: the greatest one seen is shown.
        """
        before, self.progress = self.progress, _furthest(self.progress, working)
        return before is not None and before != self.progress


class PolledTasks:
    """The running tasks by job. Thousands of records share the values that are the same in all of them."""

    def __init__(self) -> None:
        self._tasks: dict[int, PolledTask] = {}
        self._kinds: dict[JobClass, JobClass] = {}
        self._routes: dict[Ticket, Ticket] = {}

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[PolledTask]:
        return iter(self._tasks.values())

    def get(self, job_id: int) -> PolledTask | None:
        return self._tasks.get(job_id)

    def add(self, job_id: int, ticket: Ticket, kind: JobClass | None, started: float) -> PolledTask:
        route = _route(ticket, "", None)
        route = self._routes.setdefault(route, route)
        kind = kind and self._kinds.setdefault(kind, kind)
        task = self._tasks[job_id] = PolledTask(
            job_id, kind, ticket.task_id, ticket.external_id, route, started
        )
        return task

    def pop(self, job_id: int) -> PolledTask | None:
        return self._tasks.pop(job_id, None)


def _route(ticket: Ticket, task_id: str, external_id: str | None) -> Ticket:
    """Return the ticket with that task's ids; written out, since `replace` would take four times as long."""
    return Ticket(
        provider=ticket.provider,
        task_id=task_id,
        family=ticket.family,
        base_url=ticket.base_url,
        key_fingerprint=ticket.key_fingerprint,
        external_id=external_id,
    )


def _furthest(before: Working | None, now: Working) -> Working:
    percent = now.percent
    if before is not None and before.percent is not None:
        percent = max(before.percent, percent or 0)
    return _working(now.stage, percent)


@lru_cache(maxsize=512)
def _working(stage: Stage, percent: int | None) -> Working:
    """Return the same object for all tasks with the same progress."""
    return Working(stage, percent)
