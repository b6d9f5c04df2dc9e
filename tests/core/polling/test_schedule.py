from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.polling.schedule import DEADLINE, LONGEST_RETRY_AFTER, Schedule

SCHEDULE = Schedule(chance=Random(1))


@pytest.mark.parametrize(
    ("age", "seconds"),
    [(0, 10), (4, 6), (9.5, 2), (10, 2), (60, 3.6), (300, 18), (1000, 60), (3599, 60), (3601, 3600)],
)
def test_gaps_grow_with_the_age_of_the_task(age: float, seconds: float) -> None:
    assert SCHEDULE.next_check(timedelta(seconds=age)) == pytest.approx(seconds, rel=0.051)


@given(st.floats(-1e6, 1e7), st.integers(0, 2**32))
def test_no_age_makes_a_busy_loop_or_a_long_silence(age: float, seed: int) -> None:
    seconds = Schedule(chance=Random(seed)).next_check(timedelta(seconds=max(age, 0)))

    assert 1.9 <= seconds <= 3780


def test_a_task_is_asked_about_a_bounded_number_of_times_in_a_day() -> None:
    age, questions = 0.0, 0
    while age < DEADLINE.total_seconds():
        age += SCHEDULE.next_check(timedelta(seconds=age))
        questions += 1

    assert questions < 160


def test_the_bounds_can_be_set() -> None:
    schedule = Schedule(first_seconds=1, min_seconds=0.5, max_seconds=3, chance=Random(1))

    assert schedule.next_check(timedelta()) == pytest.approx(1, rel=0.051)
    assert schedule.next_check(timedelta(seconds=2)) == pytest.approx(0.5, rel=0.051)
    assert schedule.next_check(timedelta(seconds=600)) == pytest.approx(3, rel=0.051)


@given(st.integers(0, 10**6), st.sampled_from([0.1, 2.0, 5.0, 60.0]))
def test_waits_after_trouble_double_up_to_five_minutes(times: int, least: float) -> None:
    seconds = SCHEDULE.after_trouble(times, least=least)

    assert least / 2 <= seconds <= 300
    if times > 20:
        assert seconds >= 150


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (None, 15),
        (timedelta(0), 1),
        (timedelta(seconds=-9), 1),
        (timedelta(seconds=90), 90),
        (timedelta(days=9), LONGEST_RETRY_AFTER.total_seconds()),
    ],
)
def test_a_providers_retry_after_is_followed_within_reason(
    retry_after: timedelta | None, seconds: float
) -> None:
    assert SCHEDULE.honour_retry_after(retry_after, 15) == seconds
