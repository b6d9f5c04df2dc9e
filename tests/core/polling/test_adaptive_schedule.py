from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.job_outline import JobClass
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule, Schedule
from core.polling.task_durations import DurationModel
from tests.contracts.examples import queued


@dataclass
class Running:
    """A task as the schedule sees it."""

    id: int
    kind: JobClass | None
    asked: float = 0.0
    gap: float | None = None


KIND = JobClass.of("anyint", queued(1).request)
TASK = Running(1, KIND)
OTHER = Running(2, KIND)
ELSEWHERE = Running(3, KIND._replace(provider="worldrouter"))


def fresh(seed: float = 1, **bounds: float) -> AdaptiveSchedule:
    price = PollBudget(10, least=0.2)
    return AdaptiveSchedule(chance=Random(seed), durations=DurationModel(), poll_budget=price, **bounds)


def watch(schedule: AdaptiveSchedule, ended: float) -> list[float]:
    """Ask about a task until it is found finished; return the ages at which it was asked about."""
    asked = [0.0]
    while asked[-1] < ended:
        asked.append(asked[-1] + schedule.next_check(timedelta(seconds=asked[-1]), TASK))
    schedule.finished(TASK, timedelta(seconds=asked[-1]))
    return asked[1:]


def practised(*ended: float, **bounds: float) -> AdaptiveSchedule:
    schedule = fresh(**bounds)
    for seconds in ended:
        watch(schedule, seconds)
    return schedule


def test_a_practised_schedule_asks_less_and_notices_sooner() -> None:
    practised_schedule = practised(*[180.0] * 20)

    asked = watch(practised_schedule, 180.0)

    assert len(asked) < len(watch(fresh(), 180.0))
    assert asked[1] > 100
    assert asked[-1] - 180 < 5


@settings(max_examples=60)
@given(st.lists(st.floats(1, 2000), max_size=4), st.floats(11, 3600), st.integers(0, 2**32))
def test_gaps_stay_within_the_bounds_but_for_the_jitter(ended: list[float], age: float, seed: int) -> None:
    schedule = practised(*ended)
    schedule.chance.seed(seed)

    assert 2 * 0.95 <= schedule.next_check(timedelta(seconds=age), TASK) <= 60 * 1.05


@pytest.mark.parametrize("ended", [[], [300.0], [300.0] * 2])
@pytest.mark.parametrize("age", [0, 12, 100, 500])
def test_a_model_of_which_little_was_seen_is_asked_about_by_the_plain_schedule(
    ended: list[float], age: float
) -> None:
    learned, plain = practised(*ended), Schedule(chance=Random(3))
    learned.chance.seed(3)

    assert learned.next_check(timedelta(seconds=age), TASK) == plain.next_check(timedelta(seconds=age))


def test_of_a_familiar_class_one_question_comes_early_and_the_next_shortly_before_it_may_end() -> None:
    schedule = practised(*[300.0] * 10)

    early = schedule.next_check(timedelta(), TASK)
    gap = schedule.next_check(timedelta(seconds=early), TASK)

    assert early == pytest.approx(10, rel=0.05)
    assert 180 < early + gap < 300


def test_the_early_question_comes_early_however_long_the_gateway_took_to_accept() -> None:
    schedule = practised(*[300.0] * 10)

    assert schedule.next_check(timedelta(seconds=4), TASK) == pytest.approx(6, rel=0.05)


def test_the_first_question_is_never_earlier_than_the_setting_says() -> None:
    schedule = practised(*[4.0] * 20, first_seconds=30)

    assert schedule.next_check(timedelta(), TASK) >= 30 * 0.95


def test_what_other_models_take_does_not_delay_the_questions_about_a_new_one() -> None:
    schedule = practised(*[600.0] * 10)

    assert schedule.next_check(timedelta(), ELSEWHERE) <= 10 * 1.05


def test_hurried_bounds_are_kept_when_clips_come_quickly() -> None:
    schedule = practised(*[1.0] * 30, first_seconds=0.05, min_seconds=0.05, max_seconds=0.2)

    asked = watch(schedule, 1.0)

    assert asked[0] < 0.6
    assert asked[-1] < 1.22


