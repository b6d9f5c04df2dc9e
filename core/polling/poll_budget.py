"""The price of a question to a provider, in seconds of delay, so that all questions stay within a budget."""

from __future__ import annotations

from functools import lru_cache
from math import sqrt
from typing import Final

LEAST: Final = 0.05
"""With few tasks running, questions are cheap."""

_SHARE_REGAINED: Final = 0.001
_DEEPEST: Final = 1 / 64


def _price(roots: float, polls_per_second: float) -> float:
    return (roots / polls_per_second) ** 2 / 2


@lru_cache(maxsize=1024)
def _root(rate: float) -> float:
    """Return the same object for thousands of tasks of an age."""
    return sqrt(rate)


class PollBudget:
    """The common price of the tasks that are running, kept up to date with each of them.

    When a provider says that it is asked too often, the budget is halved; each question that is
    answered gives a little of it back.
    """

    def __init__(self, polls_per_second: float, *, least: float = LEAST) -> None:
        self._budget = polls_per_second
        self._allowed = polls_per_second
        self._least = least
        self._roots: dict[int, float] = {}
        self._sum = 0.0

    @property
    def seconds(self) -> float:
        return max(self._least, _price(self._sum, self._allowed))

    @property
    def equal_gap(self) -> float:
        """Seconds between two questions about a task, if all tasks are asked about equally often."""
        return len(self._roots) / self._allowed

    def count(self, job_id: int, rate: float) -> None:
        """Note the rate at which this task ends by now."""
        root = _root(rate)
        self._sum += root - self._roots.get(job_id, 0.0)
        self._roots[job_id] = root
        self._allowed = min(self._allowed + self._budget * _SHARE_REGAINED, self._budget)

    def drop(self, job_id: int) -> None:
        """The task is not asked about any more."""
        self._sum -= self._roots.pop(job_id, 0.0)
        if not self._roots:
            self._sum = 0.0

    def too_many(self) -> None:
        """Ask half as often: the provider said that it is asked too often."""
        self._allowed = max(self._allowed / 2, self._budget * _DEEPEST)
