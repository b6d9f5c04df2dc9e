from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.job_outline import JobClass
from core.model.video import Mode
from core.polling.hazard import BINS, PRIOR
from core.polling.task_durations import DurationModel

BOATS = JobClass("anyint", "kling-v3", Mode.STD, 5, audio=False)
LONG_BOATS = BOATS._replace(duration_seconds=15)
OTHERS = JobClass("worldrouter", "kling-v2", None, 10, None)

UNKNOWN: list[dict[str, Any]] = [
    {},
    {"version": 1},
    {"version": 2, "groups": [1]},
    {"version": 1, "groups": [1, None, {}]},
]
AGES = (5.0, 30.0, 90.0, 200.0, 500.0, 2000.0)


def rates(durations: DurationModel, kind: JobClass) -> list[float]:
    return [durations.hazard(kind).rate(age) for age in AGES]


def seen(*ages: float, kind: JobClass = BOATS) -> DurationModel:
    durations = DurationModel()
    for age in ages:
        durations.finish(kind, age)
    return durations


def test_learning_moves_the_rate_to_where_tasks_end() -> None:
    hazard = seen(*[90.0] * 10).hazard(BOATS)

    assert hazard.rate(90) > 5 * PRIOR.rate(90)
    assert hazard.rate(30) < PRIOR.rate(30)
    assert hazard.remaining(0) == pytest.approx(90, rel=0.1)


def test_the_more_is_seen_the_fewer_questions_are_asked_before() -> None:
    few, many = seen(200), seen(*[200.0] * 20)

    assert many.hazard(BOATS).next_check(0, 0.2) > few.hazard(BOATS).next_check(0, 0.2)
    assert many.hazard(BOATS).next_check(0, 0.2) < 200


def test_what_is_long_ago_is_forgotten() -> None:
    changed = seen(*[300.0] * 200, *[60.0] * 100)

    assert changed.hazard(BOATS).remaining(0) == pytest.approx(60, rel=0.15)


def test_a_class_that_became_much_faster_is_noticed_within_a_few_tasks() -> None:
    durations = seen(*[200.0] * 100)
    for _ in range(30):
        first = durations.hazard(BOATS).next_check(0, 0.2)
        durations.finish(BOATS, max(first, 20.0), is_first=True)

    assert durations.hazard(BOATS).next_check(0, 0.2) < 100


def test_a_clip_found_by_the_first_question_counts_as_shorter() -> None:
    durations = DurationModel()

    durations.finish(BOATS, 100, is_first=True)

    assert durations.dump() == seen(80).dump()


def test_a_task_without_a_clip_only_makes_it_likelier_that_it_takes_long() -> None:
    durations = seen(60, 70, 80)
    before = durations.hazard(BOATS).rate(70)
    for _ in range(5):
        durations.end(BOATS, 150)

    assert durations.hazard(BOATS).rate(70) < before
    assert durations.hazard(BOATS).rate(250) == pytest.approx(
        seen(60, 70, 80).hazard(BOATS).rate(250), rel=0.1
    )


def test_failures_do_not_make_it_forget() -> None:
    durations = seen(*[100.0] * 20)
    before = durations.hazard(BOATS).rate(100)
    for _ in range(500):
        durations.end(BOATS, 3)

    assert durations.hazard(BOATS).rate(100) == pytest.approx(before)


def test_an_unknown_class_is_taken_to_be_as_its_model() -> None:
    durations = seen(*[90.0] * 5)
    for _ in range(20):
        durations.finish(OTHERS, 600)

    assert durations.hazard(LONG_BOATS) is durations.hazard(BOATS._replace(audio=True))
    assert durations.hazard(LONG_BOATS).remaining(0) == pytest.approx(90, rel=0.15)
    assert durations.is_familiar(LONG_BOATS)


def test_an_unknown_model_is_taken_to_be_as_all_tasks() -> None:
    durations = seen(*[90.0] * 5)

    assert durations.hazard(OTHERS).remaining(0) == pytest.approx(90, rel=0.2)
    assert not durations.is_familiar(OTHERS)


