"""Tasks in virtual time, ways to ask about them, and a count of what each way achieves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from math import log, sqrt
from random import Random
from typing import Protocol

from core.model.job_outline import JobClass
from core.model.video import Mode
from core.polling.hazard import PRIOR
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule, Schedule
from core.polling.task_durations import DurationModel

RUNS = 24
JOBS = 600
LEARNED = 20
"""From this job on, a class counts as learned."""

ALL_LEARNED = range(LEARNED, JOBS)

MEDIAN_SECONDS = 180.0
PRICE = 0.2
_NO_BUDGET = 1e9


@dataclass(slots=True)
class _Running:
    id: int
    kind: JobClass | None
    asked: float = 0.0
    gap: float | None = None


_TASK = _Running(1, JobClass("anyint", "kling-v3", Mode.STD, 5, audio=False))


class Watcher(Protocol):
    """A way to ask about tasks."""

    def gap(self, age: float, /) -> float:
        """Seconds until a task of this age is asked about again."""
        ...

    def found(self, age: float, /) -> None:
        """A task was found finished at this age."""
        ...


class Fixed:
    """Ask every so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def gap(self, _age: float) -> float:
        return self._seconds

    def found(self, _age: float) -> None: ...


class Doubling:
    """Wait twice as long each time, up to a minute."""

    def gap(self, age: float) -> float:
        return min(max(2.0, age + 2.0), 60.0)

    def found(self, _age: float) -> None: ...


class Plain:
    """The bot's schedule for a model of which it has seen next to nothing."""

    def __init__(self, chance: Random) -> None:
        self._schedule = Schedule(chance=chance)

    def gap(self, age: float) -> float:
        return self._schedule.next_check(timedelta(seconds=age))

    def found(self, _age: float) -> None: ...


class Prior(Plain):
    """What the prior alone would do, within the same bounds."""

    def gap(self, age: float) -> float:
        bounds = self._schedule
        least = bounds.min_seconds if age else bounds.first_seconds
        return min(max(PRIOR.next_check(age, PRICE) - age, least), bounds.max_seconds)


class Learned:
    """The bot's schedule, which only knows what its own questions showed."""

    def __init__(self, chance: Random, *, price: float = PRICE) -> None:
        self._schedule = AdaptiveSchedule(
            chance=chance, durations=DurationModel(), poll_budget=PollBudget(_NO_BUDGET, least=price)
        )

    def gap(self, age: float) -> float:
        return self._schedule.next_check(timedelta(seconds=age), _TASK)

    def found(self, age: float) -> None:
        self._schedule.finished(_TASK, timedelta(seconds=age))


@dataclass(slots=True)
class Tally:
    """The result of watching some tasks."""

    tasks: int = 0
    polls: int = 0
    seconds: float = 0.0
    delays: list[float] = field(default_factory=list[float])

    def add(self, ended: float, polls: int, delay: float) -> None:
        self.tasks += 1
        self.polls += polls
        self.seconds += ended
        self.delays.append(delay)

    @property
    def polls_each(self) -> float:
        return self.polls / self.tasks

    @property
    def delay(self) -> float:
        return sum(self.delays) / self.tasks

    @property
    def late_delay(self) -> float:
        """The delay that one task in a hundred exceeds."""
        return sorted(self.delays)[int(len(self.delays) * 0.99)]

    @property
    def gain(self) -> float:
        return self.seconds / self.tasks / 2 / ((self.polls_each - 0.5) * self.delay)

    @property
    def fair_interval(self) -> float:
        """The fixed interval that asks as often."""
        return self.seconds / self.tasks / (self.polls_each - 0.5)

    def as_row(self, name: str) -> list[str | float]:
        return [name, self.polls_each, self.delay, self.late_delay, self.gain]


Times = Callable[[Random], Iterator[float]]


def lognormal(cv: float, *, median: float = MEDIAN_SECONDS, later: float | None = None) -> Times:
    """Return how long each task takes, in seconds; after half of the tasks the median is `later`."""
    spread = sqrt(log(1 + cv * cv))

    def times(chance: Random) -> Iterator[float]:
        for index in range(JOBS):
            middle = later if later and index >= JOBS // 2 else median
            yield chance.lognormvariate(log(middle), spread)

    return times


def watched(
    times: Times,
    watcher: Callable[[Random], Watcher],
    *,
    counted: range = ALL_LEARNED,
    runs: int = RUNS,
) -> Tally:
    """Watch tasks one after the other, in so many independent runs; count those at these places."""
    tally = Tally()
    for seed in range(runs):
        chance, one = Random(seed), watcher(Random(1000 + seed))
        for index, ended in enumerate(times(chance)):
            if index < counted.stop:
                polls, noticed = _watch(one, ended)
                if index in counted:
                    tally.add(ended, polls, noticed - ended)
    return tally


def _watch(watcher: Watcher, ended: float) -> tuple[int, float]:
    age, polls = 0.0, 0
    while age < ended:
        age += watcher.gap(age)
        polls += 1
    watcher.found(age)
    return polls, age