def test_after_an_hour_or_without_a_job_it_is_the_plain_schedule() -> None:
    learned, plain = practised(*[180.0] * 5), Schedule(chance=Random(3))
    learned.chance.seed(3)

    assert learned.next_check(timedelta(hours=2), TASK) == plain.next_check(timedelta(hours=2))
    assert learned.next_check(timedelta(seconds=100)) == plain.next_check(timedelta(seconds=100))


def test_a_job_without_a_provider_is_asked_about_by_the_plain_schedule_and_teaches_nothing() -> None:
    schedule, nowhere = fresh(3), Running(1, None)

    seconds = schedule.next_check(timedelta(seconds=100), nowhere)
    schedule.finished(nowhere, timedelta(seconds=100))
    schedule.ended(nowhere, timedelta(seconds=100))

    assert seconds == Schedule(chance=Random(3)).next_check(timedelta(seconds=100))
    assert schedule.durations.dump()["groups"] == []
    assert schedule.remaining(nowhere, timedelta()) is None


def test_a_clip_found_after_a_restart_teaches_nothing_because_its_end_is_unknown() -> None:
    schedule = fresh()

    schedule.finished(Running(9, KIND), timedelta(hours=5))

    assert schedule.durations.dump()["groups"] == []


def test_a_clip_found_after_an_outage_only_teaches_that_there_was_none_before() -> None:
    schedule = practised(60, 60, 60)
    schedule.next_check(timedelta(), TASK)
    schedule.next_check(timedelta(seconds=40), TASK)
    expected = DurationModel.load(schedule.durations.dump())
    expected.end(KIND, 40)

    schedule.finished(TASK, timedelta(minutes=50))

    assert schedule.durations.dump() == expected.dump()


@pytest.mark.parametrize(("asked", "is_first"), [(0, True), (25, False)])
def test_a_clip_found_by_the_first_question_counts_as_one_that_may_have_waited(
    asked: float, *, is_first: bool
) -> None:
    schedule, expected = fresh(), DurationModel()
    noticed = timedelta(seconds=asked + schedule.next_check(timedelta(seconds=asked), TASK))
    expected.finish(KIND, noticed.total_seconds(), is_first=is_first)

    schedule.finished(TASK, noticed)

    assert schedule.durations.dump() == expected.dump()


def test_a_failed_task_makes_no_estimate() -> None:
    schedule = fresh()
    for _ in range(5):
        schedule.next_check(timedelta(), TASK)
        schedule.ended(TASK, timedelta(seconds=30))

    assert schedule.remaining(TASK, timedelta()) is None


def test_members_are_told_the_time_that_half_of_such_tasks_need() -> None:
    schedule = practised(*[180.0] * 5)

    remaining = schedule.remaining(TASK, timedelta(seconds=60))

    assert remaining is not None
    assert remaining.total_seconds() == pytest.approx(120, rel=0.2)


def test_with_many_tasks_each_is_asked_about_less_often() -> None:
    schedule = practised(*[300.0] * 3)
    alone = schedule.next_check(timedelta(seconds=200), TASK)
    for number in range(10, 2000):
        schedule.next_check(timedelta(seconds=200), Running(number, KIND))

    crowded = schedule.next_check(timedelta(seconds=200), OTHER)

    assert crowded > 2 * alone


def test_jobs_that_are_no_longer_asked_about_leave_no_trace() -> None:
    schedule = replace(fresh(), poll_budget=PollBudget(0.001, least=0.2))
    schedule.next_check(timedelta(seconds=5), OTHER)

    schedule.forget(OTHER.id)

    assert schedule == replace(schedule), "a copy, which plans nothing"
    assert schedule.poll_budget.seconds == 0.2


def test_a_new_model_is_not_asked_about_more_often_than_the_budget_allows_all_of_its_tasks() -> None:
    schedule = fresh()
    tasks = [Running(number, KIND) for number in range(300)]
    for task in tasks:
        schedule.next_check(timedelta(), task)

    gaps = [schedule.next_check(timedelta(seconds=60), task) for task in tasks]

    assert sum(1 / gap for gap in gaps) == pytest.approx(10, rel=0.05)
