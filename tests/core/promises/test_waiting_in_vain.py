"""Orders wait for a provider that rests, but not for ever: after a day they end, and cost nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.model.errors import NotSent, OutcomeUnknown, Refusal, Refused
from core.model.job import Job, JobState
from core.ports import Stage, Working
from tests.fakes.running_core import BOB, DAY, HOUR, RunningCore, World

CROWD = 110
"""More orders than a provider that rests for a quarter of an hour is tried with in a day."""

BUSY = Refused(Refusal.BUSY, "too many", retry_after=timedelta(minutes=15))
SILENT = OutcomeUnknown("no answer")


async def ordered(running: RunningCore, count: int = CROWD) -> None:
    for number in range(1, count + 1):
        await running.order(number, 1000 + number)


def jobs(running: RunningCore) -> list[Job]:
    """Return the jobs of the crowd, without those whose outcome is unknown."""
    crowd = map(running.job, range(1, CROWD + 1))
    return [job for job in crowd if job.state is not JobState.UNKNOWN]


@pytest.mark.parametrize(("answer", "places"), [(BUSY, 1), (SILENT, 32)], ids=["busy", "silent"])
async def test_an_order_that_no_provider_takes_for_a_day_ends_and_its_member_is_told(
    world: World, answer: Exception, places: int
) -> None:
    world.places = places
    world.provider.will(create=[answer] * 1000)
    async with RunningCore(world).open() as running:
        await ordered(running)

        await world.clock.advance(DAY + HOUR)

        assert jobs(running)
        for job in jobs(running):
            assert (job.state, job.reason and job.reason.code) == (JobState.REJECTED, "not_taken")
            assert "Nothing was charged" in world.courier.said(job.id)[-1]
        sent = len(world.provider.sent)
        world.provider.creates.clear()
        await world.clock.advance(HOUR)
        assert len(world.provider.sent) == sent, "what has ended is not sent when the provider recovers"
        assert len(running.fair_queue) == 0


async def test_before_the_day_is_over_orders_wait_and_are_made_when_the_provider_recovers(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[NotSent("no route")] * 50)
    await ordered(running, 5)

    for number in range(1, 6):
        await running.until(JobState.DONE, number, at_most=DAY)


async def test_an_order_that_waits_for_a_place_at_a_provider_that_works_waits_on(world: World) -> None:
    world.places = 1
    world.provider.will(check=[Working(Stage.RUNNING)] * 2000)
    async with RunningCore(world).open() as running:
        await running.order(1)
        await running.order(2, BOB)
        await running.until(JobState.LOST, 1, at_most=2 * DAY)
        world.provider.checks.clear()

        job = await running.until_notified(2, at_most=HOUR)

        assert job.state is JobState.DONE


async def test_after_a_start_an_old_order_has_an_hour_more(world: World) -> None:
    world.places = 1
    world.provider.will(create=[BUSY] * 1000)
    async with RunningCore(world).open() as running:
        await ordered(running)
        await world.clock.advance(HOUR)
    await world.clock.advance(2 * DAY)

    async with RunningCore(world).open() as running:
        await world.clock.advance(HOUR - 60)
        assert {job.state for job in jobs(running)} == {JobState.QUEUED}

        await world.clock.advance(HOUR)

        assert {job.state for job in jobs(running)} == {JobState.REJECTED}


async def test_a_clock_that_is_set_makes_no_waiting_order_old(world: World) -> None:
    world.places = 1
    world.provider.will(create=[BUSY] * 1000)
    async with RunningCore(world).open() as running:
        await world.clock.advance(2 * HOUR)
        await ordered(running)
        await world.clock.advance(HOUR)

        world.clock.jump(timedelta(hours=25))
        await world.clock.advance(22 * HOUR)
        assert {job.state for job in jobs(running)} == {JobState.QUEUED}

        await world.clock.advance(2 * HOUR)
        assert {job.state for job in jobs(running)} == {JobState.REJECTED}
