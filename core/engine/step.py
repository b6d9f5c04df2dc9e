"""A step of a job: one side effect, announced or followed by one save."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from core.dispatch.confirmations import Confirmations
from core.model.errors import NotSent, OutcomeUnknown, Refused, StoreFull, StoreUnusable
from core.model.job import Job, JobState, Reason
from core.model.limits import Limit, LimitReached, OverLimit
from core.model.operator_alerts import NoAlerts, NothingSaved, TaskLost
from core.model.video import Result
from core.polling.schedule import DEADLINE, PATIENCE, Schedule
from core.polling.task_identity import TaskIdentity
from core.ports import AlertChannel, Clock, Created, JobStore, KeyValueStore
from core.ports.steady_clock import SteadyClock

_LOSSES: Final = frozenset({JobState.LOST, JobState.RESULT_GONE})
"""Ends after which only the operator can ask the provider about the money."""


@dataclass(frozen=True, slots=True)
class Step:
    """A job after a step, and in how many seconds it is looked at again; None for never."""

    job: Job
    seconds: float | None = 0.0


@dataclass(slots=True)
class StepMemory:
    """What the program remembers of a job only while it runs.

    `outcome` is the outcome of the paid request that was announced last, None while it is unknown;
    `is_sending` says that this run announced it. `rejection` is why it will not be sent. `gave_up_on` names
    providers that refused for reasons of their own. `result` holds the link to the clip as the provider
    gave it. `untried` is the version in which this run saved a way to deliver the clip that it has not
    tried. `fetched_again` counts how often the clip's file was gone. `picture` is the link at which gateways
    find the job's picture, `picture_at` when it was made. `moments` are those of the monotonic clock, in
    seconds, at which earlier things happened.
    """

    outcome: Created | NotSent | Refused | OutcomeUnknown | None = None
    is_sending: bool = False
    rejection: Reason | None = None
    upstream_tries: Counter[str] = field(default_factory=Counter[str])
    gave_up_on: set[str] = field(default_factory=set[str])
    look_ups: int = 0
    result: Result | None = None
    fresh_links: int = 0
    untried: int | None = None
    fetched_again: int = 0
    picture: str | None = None
    picture_at: float = 0.0
    moments: dict[datetime, float] = field(default_factory=dict[datetime, float])


@dataclass(slots=True)
class FailureCount:
    """A row of failures: how many, and since when by the monotonic clock."""

    since: float
    times: int = 0


class StepContext:
    """Saves steps, and remembers facts about jobs between them.

    `alerts` takes what a step finds out and only the operator can repair; `allowance` checks what is spent;
    `confirmations` knows which jobs wait for the operator's yes.
    """

    def __init__(
        self,
        *,
        store: JobStore,
        clock: Clock,
        schedule: Schedule,
        alerts: AlertChannel | None = None,
        allowance: Allowance | None = None,
        confirmations: Confirmations | None = None,
        notes: KeyValueStore | None = None,
    ) -> None:
        self.confirmations = confirmations or Confirmations()
        self.allowance = allowance or Allowance()
        self.alerts: AlertChannel = alerts or NoAlerts()
        self.clock = SteadyClock(clock)
        self.schedule = schedule
        self._store = store
        self.identity = TaskIdentity(store.rivals, notes)
        self._memories: dict[int, StepMemory] = {}
        self._troubles: dict[int, FailureCount] = {}

    @property
    def is_clear(self) -> bool:
        """Whether nothing is remembered of any job."""
        return not self._memories and not self._troubles and not len(self.identity)

    def memory(self, job: Job) -> StepMemory:
        return self._memories.setdefault(job.id, StepMemory())

    def is_sending(self, job_id: int) -> bool:
        """Whether the paid request of a job was announced, perhaps sent, by the step under way or before."""
        memory = self._memories.get(job_id)
        return memory is not None and memory.is_sending

    def has_given_up(self, job_id: int) -> Collection[str]:
        """Name the providers that the job is not sent to any more."""
        memory = self._memories.get(job_id)
        return memory.gave_up_on if memory else ()

    def forget_submission(self, job_id: int) -> None:
        """The job has its task: its submission is not needed any more."""
        self._memories.pop(job_id, None)

    def forget(self, job_id: int) -> None:
        self._memories.pop(job_id, None)
        self._troubles.pop(job_id, None)
        self.identity.forget(job_id)

    def record_failure(self, job_id: int, *, least: float = 2.0) -> float:
        """Count one more failure in a row with this job; return the seconds to wait after it."""
        trouble = self._troubles.setdefault(job_id, FailureCount(self.clock.monotonic()))
        trouble.times += 1
        return self.schedule.after_trouble(trouble.times, least=least)

    def failures(self, job_id: int) -> int:
        trouble = self._troubles.get(job_id)
        return trouble.times if trouble else 0

    def failing_for(self, job_id: int) -> timedelta:
        """How long the row of failures has lasted."""
        trouble = self._troubles.get(job_id)
        return timedelta(seconds=self.clock.monotonic() - trouble.since) if trouble else timedelta()

    def clear_failures(self, job_id: int) -> None:
        """End the row of failures."""
        self._troubles.pop(job_id, None)

    def is_over(self, age: timedelta, longest: timedelta = DEADLINE) -> bool:
        """Whether something so old is no longer waited for.

        At a start ages are known by the wall clock alone, and that may just have been set.
        """
        return age > longest and self.clock.lived_seconds > PATIENCE.total_seconds()

    def is_overdue(self, job: Job) -> bool:
        """Whether a job was ordered so long ago that it is sent no more."""
        return self.is_over(self.elapsed(job, job.ordered_at))

    def until_overdue(self, job: Job) -> float:
        """Seconds until a job that is not sent meanwhile may be overdue."""
        age = self.clock.monotonic() - self.moment(job.id, job.ordered_at)
        return max(DEADLINE.total_seconds() - age, PATIENCE.total_seconds() - self.clock.lived_seconds, 0.0)

    def elapsed(self, job: Job, since: datetime) -> timedelta:
        """How long ago that was. A wall clock that jumps while the program runs changes nothing."""
        moment = self.memory(job).moments[since] = self.moment(job.id, since)
        return timedelta(seconds=self.clock.monotonic() - moment)

    def moment(self, job_id: int, since: datetime) -> float:
        """When that was by the monotonic clock, which is remembered for a job of which anything is."""
        memory = self._memories.get(job_id)
        known = memory.moments.get(since) if memory else None
        return self.clock.moment(since) if known is None else known

    async def move(self, before: Job, after: Job, limits: Sequence[Limit] = ()) -> Job:
        """Save a move, and return the job after it. Raise what `JobStore.move` raises."""
        try:
            await self._store.move(before, after, limits)
        except (StoreFull, StoreUnusable) as error:
            self.alerts.send(NothingSaved(str(error)))
            raise
        return after

    async def save(self, before: Job, after: Job, seconds: float | None = 0.0) -> Step:
        return Step(await self.move(before, after), seconds)

    async def end(self, job: Job, state: JobState, reason: Reason, *, offered: str | None = None) -> Step:
        """End a job without a video. `offered` is a link to a clip that may be its own."""
        now = self.clock.now()
        result = job.result if offered is None else Result(url=offered, seen_at=now, is_proved=False)
        step = await self.save(job, replace(job.ended(state, reason, now), result=result))
        if state in _LOSSES and job.ticket is not None:
            task = job.ticket
            self.alerts.send(TaskLost(job.id, task.provider, task.task_id, job.price, offered))
        return step


class SpendingWatch(Protocol):
    """Watches what is spent. Never raises what the store raises."""

    async def look(self, job: Job) -> None:
        """Look at the budgets of a job for which money was just reserved."""
        ...

    async def came_up(self, over: OverLimit, job: Job) -> None:
        """Note that a job came up against a limit."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent at the moment of sending; `watch` sees what is reserved then, or too much."""

    limits: tuple[Limit, ...] = ()
    watch: SpendingWatch | None = None

    async def look(self, job: Job) -> None:
        """Look at the budgets of a job for which something else is reserved now."""
        if self.watch is not None:
            await self.watch.look(job)

    async def came_up(self, error: LimitReached) -> None:
        """Note that a job came up against a limit when it was to be sent."""
        if self.watch is not None:
            await self.watch.came_up(error.over, error.job)
