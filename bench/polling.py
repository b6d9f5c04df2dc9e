"""How soon a finished clip is noticed, for how many questions: learned times against a fixed interval.

Everything runs in virtual time on the bot's own schedule, with fixed seeds. The gain is
E[T]/2 ÷ ((polls - ½) x mean delay): a fixed interval with as many polls scores 1.
"""

from __future__ import annotations

import sys
from random import Random
from time import process_time

from bench.report import Report, Target, run
from bench.stands.poll_simulation import (
    JOBS,
    LEARNED,
    Doubling,
    Fixed,
    Learned,
    Plain,
    Prior,
    Tally,
    Times,
    lognormal,
    watched,
)

PRICE_FOR_THREE_SECONDS = 0.17
_FEW_RUNS = 6
_DECISIONS = 50_000

_WIDE = lognormal(0.30)
_NARROW = lognormal(0.15)


def measure() -> Report:
    wide, narrow = watched(_WIDE, Learned), watched(_NARROW, Learned)
    quick = watched(_WIDE, lambda chance: Learned(chance, price=PRICE_FOR_THREE_SECONDS))
    rows = [
        wide.as_row("learned, cv .30"),
        _fixed(_WIDE, wide).as_row("  fixed interval, as many polls"),
        narrow.as_row("learned, cv .15"),
        _fixed(_NARROW, narrow).as_row("  fixed interval, as many polls"),
        quick.as_row("learned, cv .30, price for 3 s"),
        *(tally.as_row(name) for name, tally in _context().items()),
    ]
    title = (
        f"Polling: median 180 s, jobs {LEARNED} to {JOBS} of a class, virtual time; "
        f"{_decision_microseconds():.1f} µs of CPU a decision"
    )
    return Report(
        title, ["schedule", "polls", "delay s", "p99 s", "gain"], rows, _targets(wide, narrow, quick)
    )


def _targets(wide: Tally, narrow: Tally, quick: Tally) -> list[Target]:
    return [
        Target("gain over a fixed interval, cv .30", wide.gain, 1.8, is_least=True),
        Target("gain over a fixed interval, cv .15", narrow.gain, 2.8, is_least=True),
        Target("mean delay at a lower price, cv .30, seconds", quick.delay, 3.0, is_least=False),
        Target("polls a job at that delay", quick.polls_each, 20.0, is_least=False),
    ]


def _context() -> dict[str, Tally]:
    """Return what is not a target: other schedules, other times, the beginning."""
    first = range(LEARNED)
    slower, faster = lognormal(0.30, later=360.0), lognormal(0.30, later=90.0)
    after = range(JOBS // 2 + 50, JOBS)
    return {
        "the first 20 jobs, cv .30": watched(_WIDE, Learned, counted=first),
        "the first 20 jobs, cv .15": watched(_NARROW, Learned, counted=first),
        "never learning (prior only), cv .30": watched(_WIDE, Prior, runs=_FEW_RUNS),
        "never learning (prior only), cv .15": watched(_NARROW, Prior, runs=_FEW_RUNS),
        "learned, cv .60": watched(lognormal(0.60), Learned, runs=_FEW_RUNS),
        "from 180 to 360 s, 50 jobs later, cv .30": watched(slower, Learned, counted=after, runs=_FEW_RUNS),
        "from 180 to 90 s, 50 jobs later, cv .30": watched(faster, Learned, counted=after, runs=_FEW_RUNS),
        "plain (gaps of 6 % of the age), cv .30": watched(_WIDE, Plain, runs=_FEW_RUNS),
        "every 5 s, cv .30": watched(_WIDE, lambda _: Fixed(5.0), runs=_FEW_RUNS),
        "2 s doubling to 60 s, cv .30": watched(_WIDE, lambda _: Doubling(), runs=_FEW_RUNS),
    }


def _fixed(times: Times, ours: Tally) -> Tally:
    return watched(times, lambda _: Fixed(ours.fair_interval))


def _decision_microseconds() -> float:
    """CPU time of one decision of a schedule that has learned."""
    schedule = Learned(Random(1))
    for seconds in _NARROW(Random(2)):
        schedule.gap(0.0)
        schedule.found(seconds)
    started = process_time()
    for index in range(_DECISIONS):
        schedule.gap(float(index % 1000))
    return (process_time() - started) / _DECISIONS * 1e6


if __name__ == "__main__":
    sys.exit(run([sys.modules[__name__]]))
