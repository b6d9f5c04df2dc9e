from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dispatch.concurrency import ConcurrencyLimits


def test_a_provider_has_the_places_that_are_configured() -> None:
    assert [ConcurrencyLimits(32).at(now) for now in (0, 1e6)] == [32, 32]


@pytest.mark.parametrize(("running", "left"), [(6, 5), (2, 1), (1, 1), (0, 1)])
def test_a_refusal_leaves_one_place_less_than_were_tried_and_at_least_one(running: int, left: int) -> None:
    places = ConcurrencyLimits(32)

    places.note_refusal(running, now=100)

    assert places.at(100) == left


def test_with_time_places_come_back_one_by_one() -> None:
    places = ConcurrencyLimits(8)
    places.note_refusal(6, now=100)

    assert [places.at(now) for now in (399, 400, 700, 1000, 99_999)] == [5, 6, 7, 8, 8]


def test_tasks_that_are_taken_bring_places_back() -> None:
    places = ConcurrencyLimits(8)
    places.note_refusal(6, now=0)

    for _ in range(10):
        places.note_acceptance()

    assert places.at(0) == 6


def test_another_refusal_starts_again() -> None:
    places = ConcurrencyLimits(32)
    places.note_refusal(10, now=0)
    places.note_refusal(11, now=700)

    assert [places.at(now) for now in (700, 999, 1000)] == [10, 10, 11]


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(0, 1000)), max_size=20), st.integers(1, 50))
def test_whatever_was_refused_there_is_at_least_one_place_and_never_more_than_configured(
    refusals: list[tuple[int, float]], most: int
) -> None:
    places, now = ConcurrencyLimits(most), 0.0
    for running, later in refusals:
        now += later
        places.note_refusal(running, now)

        assert 1 <= places.at(now) <= most
    assert places.at(now + 1e6) == most
