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
from tests.fakes.running_core import BOB, DAY, HOUR, RunningCore, World


async def test_questions_that_go_wrong_change_nothing(running: RunningCore, world: World) -> None:
    world.provider.will(check=[CheckFailed("502")] * 8)
    await running.order()

    await running.until_notified()

    assert running.state() is JobState.DONE


async def test_a_failed_question_waits_for_as_long_as_the_provider_says(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[CheckFailed("429", retry_after=timedelta(minutes=5))])
    await running.order()
    await world.clock.advance(12)

    await world.clock.advance(280)
    asked_before = len(world.provider.asked)
    await world.clock.advance(20)

    assert (asked_before, len(world.provider.asked)) == (1, 2)


async def test_a_provider_that_asks_for_a_week_of_silence_is_asked_again_today(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[CheckFailed("429", retry_after=timedelta(days=7))])
    await running.order()

    await running.until_notified(at_most=HOUR)

    assert running.state() is JobState.DONE


async def test_a_task_that_never_ends_is_given_up_after_a_day_and_told(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 1000)
    await running.order()

    job = await running.until_notified()

    assert job.state is JobState.LOST
    assert job.reason is not None
    assert job.reason.charge is Charge.PERHAPS
    assert len(world.provider.asked) < 160
    assert world.clock.monotonic() == pytest.approx(DAY, rel=0.06)


async def test_a_task_that_the_provider_does_not_know_at_first_is_asked_about_again(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[TaskMissing("404")] * 5)
    await running.order()

    await running.until_notified()

    assert running.state() is JobState.DONE


async def test_a_task_that_stays_unknown_to_the_provider_is_lost(running: RunningCore, world: World) -> None:
    world.provider.will(check=[TaskMissing("404")] * 1000)
    await running.order()

    job = await running.until_notified(at_most=HOUR)

    assert job.state is JobState.LOST
    assert world.courier.said(1)


async def test_a_task_unknown_before_and_after_an_outage_is_not_lost_for_the_time_between(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[TaskMissing("404"), *[CheckFailed("502")] * 30, *[TaskMissing("404")] * 5])
    await running.order()

    await running.until_notified(at_most=HOUR)

    assert world.clock.monotonic() > 10 * 60
    assert running.state() is JobState.DONE


async def test_a_task_that_ends_within_a_day_is_asked_about_hourly_and_its_video_arrives(
    world: World,
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 1000)
    async with RunningCore(world).open() as running:
        await running.order()
        await world.clock.advance(2 * HOUR)
        asked = len(world.provider.asked)
        await world.clock.advance(9 * HOUR)
        asked_hourly = len(world.provider.asked) - asked

    async with RunningCore(world).open() as running:
        await world.clock.advance(9 * HOUR)
        world.provider.checks.clear()
        job = await running.until_notified(at_most=1.1 * HOUR)

    assert asked_hourly == pytest.approx(9, abs=1)
    assert job.state is JobState.DONE
    assert len(world.courier.videos) == 1


async def test_a_failed_task_tells_the_member_why(running: RunningCore, world: World) -> None:
    world.provider.will(check=[Failed("failed", "the picture shows nothing")])
    await running.order()

    job = await running.until_notified()

    assert job.state is JobState.FAILED
    assert "the picture shows nothing" in world.courier.said(1)[-1]


async def test_a_question_that_breaks_the_adapter_for_a_day_ends_the_job(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[ValueError("not what the adapter expected")] * 2000)
    await running.order()

    job = await running.until_notified(at_most=3 * DAY)

    assert job.state is JobState.LOST
    assert world.courier.said(1)


async def test_a_task_finished_while_we_were_away_for_days_is_not_given_up_at_the_first_trouble(
    world: World,
) -> None:
    async with RunningCore(world).open() as running:
        await running.order()
        await settle()
    await world.clock.advance(2 * DAY)
    world.provider.will(check=[CheckFailed("the network is not up yet"), TaskMissing("404")])

    async with RunningCore(world).open() as running:
        await running.until_notified(at_most=HOUR)

        assert running.state() is JobState.DONE


