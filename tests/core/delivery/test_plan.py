from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.delivery.plan import (
    HEADROOM,
    MIB,
    MOST_BYTES,
    MOST_REFUSED,
    USUAL_LIMIT,
    UploadLimits,
    choose_first_way,
    guess_limit,
    next_way,
)
from core.model.delivery import Delivery, Destination, Obstacle, Way
from storage.memory.stores import MemoryKeyValues
from tests.fakes.clock import VirtualClock

LIMIT = 20 * MIB
ATTACH = Delivery(plan=Way.ATTACH, channel_id=7)
FIT = replace(ATTACH, plan=Way.REENCODE)
LINK = replace(ATTACH, plan=Way.LINK)
HERE = Destination(requester_id=1, channel_id=7, guild_id=3)


@pytest.mark.parametrize(
    ("size", "way"),
    [
        (1, Way.ATTACH),
        (int(LIMIT * HEADROOM), Way.ATTACH),
        (int(LIMIT * HEADROOM) + 1, Way.REENCODE),
        (LIMIT, Way.REENCODE),
        (LIMIT + 1, Way.REENCODE),
        (100 * MIB, Way.REENCODE),
    ],
)
def test_the_first_way_follows_from_the_size(size: int, way: Way) -> None:
    assert choose_first_way(replace(ATTACH, plan=Way.UNDECIDED), size, LIMIT).plan == way


@pytest.mark.parametrize(
    ("tried", "obstacle", "way"),
    [
        (ATTACH, Obstacle.TOO_LARGE, Way.REENCODE),
        (FIT, Obstacle.TOO_LARGE, Way.REENCODE),
        (replace(FIT, refused=MOST_REFUSED - 1), Obstacle.TOO_LARGE, Way.LINK),
        (FIT, Obstacle.NOT_FITTED, Way.LINK),
        (LINK, Obstacle.NO_LINK, None),
        (LINK, Obstacle.TOO_LARGE, None),
        (ATTACH, Obstacle.CLOSED, Way.UNDECIDED),
        (FIT, Obstacle.CLOSED, Way.UNDECIDED),
        (LINK, Obstacle.CLOSED, Way.UNDECIDED),
        (replace(ATTACH, is_direct=True), Obstacle.CLOSED, None),
        (replace(ATTACH, may_be_there=True), Obstacle.CLOSED, None),
        (replace(ATTACH, is_direct=True), Obstacle.TOO_LARGE, Way.REENCODE),
    ],
)
def test_each_setback_has_its_next_way(tried: Delivery, obstacle: Obstacle, way: Way | None) -> None:
    onwards = next_way(tried, obstacle, can_go_direct=True)

    assert (onwards and onwards.plan) == way


def test_an_obstacle_is_kept_with_what_follows_from_it() -> None:
    onwards = next_way(ATTACH, Obstacle.TOO_LARGE, can_go_direct=True)

    assert onwards == replace(ATTACH, plan=Way.REENCODE, attempt=2, why=Obstacle.TOO_LARGE, refused=1)


def test_a_closed_place_is_left_for_a_direct_message() -> None:
    onwards = next_way(replace(FIT, refused=2), Obstacle.CLOSED, can_go_direct=True)

    assert onwards == replace(FIT, plan=Way.UNDECIDED, attempt=2, why=Obstacle.CLOSED, is_direct=True)


def test_what_is_private_has_nowhere_else_to_go() -> None:
    assert next_way(ATTACH, Obstacle.CLOSED, can_go_direct=False) is None


