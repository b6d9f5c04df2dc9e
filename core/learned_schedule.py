"""When to ask about a task, as earlier ones taught: seldom at first, often when it is about to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from core.experience import Experience, JobClass
from core.hazard import Hazard
from core.jobs import Job
from core.poll_price import PollPrice
from core.schedule import PATIENCE, Schedule

_HARDLY_ANY: Final = 0.1
_LATE_SECONDS: Final = 10.0
_LATE_TIMES: Final = 2.0


@dataclass(frozen=True, slots=True)
class Plan:
    """When a task was asked about, by its age in seconds, and how long nobody was to ask again."""

    asked: float
    gap: float

    def is_kept(self, age: float) -> bool:
        """Whether the next question, at this age, is about the one that was planned."""
        return age - self.asked <= self.gap * _LATE_TIMES + _LATE_SECONDS


@dataclass(frozen=True, kw_only=True)
class LearnedSchedule(Schedule):
    """The polling schedule of tasks whose class teaches when they end; the plain one until it has.

    Its bounds hold within the jitter. Only the first question may come later than `max_seconds`
    allows, though not after the age at which a tenth of such tasks have ended.
    """

    experience: Experience
    price: PollPrice
    _plans: dict[int, Plan] = field(default_factory=dict[int, Plan], init=False, repr=False)

    def next_check(self, age: timedelta, job: Job | None = None) -> float:
        """Seconds until a task of this age is asked about (again). At age zero it is new."""
        kind = _class_of(job)
        if job is None or kind is None:
            return super().next_check(age)
        hazard, seconds = self.experience.hazard(kind), age.total_seconds()
        self.price.count(job.id, hazard.rate(seconds))
        is_plain = age > PATIENCE or not self.experience.is_familiar(kind)
        gap = super().next_check(age) if is_plain else self._varied(self._learned(hazard, seconds))
        self._plans[job.id] = Plan(seconds, gap)
        return gap

    def finished(self, job: Job, age: timedelta) -> None:
        """Learn from a clip found at this age, or that there was none before if nobody looked in time."""
        kind, plan, seconds = _class_of(job), self._plans.get(job.id), age.total_seconds()
        if kind is not None and plan is not None:
            if plan.is_kept(seconds):
                self.experience.finish(kind, seconds, is_first=plan.asked <= 0)
            else:
                self.experience.end(kind, plan.asked)
        self.forget(job.id)

    def ended(self, job: Job, age: timedelta) -> None:
        """Learn from a task that ended at this age without a clip."""
        kind = _class_of(job)
        if kind is not None:
            self.experience.end(kind, age.total_seconds())
        self.forget(job.id)

    def remaining(self, job: Job, age: timedelta) -> timedelta | None:
        """Return the time within which half of such tasks end; None as long as nobody can say."""
        kind = _class_of(job)
        seconds = None if kind is None else self.experience.remaining(kind, age.total_seconds())
        return None if seconds is None else timedelta(seconds=seconds)

    def forget(self, job_id: int) -> None:
        """The job is not asked about any more."""
        self._plans.pop(job_id, None)
        self.price.drop(job_id)

    def _learned(self, hazard: Hazard, age: float) -> float:
        wish = hazard.next_check(age, self.price.seconds) - age
        if age > 0:
            return min(max(wish, self.min_seconds), self.max_seconds)
        latest = max(self.max_seconds, hazard.remaining(0.0, _HARDLY_ANY))
        return max(self.first_seconds, self.min_seconds, min(wish, latest))


def _class_of(job: Job | None) -> JobClass | None:
    if job is None or job.provider is None:
        return None
    return JobClass.of(job.provider, job.request)
