from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from storage.clock_guard import AgeCertainty
from tests.fakes.clock import START, VirtualClock

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(START)


def used(*days_ago: float) -> Callable[[], list[datetime]]:
    return lambda: [START - days * DAY for days in days_ago]


async def hours_later(clock: VirtualClock, ages: AgeCertainty, hours: int) -> bool:
    """Look once an hour, for so many hours; return what the last look says."""
    is_certain = False
    for _ in range(hours):
        await clock.advance(3600)
        is_certain = ages.are_certain(list)
    return is_certain


def test_a_clock_that_agrees_with_what_was_used_last_is_gone_by_at_once(clock: VirtualClock) -> None:
    assert AgeCertainty(clock).are_certain(used(400, 0.5))


def test_where_nothing_is_kept_nothing_is_waited_for(clock: VirtualClock) -> None:
    assert AgeCertainty(clock).are_certain(used())


async def test_a_start_long_after_anything_was_used_is_believed_after_half_a_day(clock: VirtualClock) -> None:
    ages = AgeCertainty(clock)

    certainties = [ages.are_certain(used(400, 20)), await hours_later(clock, ages, 11)]
    certainties.append(await hours_later(clock, ages, 1))

    assert certainties == [False, False, True]


async def test_what_a_wrong_clock_wrote_since_the_start_does_not_speak_for_it(clock: VirtualClock) -> None:
    ages = AgeCertainty(clock)
    await clock.advance(30)

    assert not ages.are_certain(lambda: [START - 60 * DAY, clock.now()])


@pytest.mark.parametrize("jump", [25 * HOUR, 400 * DAY], ids=str)
async def test_a_clock_that_leaps_ahead_is_believed_when_it_has_gone_on_for_half_a_day(
    clock: VirtualClock, jump: timedelta
) -> None:
    ages = AgeCertainty(clock)
    assert ages.are_certain(used(0.5))

    clock.jump(jump)
    certainties = [await hours_later(clock, ages, 1), await hours_later(clock, ages, 11)]
    certainties.append(await hours_later(clock, ages, 1))

    assert certainties == [False, False, True]


async def test_a_clock_that_is_set_right_after_it_was_behind_is_waited_for_too(clock: VirtualClock) -> None:
    clock.jump(-400 * DAY)
    ages = AgeCertainty(clock)
    before = ages.are_certain(used(0.5))

    clock.jump(400 * DAY)

    assert (before, await hours_later(clock, ages, 1)) == (True, False)


@pytest.mark.parametrize("jump", [HOUR, -HOUR, -25 * HOUR, -400 * DAY], ids=str)
async def test_a_clock_that_is_set_a_little_or_back_is_gone_by(clock: VirtualClock, jump: timedelta) -> None:
    ages = AgeCertainty(clock)
    assert ages.are_certain(used(0.5))

    clock.jump(jump)

    assert await hours_later(clock, ages, 1)
