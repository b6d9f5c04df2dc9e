from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.polling.poll_budget import PollBudget

rates = st.lists(st.floats(1e-6, 1), min_size=1, max_size=50)


def together(rates: list[float], price: PollBudget) -> float:
    """Return how often tasks that end at these rates are asked about a second, all of them, at a price."""
    return sum(sqrt(rate / (2 * price.seconds)) for rate in rates)


@given(rates, st.floats(0.1, 500))
def test_at_the_common_price_all_questions_together_are_the_budget(rates: list[float], budget: float) -> None:
    price = PollBudget(budget, least=0)
    for job_id, rate in enumerate(rates):
        price.count(job_id, rate)

    assert together(rates, price) == pytest.approx(budget)


def test_with_no_tasks_questions_cost_nothing() -> None:
    assert PollBudget(10, least=0).seconds == 0


@given(rates, rates)
def test_a_price_kept_up_to_date_is_the_common_price(before: list[float], now: list[float]) -> None:
    price = PollBudget(5, least=0)
    for job_id, rate in enumerate(before):
        price.count(job_id, rate)
    for job_id, rate in enumerate(now):
        price.count(job_id, rate)
    for job_id in range(len(now), len(before)):
        price.drop(job_id)

    assert together(now, price) == pytest.approx(5)


def test_with_few_tasks_the_price_is_the_least() -> None:
    price = PollBudget(10)
    price.count(1, 0.01)

    assert price.seconds == 0.05


def test_when_the_last_task_is_gone_nothing_is_left_of_it() -> None:
    price = PollBudget(10, least=0)
    for job_id in range(7):
        price.count(job_id, 0.1 * (job_id + 1))
    for job_id in range(7):
        price.drop(job_id)
    price.drop(99)

    assert price.seconds == 0


def test_a_provider_that_is_asked_too_often_is_asked_half_as_often() -> None:
    price = PollBudget(1, least=0)
    price.count(1, 0.04)
    before = price.seconds

    price.too_many()

    assert price.seconds == pytest.approx(4 * before)


def test_answers_give_the_budget_back_little_by_little() -> None:
    price = PollBudget(1, least=0)
    price.count(1, 0.04)
    before = price.seconds
    price.too_many()

    for _ in range(250):
        price.count(1, 0.04)
    halfway = price.seconds
    for _ in range(300):
        price.count(1, 0.04)

    assert before < halfway < 4 * before
    assert price.seconds == pytest.approx(before)


def test_however_often_it_says_so_questions_go_on() -> None:
    price = PollBudget(1)
    for _ in range(1000):
        price.too_many()
    price.count(1, 0.01)

    assert price.seconds < 100
