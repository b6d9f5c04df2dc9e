"""Wall clocks that are set, to the right time or to a wrong one, during a run and between two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.errors import DeliveryDelayed, FetchFailed
from core.model.job import JobState
from core.model.ledger import Measure, Scope, Window
from core.model.limits import Limit, LimitReached
from core.ports import Stage, Working
from core.ports.steady_clock import SteadyClock
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.running_core import BOAT, BOB, DAY, HOUR, RunningCore, World

FAR = [timedelta(hours=hours) for hours in (1, -1, 25, -25)] + [
    timedelta(days=days) for days in (9000, -9000)
]
PICTURED = replace(BOAT, first_frame=f"picture:{'a' * 64}.png")

jumps = pytest.mark.parametrize("jump", FAR, ids=str)


@jumps
async def test_a_clock_set_while_the_request_is_under_way_loses_no_video(
    running: RunningCore, world: World, jump: timedelta
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    world.provider.gate.clear()
    await running.order()
    await world.clock.advance(20)

    world.clock.jump(jump)
    world.provider.gate.set()
    job = await running.until_notified(at_most=60)

    assert job.state is JobState.DONE


@jumps
async def test_a_clock_set_while_the_program_is_down_loses_no_video_and_delays_none(
    world: World, jump: timedelta
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 4)
    async with RunningCore(world).open() as running:
        await running.order()
        await world.clock.advance(15)
    world.clock.jump(jump)

    async with RunningCore(world).open() as running:
        job = await running.until_notified(at_most=180)

        assert job.state is JobState.DONE


async def test_a_task_that_never_ends_is_given_up_an_hour_after_a_start_that_comes_late(world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 1000)
    async with RunningCore(world).open() as running:
        await running.order()
        await world.clock.advance(15)
    await world.clock.advance(3 * DAY)

    async with RunningCore(world).open() as running:
        job = await running.until_notified(at_most=3 * HOUR)

        assert job.state is JobState.LOST


@jumps
async def test_a_job_that_waits_for_a_place_is_as_old_as_it_is(world: World, jump: timedelta) -> None:
    world.places = 1
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    world.host.troubles = [DeliveryDelayed()]
    async with RunningCore(world).open() as running:
        await running.order(1)
        await running.order(2, BOB, PICTURED)
        await world.clock.advance(15)

        world.clock.jump(jump)
        job = await running.until_notified(2, at_most=120)

        assert job.state is JobState.DONE


async def test_a_clock_that_was_set_twice_makes_no_job_older(running: RunningCore, world: World) -> None:
    await world.clock.advance(2 * HOUR)
    world.clock.jump(timedelta(days=9000))
    world.host.troubles = [DeliveryDelayed()]
    world.provider.gate.clear()
    await running.order(1, BOB, PICTURED)
    world.clock.jump(timedelta(hours=25))
    await settle()

    world.provider.gate.set()
    job = await running.until_notified(at_most=60)

    assert job.state is JobState.DONE


async def test_a_clock_that_is_set_gives_no_file_up_that_cannot_be_had_for_a_while(
    world: World,
) -> None:
    world.provider.will(fetch=[FetchFailed("reset")] * 12)
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.READY)
    world.clock.jump(timedelta(hours=25))

    async with RunningCore(world).open() as running:
        job = await running.until_notified(at_most=HOUR)

        assert job.state is JobState.DONE


def test_what_is_still_to_come_by_every_setting_is_taken_as_now() -> None:
    clock = VirtualClock()
    timeline = SteadyClock(clock)

    moment = timeline.moment(clock.now() + timedelta(hours=1))

    assert moment == clock.monotonic()


async def test_a_clock_that_is_corrected_says_how_old_things_of_an_earlier_run_are() -> None:
    clock = VirtualClock()
    ordered_at = clock.now() - timedelta(minutes=10)
    clock.jump(-timedelta(hours=3))
    timeline = SteadyClock(clock)
    clock.jump(timedelta(hours=3))

    moment = timeline.moment(ordered_at)

    assert clock.monotonic() - moment == 600


async def test_a_clock_that_is_set_back_and_right_again_opens_no_day_a_second_time(world: World) -> None:
    world.limits = (Limit(scope=Scope.BOT, measure=Measure.VIDEOS, window=Window.DAY, most=1),)
    async with RunningCore(world).open() as running:
        await running.order(1)
        world.clock.jump(-timedelta(hours=25))
        await running.order(2)  # what was left of the day before
        with pytest.raises(LimitReached):
            await running.order(3)

        world.clock.jump(timedelta(hours=25))

        with pytest.raises(LimitReached):
            await running.order(4)
