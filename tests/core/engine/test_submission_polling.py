from __future__ import annotations

from datetime import timedelta

import pytest

from core.model.errors import (
    CheckFailed,
    DeliveryDelayed,
    FetchFailed,
    OutcomeUnknown,
    Refusal,
    Refused,
    TaskMissing,
)
from core.model.job import Charge, Job, JobState
from core.ports import Failed, Stage, Working
from tests.fakes.clock import settle
from tests.fakes.running_core import BOB, DAY, HOUR, House, World


async def test_questions_that_go_wrong_change_nothing(house: House, world: World) -> None:
    world.provider.will(check=[CheckFailed("502")] * 8)
    await house.order()

    await house.until_told()

    assert house.state() is JobState.DONE


async def test_a_failed_question_waits_for_as_long_as_the_provider_says(house: House, world: World) -> None:
    world.provider.will(check=[CheckFailed("429", retry_after=timedelta(minutes=5))])
    await house.order()
    await world.clock.advance(12)

    await world.clock.advance(280)
    asked_before = len(world.provider.asked)
    await world.clock.advance(20)

    assert (asked_before, len(world.provider.asked)) == (1, 2)


async def test_a_provider_that_asks_for_a_week_of_silence_is_asked_again_today(
    house: House, world: World
) -> None:
    world.provider.will(check=[CheckFailed("429", retry_after=timedelta(days=7))])
    await house.order()

    await house.until_told(at_most=HOUR)

    assert house.state() is JobState.DONE


async def test_a_task_that_never_ends_is_given_up_after_a_day_and_told(house: House, world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 1000)
    await house.order()

    job = await house.until_told()

    assert job.state is JobState.LOST
    assert job.reason is not None
    assert job.reason.charge is Charge.PERHAPS
    assert len(world.provider.asked) < 160
    assert world.clock.monotonic() == pytest.approx(DAY, rel=0.06)


async def test_a_task_that_the_provider_does_not_know_at_first_is_asked_about_again(
    house: House, world: World
) -> None:
    world.provider.will(check=[TaskMissing("404")] * 5)
    await house.order()

    await house.until_told()

    assert house.state() is JobState.DONE


async def test_a_task_that_stays_unknown_to_the_provider_is_lost(house: House, world: World) -> None:
    world.provider.will(check=[TaskMissing("404")] * 1000)
    await house.order()

    job = await house.until_told(at_most=HOUR)

    assert job.state is JobState.LOST
    assert world.courier.said(1)


async def test_a_task_unknown_before_and_after_an_outage_is_not_lost_for_the_time_between(
    house: House, world: World
) -> None:
    world.provider.will(check=[TaskMissing("404"), *[CheckFailed("502")] * 30, *[TaskMissing("404")] * 5])
    await house.order()

    await house.until_told(at_most=HOUR)

    assert world.clock.monotonic() > 10 * 60
    assert house.state() is JobState.DONE


async def test_a_task_that_ends_within_a_day_is_asked_about_hourly_and_its_video_arrives(
    world: World,
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 1000)
    async with House(world).open() as house:
        await house.order()
        await world.clock.advance(2 * HOUR)
        asked = len(world.provider.asked)
        await world.clock.advance(9 * HOUR)
        asked_hourly = len(world.provider.asked) - asked

    async with House(world).open() as house:
        await world.clock.advance(9 * HOUR)
        world.provider.checks.clear()
        job = await house.until_told(at_most=1.1 * HOUR)

    assert asked_hourly == pytest.approx(9, abs=1)
    assert job.state is JobState.DONE
    assert len(world.courier.videos) == 1


async def test_a_failed_task_tells_the_member_why(house: House, world: World) -> None:
    world.provider.will(check=[Failed("failed", "the picture shows nothing")])
    await house.order()

    job = await house.until_told()

    assert job.state is JobState.FAILED
    assert "the picture shows nothing" in world.courier.said(1)[-1]


async def test_a_question_that_breaks_the_adapter_for_a_day_ends_the_job(house: House, world: World) -> None:
    world.provider.will(check=[ValueError("not what the adapter expected")] * 2000)
    await house.order()

    job = await house.until_told(at_most=3 * DAY)

    assert job.state is JobState.LOST
    assert world.courier.said(1)


