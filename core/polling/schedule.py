"""When to ask a provider about a task, as learned from earlier ones, and how long to wait after a failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final, Protocol

from core.model.job_outline import JobClass
from core.polling.hazard import Hazard
from core.polling.poll_budget import PollBudget
from core.polling.task_durations import DurationModel

PATIENCE: Final = timedelta(hours=1)
"""A task that takes longer is asked about hourly: it may still end, and be charged."""

DEADLINE: Final = timedelta(hours=24)
"""A task that has not ended by then is given up and its member told."""

MISSING_GRACE: Final = timedelta(minutes=10)
"""How long a provider may say that it does not know a task before the task counts as lost."""

OUTAGE: Final = timedelta(minutes=10)
"""How long failures must go on before they count as more than a network that is not up yet."""

SHORTEST_RETRY_AFTER: Final = timedelta(seconds=1)
LONGEST_RETRY_AFTER: Final = timedelta(minutes=15)
"""Between these, a provider's `Retry-After` is followed to the letter."""

_HOURLY: Final = 3600.0
_SHARE_OF_AGE: Final = 0.06
_JITTER: Final = 0.05
_HARDLY_ANY: Final = 0.1
_LATE_SECONDS: Final = 10.0
_LATE_TIMES: Final = 2.0
_NEARLY: Final = 0.9
_NEARLY_ALL: Final = 0.99
_JITTERED: Final = 1.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Bounds of the polling schedule, in seconds. Gaps grow with the age of the task."""

    first_seconds: float = 10.0
    min_seconds: float = 2.0
    max_seconds: float = 60.0
    chance: Random

    def next_check(self, age: timedelta) -> float:
        """Seconds until a task of this age is asked about (again)."""
        seconds = age.total_seconds()
        if seconds < self.first_seconds:
            return self._varied(max(self.first_seconds - seconds, self.min_seconds))
        if age > PATIENCE:
            return self._varied(_HOURLY)
        return self._varied(min(max(seconds * _SHARE_OF_AGE, self.min_seconds), self.max_seconds))

    def after_trouble(self, times: int, *, least: float = 2.0, most: float = 300.0) -> float:
        """Seconds to wait after so many failures in a row: doubling, with full jitter in the upper half."""
        ceiling: float = min(least * 2 ** min(max(times - 1, 0), 16), most)
        return ceiling * (0.5 + self.chance.random() / 2)

    def honour_retry_after(self, retry_after: timedelta | None, otherwise: float) -> float:
        """Seconds of a provider's retry_after, within reason; `otherwise` if it gives none."""
        if retry_after is None:
            return otherwise
        within_reason = min(max(retry_after, SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)
        return within_reason.total_seconds()

    def _varied(self, seconds: float) -> float:
        return seconds * (1 + self.chance.uniform(-_JITTER, _JITTER))


class PollTiming(Protocol):
    """A paid task: the job it is for, and its kind; None where that is unknown.

    At the age `asked`, in seconds, it was decided to ask again after `gap` seconds; None before the first
    question.
    """

    asked: float
    gap: float | None

    @property
    def id(self) -> int: ...

    @property
    def kind(self) -> JobClass | None: ...


@dataclass(frozen=True, kw_only=True)
class AdaptiveSchedule(Schedule):
    """The polling schedule of tasks whose class has shown when they end; the plain one until then.

    Its bounds hold within the jitter. One question comes early, for tasks that fail at once. Only the one
    after it may come later than `max_seconds` allows, though not after the age at which a tenth of such
    tasks have ended.
    """

    durations: DurationModel
    poll_budget: PollBudget

    def next_check(self, age: timedelta, task: PollTiming | None = None) -> float:
        """Seconds until a task of this age is asked about (again). At age zero it is new."""
        if task is None or task.kind is None:
            return super().next_check(age)
        hazard, seconds = self.durations.hazard(task.kind), age.total_seconds()
        self.poll_budget.count(task.id, hazard.rate(seconds))
        is_plain = age > PATIENCE or not self.durations.is_familiar(task.kind)
        gap = self._plain(age) if is_plain else self._varied(self._learned(hazard, seconds))
        task.asked, task.gap = seconds, gap
        return gap

    def finished(self, task: PollTiming, age: timedelta) -> None:
        """Learn from a clip found at this age, or that there was none before if it was asked too late."""
        seconds = age.total_seconds()
        if task.kind is not None and task.gap is not None:
            if seconds - task.asked <= task.gap * _LATE_TIMES + _LATE_SECONDS:
                self.durations.finish(task.kind, seconds, is_first=self._is_early(task.asked))
            else:
                self.durations.end(task.kind, task.asked)
        self.forget(task.id)

    def ended(self, task: PollTiming, age: timedelta) -> None:
        """Learn from a task that ended at this age without a clip."""
        if task.kind is not None:
            self.durations.end(task.kind, age.total_seconds())
        self.forget(task.id)

    def remaining(self, task: PollTiming, age: timedelta) -> timedelta | None:
        """Return the time within which half of such tasks end; None as long as that is unknown."""
        seconds = None if task.kind is None else self.durations.remaining(task.kind, age.total_seconds())
        return None if seconds is None else timedelta(seconds=seconds)

    def is_late(self, task: PollTiming, age: timedelta) -> bool:
        """Whether a task takes far longer than its kind: twice as long as all but a hundredth of them."""
        if task.kind is None or not self.durations.is_familiar(task.kind):
            return False
        usual = self.durations.hazard(task.kind).remaining(0.0, _NEARLY_ALL)
        return age.total_seconds() > usual * _LATE_TIMES

    def forget(self, job_id: int) -> None:
        """The job is not asked about any more."""
        self.poll_budget.drop(job_id)

    def _plain(self, age: timedelta) -> float:
        """Ask as the plain schedule does, but not more often than the budget allows all tasks together."""
        gap, least = super().next_check(age), min(self.poll_budget.equal_gap, self.max_seconds)
        return gap if least <= gap or self._is_early(age.total_seconds()) else self._varied(least)

    def _learned(self, hazard: Hazard, age: float) -> float:
        if age < self.first_seconds * _NEARLY:
            return max(self.first_seconds - age, self.min_seconds)
        retry_after = hazard.next_check(age, self.poll_budget.seconds) - age
        most = self.max_seconds
        if self._is_early(age):
            most = max(most, hazard.remaining(0.0, _HARDLY_ANY) - age)
        return max(self.min_seconds, min(retry_after, most))

    def _is_early(self, age: float) -> bool:
        """Whether a task of this age has been asked about once at most."""
        return age <= max(self.first_seconds, self.min_seconds) * _JITTERED