async def test_a_clip_that_waited_while_we_were_away_is_not_given_up_at_the_first_trouble(
    world: World,
) -> None:
    world.provider.will(fetch=[FetchFailed("no route")] * 3)
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.READY)
    await world.clock.advance(2 * DAY)

    async with RunningCore(world).open() as running:
        await running.until_notified(at_most=HOUR)

        assert running.state() is JobState.DONE


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(days=400)])
async def test_a_wall_clock_that_jumps_forward_expires_nothing(
    running: RunningCore, world: World, jump: timedelta
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    await running.order()
    await world.clock.advance(11)

    world.clock.jump(jump)
    await running.until_notified(at_most=60)

    assert running.state() is JobState.DONE


async def test_a_wall_clock_that_jumps_back_stops_nothing(running: RunningCore, world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    await running.order()
    await world.clock.advance(11)

    world.clock.jump(-timedelta(hours=1))
    await running.until_notified(at_most=60)

    assert running.state() is JobState.DONE


async def test_a_wall_clock_that_was_years_ahead_last_time_keeps_no_job_waiting(world: World) -> None:
    world.clock.jump(timedelta(days=2000))
    async with RunningCore(world).open() as running:
        await running.order()
        await settle()
    world.clock.jump(-timedelta(days=2000))

    async with RunningCore(world).open() as running:
        await running.until_notified(at_most=HOUR)

        assert running.state() is JobState.DONE


async def test_a_clock_set_back_while_the_program_is_down_delays_no_video(world: World) -> None:
    busy = Refused(Refusal.BUSY, "too many", retry_after=timedelta(minutes=10))
    world.provider.will(create=[busy] * 12)
    async with RunningCore(world).open() as running:
        await running.order()
        await world.clock.until(lambda: len(world.provider.sent) == 12)
        await settle()
    world.clock.jump(-timedelta(hours=1))

    async with RunningCore(world).open() as running:
        await running.until_notified(at_most=HOUR / 2)

        assert running.state() is JobState.DONE


async def test_a_task_missing_for_a_moment_survives_a_clock_that_jumps(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[TaskMissing("404"), TaskMissing("404")])
    await running.order()
    await world.clock.advance(11)

    world.clock.jump(timedelta(hours=1))
    await running.until_notified(at_most=60)

    assert running.state() is JobState.DONE


# ------------------------------------------------------------ found again


async def doubtful(running: RunningCore, *, seconds: float) -> Job:
    """Order a job whose outcome is unknown, and let time pass."""
    running.world.provider.will(create=[OutcomeUnknown("?")])
    running.world.courier.will_fail("notify", DeliveryDelayed())
    await running.order()
    await running.world.clock.advance(seconds)
    return running.job()


async def found(running: RunningCore, doubtful: Job) -> None:
    """Do what an operator does who has found the task."""
    now = running.world.clock.now()
    job = doubtful.running(running.world.provider.ticket("found"), now, next_at=now)
    await running.world.store.move(doubtful, job)
    running.runner.wake(job)


async def test_old_trouble_with_telling_is_not_held_against_a_task_found_again(running: RunningCore) -> None:
    job = await doubtful(running, seconds=2 * DAY)

    await found(running, job)
    await running.until_notified(at_most=60)

    assert running.state() is JobState.DONE


async def test_a_task_found_again_takes_a_place(world: World) -> None:
    world.places = 1
    world.provider.will(check=[Working(Stage.RUNNING)] * 3)
    async with RunningCore(world).open() as running:
        job = await doubtful(running, seconds=HOUR)

        await found(running, job)
        await settle()
        await running.order(2, member_id=BOB)
        await settle()

        assert world.provider.sent == [1]
