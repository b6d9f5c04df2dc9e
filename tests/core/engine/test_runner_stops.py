from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.errors import DeliveryDelayed, FetchFailed, NotSent, StoreFull
from core.model.job import JobState
from core.requests.stored_pictures import name_of
from tests.fakes.clock import settle
from tests.fakes.running_core import BOAT, DAY, HOUR, RunningCore, World


async def test_what_was_being_sent_when_the_program_died_is_never_sent_again(world: World) -> None:
    world.provider.gate.clear()
    async with RunningCore(world).open() as running:
        await running.order()
        await settle()
        assert running.state() is JobState.SUBMITTING
    world.provider.gate.set()

    async with RunningCore(world).open() as running:
        await world.clock.advance(2 * DAY)

        assert running.state() is JobState.UNKNOWN
        assert world.provider.sent == [1]
        assert len(world.courier.said(1)) == 1


async def test_one_job_that_cannot_be_saved_does_not_stop_the_start(world: World) -> None:
    world.provider.gate.clear()
    async with RunningCore(world).open() as running:
        await running.order(1)
        await settle()
        await world.store.admit(replace(running.job(1), id=2, state=JobState.QUEUED))
    world.provider.gate.set()
    world.store.will_fail(JobState.UNKNOWN, StoreFull("no room"))

    async with RunningCore(world).open() as running:
        await running.until_notified(2)
        await running.until(JobState.UNKNOWN, 1, at_most=HOUR)

        assert running.state(2) is JobState.DONE


@pytest.mark.parametrize(
    "last", [JobState.QUEUED, JobState.RUNNING, JobState.READY, JobState.DELIVERING, JobState.DELIVERED]
)
async def test_a_stop_at_any_state_only_delays(world: World, last: JobState) -> None:
    world.provider.will(create=[NotSent("no route")], fetch=[FetchFailed("cut off")])
    world.courier.will_fail("deliver", DeliveryDelayed())
    world.courier.will_fail("ping", DeliveryDelayed())
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(last)

    async with RunningCore(world).open() as running:
        await running.until_notified()

        assert running.state() is JobState.DONE
        assert world.provider.sent == [1, 1]
        assert len(world.courier.videos) == 1
        assert len(world.courier.pings) == 1


async def test_a_drain_finishes_a_create_under_way(world: World) -> None:
    world.provider.gate.clear()
    async with RunningCore(world).open() as running:
        await running.order()
        await settle()

        running.runner.drain()
        world.provider.gate.set()
        await settle()

        assert running.state() is JobState.RUNNING


async def test_a_drain_starts_no_create_that_was_still_waiting(world: World) -> None:
    world.provider.gate.clear()
    async with RunningCore(world).open() as running:
        for number in range(1, 21):
            await running.order(number, member_id=number)
        await settle()
        under_way = len(world.provider.sent)

        running.runner.drain()
        world.provider.gate.set()
        await settle()

        assert 0 < under_way < 20
        assert len(world.provider.sent) == under_way
        assert JobState.SUBMITTING not in [running.state(number) for number in range(1, 21)]


async def test_a_drain_buys_nothing_for_which_a_picture_is_still_being_shown(world: World) -> None:
    world.host.gate.clear()
    async with RunningCore(world).open() as running:
        await running.order(request=replace(BOAT, first_frame=name_of("ab" * 32, ".png")))
        await settle()
        was_asked = world.host.asked

        running.runner.drain()
        world.host.gate.set()
        await settle()
        sent = list(world.provider.sent)

    async with RunningCore(world).open() as running:
        await running.until_notified()

    assert (was_asked, sent) == (1, [])
    assert running.state() is JobState.DONE
    assert world.provider.sent == [1]


async def test_a_drain_starts_no_upload_that_was_still_waiting(world: World) -> None:
    async with RunningCore(world).open() as running:
        for number in range(1, 21):
            await running.order(number, member_id=number)
        world.courier.gate.clear()
        await world.clock.advance(15)
        under_way = world.courier.uploads

        running.runner.drain()
        world.courier.gate.set()
        await settle()

        assert 0 < under_way < 20
        assert world.courier.uploads == under_way


async def test_a_job_at_work_when_the_drain_ends_is_finished_by_the_next_start(world: World) -> None:
    async with RunningCore(world).open() as running:
        for number in range(1, 6):
            await running.order(number, member_id=number)
        await world.clock.advance(5)

    async with RunningCore(world).open() as running:
        for number in range(1, 6):
            await running.until_notified(number)

    assert sorted(world.provider.sent) == [1, 2, 3, 4, 5]
    assert len(world.courier.videos) == 5


async def test_a_drain_asks_nothing_that_was_still_waiting(world: World) -> None:
    world.places = world.places_for_member = 600
    async with RunningCore(world).open() as running:
        for number in range(1, 401):
            await running.order(number)
        await settle()
        world.provider.check_gate.clear()
        await world.clock.advance(15)
        under_way = len(world.provider.asked)

        running.runner.drain()
        world.provider.check_gate.set()
        await settle()

        assert len(world.provider.asked) == under_way < 400
