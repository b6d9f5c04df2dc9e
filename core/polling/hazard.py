"""How soon a task ends, given its age: a rate of completion, and when to ask because of it.

Asking at the rate √(rate of completion ÷ 2·price) makes delay plus price times questions least
(Keller 1974, "Optimum checking schedules for systems subject to random failure").
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from math import erf, exp, expm1, log, sqrt
from typing import Final

BINS: Final = 33
SHORTEST: Final = 10.0
LONGEST: Final = 3600.0
"""The bins are equally wide in the logarithm of the age between these, in seconds.

The first one also holds what is younger; the last one goes on for ever.
"""

_RATIO: Final = log(LONGEST / SHORTEST) / BINS

INNER_EDGES: Final = tuple(SHORTEST * exp(_RATIO * index) for index in range(1, BINS))
STARTS: Final = (0.0, *INNER_EDGES)
WIDTHS: Final = tuple(end - start for start, end in zip(STARTS, (*INNER_EDGES, LONGEST), strict=True))

_LEAST_EXPOSURE: Final = 1e-9
_PRIOR_MEDIAN: Final = 240.0
_PRIOR_SPREAD: Final = 0.8


class Integral:
    """The integral over age of a positive function that is constant within each bin."""

    __slots__ = ("_heights", "_sums")

    def __init__(self, heights: Sequence[float]) -> None:
        self._heights = heights
        areas = (height * width for height, width in zip(heights, WIDTHS, strict=True))
        self._sums = [0.0, *accumulate(areas)]

    def at(self, age: float) -> float:
        index = bisect_right(INNER_EDGES, age)
        return self._sums[index] + (age - STARTS[index]) * self._heights[index]

    def reach(self, age: float, amount: float) -> float:
        """Return the age by which the integral has grown by so much since this age."""
        target = self.at(age) + amount
        index = min(bisect_right(self._sums, target) - 1, BINS - 1)
        return max(age, STARTS[index] + (target - self._sums[index]) / self._heights[index])


class Hazard:
    """The rate at which tasks of a class end, by their age in seconds. Learning makes a new one."""

    __slots__ = ("_ends", "_questions", "_rates")

    def __init__(self, rates: Sequence[float]) -> None:
        self._rates = tuple(rates)
        self._ends = Integral(self._rates)
        self._questions = Integral([sqrt(rate / 2) for rate in self._rates])

    def rate(self, age: float) -> float:
        """Tasks of this age that end in a second, of each one that has not ended yet."""
        return self._rates[bisect_right(INNER_EDGES, age)]

    def next_check(self, age: float, price: float) -> float:
        """Return the age at which to ask again after having asked at this one.

        `price` is what a question is worth in seconds of delay.
        """
        return self._questions.reach(age, sqrt(price))

    def remaining(self, age: float, share: float = 0.5) -> float:
        """Seconds within which that share of the tasks that have reached this age end."""
        return self._ends.reach(age, -log(1 - share)) - age

    def observed(self, endings: Sequence[float], exposure: Sequence[float], weight: float) -> Hazard:
        """Return what remains of this belief, worth so many tasks, after the observations in each bin.

        A Gamma prior for Poisson events: endings over seconds of exposure, both of them with those of
        the tasks that the belief is worth.
        """
        return Hazard(
            [
                (seen + rate * own) / (seconds + own)
                for seen, rate, seconds, own in zip(
                    endings, self._rates, exposure, self._exposure(weight), strict=True
                )
            ]
        )

    def _exposure(self, tasks: float) -> Iterable[float]:
        """Seconds that so many tasks spend in each bin, if this is how they end."""
        alive = tasks
        for rate, width in zip(self._rates, WIDTHS, strict=True):
            yield max(alive * -expm1(-rate * width) / rate, _LEAST_EXPOSURE)
            alive *= exp(-rate * width)


def spread_out(middle: float, spread: float) -> tuple[list[float], list[float]]:
    """Return the chance to end in each bin and the seconds spent there, of a lognormal age at the end."""
    ended, spent = [0.0], [0.0]
    mean, place = middle * exp(spread * spread / 2), log(middle)
    for edge in INNER_EDGES:
        deviation = (log(edge) - place) / spread
        ended.append(_normal(deviation))
        spent.append(edge * (1 - ended[-1]) + mean * _normal(deviation - spread))
    return _differences([*ended, 1.0]), _differences([*spent, mean])


def _normal(deviation: float) -> float:
    """Return the share of a normal distribution that lies below."""
    return (1 + erf(deviation / sqrt(2))) / 2


def _differences(sums: Sequence[float]) -> list[float]:
    return [max(0.0, after - before) for before, after in pairwise(sums)]


def _prior() -> Hazard:
    endings, exposure = spread_out(_PRIOR_MEDIAN, _PRIOR_SPREAD)
    return Hazard([ended / seconds for ended, seconds in zip(endings, exposure, strict=True)])


PRIOR: Final = _prior()
"""The belief before any observation: half of the tasks end within four minutes."""
