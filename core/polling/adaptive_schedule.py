"""When to ask about a task, as earlier ones taught: seldom at first, often when it is about to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from core.model.job_outline import JobClass
from core.polling.hazard import Hazard
from core.polling.poll_budget import PollBudget
from core.polling.schedule import PATIENCE, Schedule
from core.polling.task_durations import DurationModel

_HARDLY_ANY: Final = 0.1
_LATE_SECONDS: Final = 10.0
_LATE_TIMES: Final = 2.0
_NEARLY: Final = 0.9
_NEARLY_ALL: Final = 0.99
_JITTERED: Final = 1.06


class PollTiming(Protocol):
    """A paid task: the job it is for, and what it is like; None where nobody knows.

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
    """The polling schedule of tasks whose class teaches when they end; the plain one until it has.

    Its bounds hold within the jitter. One question comes early, for what fails at once. Only the one
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
        """Learn from a clip found at this age, or that there was none before if nobody looked in time."""
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
        """Return the time within which half of such tasks end; None as long as nobody can say."""
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