async def test_a_task_finished_while_we_were_away_for_days_is_not_given_up_at_the_first_trouble(
    world: World,
) -> None:
    async with House(world).open() as house:
        await house.order()
        await settle()
    await world.clock.advance(2 * DAY)
    world.provider.will(check=[CheckFailed("the network is not up yet"), TaskMissing("404")])

    async with House(world).open() as house:
        await house.until_told(at_most=HOUR)

        assert house.state() is JobState.DONE


async def test_a_clip_that_waited_while_we_were_away_is_not_given_up_at_the_first_trouble(
    world: World,
) -> None:
    world.provider.will(fetch=[FetchFailed("no route")] * 3)
    async with House(world).open() as house:
        await house.order()
        await house.until(JobState.READY)
    await world.clock.advance(2 * DAY)

    async with House(world).open() as house:
        await house.until_told(at_most=HOUR)

        assert house.state() is JobState.DONE


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=400)])
async def test_a_wall_clock_that_jumps_forward_expires_nothing(
    house: House, world: World, jump: timedelta
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    await house.order()
    await world.clock.advance(11)

    world.clock.jump(jump)
    await house.until_told(at_most=60)

    assert house.state() is JobState.DONE


async def test_a_wall_clock_that_jumps_back_stops_nothing(house: House, world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    await house.order()
    await world.clock.advance(11)

    world.clock.jump(-timedelta(hours=1))
    await house.until_told(at_most=60)

    assert house.state() is JobState.DONE


async def test_a_wall_clock_that_was_years_ahead_last_time_keeps_no_job_waiting(world: World) -> None:
    world.clock.jump(timedelta(days=2000))
    async with House(world).open() as house:
        await house.order()
        await settle()
    world.clock.jump(-timedelta(days=2000))

    async with House(world).open() as house:
        await house.until_told(at_most=HOUR)

        assert house.state() is JobState.DONE


async def test_a_clock_set_back_while_the_program_is_down_delays_no_video(world: World) -> None:
    busy = Refused(Refusal.BUSY, "too many", retry_after=timedelta(minutes=10))
    world.provider.will(create=[busy] * 12)
    async with House(world).open() as house:
        await house.order()
        await world.clock.until(lambda: len(world.provider.sent) == 12)
        await settle()
    world.clock.jump(-timedelta(hours=1))

    async with House(world).open() as house:
        await house.until_told(at_most=HOUR / 2)

        assert house.state() is JobState.DONE


async def test_a_task_missing_for_a_moment_survives_a_clock_that_jumps(house: House, world: World) -> None:
    world.provider.will(check=[TaskMissing("404"), TaskMissing("404")])
    await house.order()
    await world.clock.advance(11)

    world.clock.jump(timedelta(hours=1))
    await house.until_told(at_most=60)

    assert house.state() is JobState.DONE


# ------------------------------------------------------------ found again


async def doubtful(house: House, *, seconds: float) -> Job:
    """Order a job whose outcome nobody knows, and let time pass."""
    house.world.provider.will(create=[OutcomeUnknown("?")])
    house.world.courier.will_fail("tell", DeliveryDelayed())
    await house.order()
    await house.world.clock.advance(seconds)
    return house.job()


async def found(house: House, doubtful: Job) -> None:
    """Do what an operator does who has found the task."""
    now = house.world.clock.now()
    job = doubtful.running(house.world.provider.ticket("found"), now, next_at=now)
    await house.world.store.move(doubtful, job)
    house.runner.take_up(job)


async def test_old_trouble_with_telling_is_not_held_against_a_task_found_again(house: House) -> None:
    job = await doubtful(house, seconds=2 * DAY)

    await found(house, job)
    await house.until_told(at_most=60)

    assert house.state() is JobState.DONE


async def test_a_task_found_again_takes_a_place(world: World) -> None:
    world.places = 1
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    async with House(world).open() as house:
        job = await doubtful(house, seconds=HOUR)

        await found(house, job)
        await settle()
        await house.order(2, member_id=BOB)
        await settle()

        assert world.provider.sent == [1]