def test_before_anything_was_seen_every_class_is_taken_to_be_as_the_prior() -> None:
    assert DurationModel().hazard(BOATS) is PRIOR


def test_a_class_that_is_unlike_its_model_is_soon_known_for_itself() -> None:
    durations = seen(*[60.0] * 50)
    for _ in range(5):
        durations.finish(LONG_BOATS, 400)

    assert durations.hazard(LONG_BOATS).remaining(100) > 200
    assert durations.hazard(BOATS).remaining(0) == pytest.approx(60, rel=0.1)


def test_nothing_is_foretold_before_three_clips_were_seen() -> None:
    durations = seen(90, 95)

    assert durations.remaining(BOATS, 0) is None

    durations.finish(BOATS, 100)

    assert durations.remaining(BOATS, 0) == pytest.approx(95, rel=0.2)
    assert durations.remaining(LONG_BOATS, 0) == pytest.approx(95, rel=0.2)


def test_failures_foretell_nothing() -> None:
    durations = DurationModel()
    for _ in range(5):
        durations.end(BOATS, 100)

    assert durations.remaining(BOATS, 0) is None


def test_an_estimate_gets_shorter_while_the_task_runs() -> None:
    durations = seen(170, 180, 190, 200)

    left = [durations.remaining(BOATS, age) or 0 for age in (0, 60, 120, 180)]

    assert left == sorted(left, reverse=True)
    assert left[1] == pytest.approx(left[0] - 60, abs=15)


def test_the_end_of_a_task_that_takes_far_longer_than_all_others_is_unknown() -> None:
    durations = seen(60, 60, 60)
    for _ in range(5):
        durations.end(BOATS, 80_000)

    assert durations.remaining(BOATS, 3000) is None


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from([BOATS, LONG_BOATS, OTHERS]), st.floats(0, 5000)), max_size=12))
def test_what_was_learned_survives_a_restart(lessons: list[tuple[JobClass, float]]) -> None:
    durations = DurationModel()
    for kind, age in lessons:
        durations.finish(kind, age)

    again = DurationModel.load(json.loads(json.dumps(durations.dump())))

    assert again.dump() == durations.dump()
    for kind in dict.fromkeys(kind for kind, _ in lessons[-1:]):
        assert rates(again, kind) == pytest.approx(rates(durations, kind))
    assert rates(again, BOATS._replace(provider="new")) == pytest.approx(
        rates(durations, BOATS._replace(provider="new"))
    )


def test_a_class_keeps_two_amounts_for_each_bin() -> None:
    group = seen(90).dump()["groups"][-1]

    assert group["of"] == ["anyint", "kling-v3", "std", 5, False]
    assert (len(group["endings"]), len(group["exposure"])) == (BINS, BINS)


@pytest.mark.parametrize(
    "damage",
    [
        {"of": ["anyint"]},
        {"of": 7},
        {"of": ["anyint", ["kling"]]},
        {"jobs": "many"},
        {"endings": [1.0]},
        {"endings": [float("nan")] * BINS},
        {"exposure": [-1.0] * BINS},
        {"exposure": [1e300] * BINS},
        {"exposure": ["1"] * BINS},
        {"exposure": None},
    ],
)
def test_what_makes_no_sense_is_left_out_and_the_rest_taken_up(damage: dict[str, Any]) -> None:
    saved = seen(90, 90, 90).dump()
    saved["groups"][1] |= damage

    again = DurationModel.load(saved)

    assert len(again.dump()["groups"]) == 2
    assert again.hazard(BOATS).remaining(0) == pytest.approx(90, rel=0.15)


@pytest.mark.parametrize("saved", UNKNOWN)
def test_what_another_version_wrote_teaches_nothing(saved: dict[str, Any]) -> None:
    assert DurationModel.load(saved).dump()["groups"] == []


def test_times_that_vary_are_learned_as_they_vary() -> None:
    chance = Random(5)
    durations = seen(*(chance.lognormvariate(5.2, 0.3) for _ in range(100)))

    hazard = durations.hazard(BOATS)

    assert hazard.remaining(0) == pytest.approx(181, rel=0.1)
    assert hazard.remaining(0, 0.9) == pytest.approx(266, rel=0.15)
