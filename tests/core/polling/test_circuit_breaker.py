from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.polling.circuit_breaker import CircuitBreaker, spread


def opened(at: float = 100.0) -> CircuitBreaker:
    breaker = CircuitBreaker(failures=3)
    for _ in range(3):
        breaker.note_failure(at)
    return breaker


def test_while_a_provider_answers_everything_goes_through() -> None:
    breaker = CircuitBreaker()

    assert [breaker.wait(now) for now in (0, 0, 1, 500)] == [0, 0, 0, 0]


def test_failures_that_are_not_in_a_row_change_nothing() -> None:
    breaker = CircuitBreaker(failures=3)
    for now in range(30):
        breaker.note_failure(now)
        breaker.note_failure(now)
        breaker.note_answer()

    assert not breaker.is_open


def test_it_says_once_that_an_outage_began_and_once_that_it_ended() -> None:
    breaker = CircuitBreaker(failures=3)

    assert [breaker.note_failure(now) for now in range(5)] == [False, False, True, False, False]
    assert [breaker.note_answer(), breaker.note_answer()] == [True, False]


def test_in_an_outage_one_question_goes_through_every_thirty_seconds() -> None:
    breaker = opened(at=100)

    asked = [now for now in range(100, 221) if breaker.wait(now) == 0]

    assert asked == [130, 160, 190, 220]


def test_every_other_job_is_told_when_to_come_back() -> None:
    breaker = opened(at=100)

    assert breaker.wait(110) == 20
    assert breaker.wait(130) == 0
    assert breaker.wait(130) == 30


def test_a_probe_that_fails_takes_thirty_seconds_more() -> None:
    breaker = opened(at=100)
    breaker.wait(130)

    breaker.note_failure(150)

    assert breaker.wait(160) == 20


def test_a_probe_whose_outcome_is_never_reported_does_not_block_the_next() -> None:
    breaker = opened(at=100)
    breaker.wait(130)

    assert breaker.wait(160) == 0


def test_the_first_answer_closes_it() -> None:
    breaker = opened(at=100)
    breaker.wait(130)

    breaker.note_answer()

    assert [breaker.wait(131) for _ in range(10)] == [0] * 10


def test_after_an_outage_it_takes_as_many_failures_again() -> None:
    breaker = opened()
    breaker.note_answer()

    breaker.note_failure(200)

    assert not breaker.is_open


@given(st.integers(0, 3000), st.floats(4, 60))
def test_what_became_due_in_an_outage_is_spread_evenly(count: int, seconds: float) -> None:
    moments = spread(count, seconds)

    assert len(moments) == count
    assert moments == sorted(moments)
    assert all(0 <= moment < seconds for moment in moments)


def test_ten_thousand_jobs_take_the_whole_time_and_a_few_are_not_kept_waiting() -> None:
    assert spread(10_000)[-1] == pytest.approx(30, rel=0.001)
    assert spread(100_000)[-1] == pytest.approx(100, rel=0.001), "a thousand a second"
    assert spread(4)[-1] < 1
    assert spread(0) == []
