from __future__ import annotations

from math import exp, isfinite, log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.job_outline import JobClass
from core.model.video import Mode
from core.polling.hazard import BINS, LONGEST, PRIOR, SHORTEST, STARTS, WIDTHS, Hazard, spread_out
from core.polling.task_durations import DurationModel

BOATS = JobClass("anyint", "kling-v3", Mode.STD, 5, audio=False)

ages = st.floats(0, 100_000)
prices = st.floats(0.001, 1000)
lessons = st.lists(st.tuples(st.floats(0, 100_000), st.sampled_from(["clip", "first", "none"])), max_size=15)


def taught(*lessons: tuple[float, str]) -> Hazard:
    durations = DurationModel()
    for age, what in lessons:
        if what == "none":
            durations.end(BOATS, age)
        else:
            durations.finish(BOATS, age, is_first=what == "first")
    return durations.hazard(BOATS)


@settings(max_examples=60)
@given(lessons, ages)
def test_a_rate_is_always_a_positive_number(lessons: list[tuple[float, str]], age: float) -> None:
    rate = taught(*lessons).rate(age)

    assert isfinite(rate)
    assert rate > 0


@settings(max_examples=60)
@given(lessons, ages, prices)
def test_the_next_question_comes_after_the_last(
    lessons: list[tuple[float, str]], age: float, price: float
) -> None:
    hazard = taught(*lessons)

    assert hazard.next_check(age, price) > age
    assert hazard.remaining(age) > 0


@settings(max_examples=60)
@given(lessons, ages)
def test_a_dearer_question_waits_longer(lessons: list[tuple[float, str]], age: float) -> None:
    hazard = taught(*lessons)

    assert hazard.next_check(age, 0.05) < hazard.next_check(age, 0.2) < hazard.next_check(age, 5)


def test_the_bins_are_equally_wide_in_the_logarithm_from_ten_seconds_to_an_hour() -> None:
    ends = [start + width for start, width in zip(STARTS, WIDTHS, strict=True)]

    assert len(ends) == BINS
    assert ends[-1] == pytest.approx(LONGEST)
    assert ends[0] / SHORTEST == pytest.approx(ends[20] / ends[19])
    assert ends[:-1] == pytest.approx(STARTS[1:])


def test_before_anything_was_seen_half_of_the_tasks_end_within_four_minutes() -> None:
    assert PRIOR.remaining(0) == pytest.approx(240, rel=0.02)


def test_at_a_constant_rate_questions_come_at_the_interval_that_theory_asks_for() -> None:
    hazard = Hazard([0.01] * BINS)

    assert hazard.next_check(500, 0.2) - 500 == pytest.approx(sqrt(2 * 0.2 / 0.01))
    assert hazard.remaining(500) == pytest.approx(log(2) / 0.01)


def test_after_the_last_bin_the_rate_goes_on() -> None:
    hazard = Hazard([0.01] * BINS)

    assert hazard.next_check(90_000, 0.2) - 90_000 == pytest.approx(sqrt(2 * 0.2 / 0.01))


def test_a_belief_counts_as_the_seconds_that_its_tasks_would_spend() -> None:
    belief = Hazard([0.01] * BINS)
    own = 2 * (1 - exp(-0.01 * WIDTHS[0])) / 0.01

    hazard = belief.observed([0.0] * BINS, [100.0] * BINS, 2)

    assert hazard.rate(5) == pytest.approx(0.01 * own / (100 + own))
    assert hazard.rate(3500) < 1e-10


@given(st.floats(0.01, LONGEST), st.floats(0.05, 1))
def test_an_ending_that_is_spread_out_is_still_one_ending(middle: float, spread: float) -> None:
    endings, seconds = spread_out(middle, spread)

    assert sum(endings) == pytest.approx(1)
    assert sum(seconds) == pytest.approx(middle, rel=0.7)
    assert min(*endings, *seconds) >= 0


def test_a_short_task_is_not_taken_for_one_that_fills_the_first_bin() -> None:
    _, seconds = spread_out(2.0, 0.12)

    assert sum(seconds) == pytest.approx(2.0, rel=0.02)