@given(st.lists(st.sampled_from(Obstacle), min_size=20, max_size=20), st.booleans(), st.booleans())
def test_whatever_happens_the_ways_end_and_never_go_back(
    obstacles: list[Obstacle],
    can_go_direct: bool,  # noqa: FBT001 - hypothesis gives it
    may_be_there: bool,  # noqa: FBT001 - the same
) -> None:
    tried: Delivery | None = replace(ATTACH, may_be_there=may_be_there)
    ways: list[Delivery] = []
    for obstacle in obstacles:
        if tried is None:
            break
        ways.append(tried)
        tried = next_way(tried, obstacle, can_go_direct=can_go_direct)
        if tried is not None and tried.plan == Way.UNDECIDED:
            tried = replace(tried, plan=Way.ATTACH)

    assert tried is None
    for place in (False, True):
        plans = [Way(way.plan) for way in ways if way.is_direct is place]
        assert plans == sorted(plans, key=list(Way).index)
        assert plans.count(Way.REENCODE) <= MOST_REFUSED
    assert [way.is_direct for way in ways] == sorted(way.is_direct for way in ways)
    assert not any(way.is_direct for way in ways) or (can_go_direct and not may_be_there)


@given(st.integers(1, 600 * MIB))
def test_a_refusal_is_believed_and_leaves_something_to_try(size: int) -> None:
    believed = guess_limit(size)

    assert believed < size
    assert believed * 2 >= min(size, 100 * MIB) - 1


# ------------------------------------------------------------ what places take


class Notebook:
    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.notes = MemoryKeyValues()

    @property
    def limits(self) -> UploadLimits:
        """Made again, as at each start."""
        return UploadLimits(self.notes, self.clock)


@pytest.fixture
def book() -> Notebook:
    return Notebook()


@pytest.mark.parametrize(
    ("hint", "limit"),
    [(None, USUAL_LIMIT), (8 * MIB, 8 * MIB), (50 * MIB, 50 * MIB), (500 * MIB, MOST_BYTES)],
)
async def test_a_hint_counts_up_to_what_arrives_reliably(
    book: Notebook, hint: int | None, limit: int
) -> None:
    place = replace(HERE, upload_limit=hint)

    assert await book.limits.of(place, is_direct=False) == limit


async def test_a_direct_message_has_its_own_limit(book: Notebook) -> None:
    place = replace(HERE, upload_limit=50 * MIB)

    assert await book.limits.of(place, is_direct=True) == USUAL_LIMIT


async def test_a_refusal_is_remembered_for_the_server_and_for_a_day(book: Notebook) -> None:
    await book.limits.note_refused_size(HERE, 15 * MIB, is_direct=False)
    elsewhere, next_door = replace(HERE, guild_id=4), replace(HERE, channel_id=8, requester_id=2)

    soon = await book.limits.of(next_door, is_direct=False)
    await book.clock.advance(timedelta(hours=23).total_seconds())
    later = await book.limits.of(HERE, is_direct=False)
    await book.clock.advance(timedelta(hours=2).total_seconds())
    at_last = await book.limits.of(HERE, is_direct=False)

    assert (soon, later, at_last) == (10 * MIB, 10 * MIB, USUAL_LIMIT)
    assert await book.limits.of(elsewhere, is_direct=False) == USUAL_LIMIT
    assert await book.limits.of(HERE, is_direct=True) == USUAL_LIMIT


async def test_what_is_learned_never_raises_a_limit(book: Notebook) -> None:
    await book.limits.note_refused_size(HERE, 60 * MIB, is_direct=False)

    assert await book.limits.of(replace(HERE, upload_limit=8 * MIB), is_direct=False) == 8 * MIB


async def test_a_private_place_and_direct_messages_of_a_member_are_one(book: Notebook) -> None:
    await book.limits.note_refused_size(replace(HERE, is_private=True), 15 * MIB, is_direct=False)

    assert await book.limits.of(HERE, is_direct=True) == 10 * MIB


async def test_a_clock_that_was_set_back_does_not_keep_a_limit_for_ever(book: Notebook) -> None:
    await book.limits.note_refused_size(HERE, 15 * MIB, is_direct=False)
    book.clock.jump(-timedelta(days=3))

    assert await book.limits.of(HERE, is_direct=False) == USUAL_LIMIT
