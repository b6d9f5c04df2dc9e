"""How long tasks take, learned by class from earlier ones; a new class starts from similar ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeAlias

from core.model.job_outline import JobClass
from core.polling.hazard import BINS, LONGEST, PRIOR, STARTS, WIDTHS, Hazard, spread_out

ENOUGH: Final = 3
"""Clips that must have been seen before an estimate is shown."""

_VERSION: Final = 1
_PRIOR_TASKS: Final = 1.5
_KERNEL: Final = 0.12
_MEMORY: Final = 0.98
_FOUND_AT_FIRST: Final = 0.8
_SHORTEST_AGE: Final = 0.01
_TOO_MUCH: Final = 1e9

Group: TypeAlias = tuple[str | int | bool | None, ...]
"""A class, or the first two of its five parts (a model of a provider), or nothing: every task."""

_SIZES: Final = frozenset({0, 2, 5})


@dataclass(slots=True)
class Record:
    """The observations of a group: endings with a clip and seconds of waiting, by age. Old tasks fade."""

    jobs: int = 0
    endings: list[float] = field(default_factory=lambda: [0.0] * BINS)
    exposure: list[float] = field(default_factory=lambda: [0.0] * BINS)

    def finish(self, age: float) -> None:
        """Add a task that ended with a clip at about this age, in seconds."""
        endings, exposure = spread_out(min(max(age, _SHORTEST_AGE), LONGEST), _KERNEL)
        self.jobs += 1
        self.endings = [old * _MEMORY + new for old, new in zip(self.endings, endings, strict=True)]
        self.exposure = [old * _MEMORY + new for old, new in zip(self.exposure, exposure, strict=True)]

    def end(self, age: float) -> None:
        """Add a task that had not given a clip by this age, and of which nothing more was seen."""
        for index in range(BINS):
            self.exposure[index] += min(max(age - STARTS[index], 0.0), WIDTHS[index])


class DurationModel:
    """How long tasks take, learned from observed ones: by class, by model of a provider, all together."""

    def __init__(self) -> None:
        self._records: dict[Group, Record] = {}
        self._hazards: dict[Group, Hazard] = {(): PRIOR}

    def hazard(self, kind: JobClass) -> Hazard:
        """Return what is known of the class, else of its model, else of all tasks."""
        hazard = self._hazards.get(kind) or self._hazards.get(kind[:2])
        return hazard or self._hazards[()]

    def is_familiar(self, kind: JobClass) -> bool:
        """Whether enough tasks of the class or its model have been seen to rely on them."""
        return self._jobs(kind[:2]) >= ENOUGH

    def remaining(self, kind: JobClass, age: float) -> float | None:
        """Seconds until half of the tasks like this one have ended.

        None before enough tasks were seen, and where that is too far away to be known.
        """
        if self._jobs(()) < ENOUGH:
            return None
        seconds = self.hazard(kind).remaining(age)
        return seconds if seconds < LONGEST else None

    def finish(self, kind: JobClass, age: float, *, is_first: bool = False) -> None:
        """Learn from a task that was found finished at this age, in seconds, perhaps by the first question.

        Then it may have ended long before, so it counts as a good deal shorter: when tasks become faster,
        that is found out within a few of them.
        """
        likely = age * _FOUND_AT_FIRST if is_first else age
        for group in _groups(kind):
            self._records.setdefault(group, Record()).finish(likely)
        self._review(_groups(kind))

    def end(self, kind: JobClass, age: float) -> None:
        """Learn from a task without a clip up to this age, in seconds: it failed, or is not watched now."""
        for group in _groups(kind):
            self._records.setdefault(group, Record()).end(age)
        self._review(_groups(kind))

    def dump(self) -> dict[str, Any]:
        """Return everything as plain values that JSON can hold."""
        groups = [
            {"of": list(group), "jobs": record.jobs, "endings": record.endings, "exposure": record.exposure}
            for group, record in self._records.items()
        ]
        return {"version": _VERSION, "groups": groups}

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> Self:
        """Load the result of `dump`. What is not understood is left out: it will be learned again."""
        durations = cls()
        entries = saved.get("groups") if saved.get("version") == _VERSION else None
        for entry in entries or ():
            with suppress(KeyError, TypeError, ValueError):
                durations._records.update([_understood(entry)])
        durations._review(sorted(durations._records, key=len))
        return durations

    def _jobs(self, group: Group) -> int:
        record = self._records.get(group)
        return record.jobs if record else 0

    def _review(self, groups: Iterable[Group]) -> None:
        """Compute the rates, from general to particular: each starts with the belief of the one before."""
        for group in groups:
            record, belief = self._records[group], self._belief_before(group)
            self._hazards[group] = belief.observed(record.endings, record.exposure, _PRIOR_TASKS)

    def _belief_before(self, group: Group) -> Hazard:
        """Return what is believed of a group of which nothing has been seen."""
        if not group:
            return PRIOR
        more_general = self._hazards.get(group[:2]) if group[2:] else None
        return more_general or self._hazards[()]


def _groups(kind: JobClass) -> tuple[Group, ...]:
    return (), kind[:2], kind


def _understood(entry: Mapping[str, Any]) -> tuple[Group, Record]:
    """Return what an entry of `dump` says. Raise KeyError, TypeError or ValueError if it makes no sense."""
    group = tuple(entry["of"])
    if len(group) not in _SIZES or not all(isinstance(part, str | int | None) for part in group):
        raise ValueError(f"{group} is no group of tasks")
    return group, Record(int(entry["jobs"]), _amounts(entry["endings"]), _amounts(entry["exposure"]))


def _amounts(values: Sequence[float]) -> list[float]:
    """Return one amount for each bin, or raise ValueError."""
    amounts = [float(value) for value in values if 0 <= value < _TOO_MUCH]
    if len(amounts) != BINS:
        raise ValueError("an amount for each bin is needed")
    return amounts
