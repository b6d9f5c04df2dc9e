from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.model.errors import Refusal, Refused
from core.model.job import JobState
from core.ports import Stage, Working
from core.services.job_actions import Member
from tests.fakes.clock import settle
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT, HOUR, RunningCore, World

BUSY = Refused(Refusal.BUSY, "too many", retry_after=timedelta(seconds=5))
LONG = [Working(Stage.RUNNING)] * 2000


def positions(world: World, job_id: int) -> list[int | None]:
    """What a job's card said of its place in the queue, without repetitions."""
    return list(
        dict.fromkeys(job_view.ahead for job_view in world.courier.job_views if job_view.job.id == job_id)
    )


async def test_cards_of_waiting_jobs_follow_the_queue(world: World) -> None:
    world.places = 1
    async with RunningCore(world).open() as running:
        for number in range(1, 5):
            await running.order(number, member_id=number)

        await running.until_notified(4)

    assert positions(world, 4)[:3] == [2, 1, 0]


async def test_only_the_first_cards_of_a_long_queue_are_kept_up_to_date(world: World) -> None:
    world.places = 1
    async with RunningCore(world).open() as running:
        for number in range(1, 41):
            await running.order(number, member_id=number)
        await running.until_notified(5)

    assert positions(world, 40) == [38]
    assert len(positions(world, 20)) > 3


async def test_a_long_queue_reads_each_waiting_job_once(world: World) -> None:
    world.places = 1
    world.provider.will(check=LONG)
    async with RunningCore(world).open() as running:
        for number in range(1, 41):
            await running.order(number, member_id=number)
        await world.clock.advance(5)
        reads = world.store.reads

        for number in range(30, 35):
            await running.orders.cancel(number, Member(number))
            await world.clock.advance(5)

    assert world.store.reads - reads < 5 * 4


async def test_jobs_go_where_there_is_a_place_and_no_more_than_each_provider_has(world: World) -> None:
    second = ScriptedProvider(world.clock, "worldrouter")
    world.others, world.places = (second,), 3
    world.provider.will(check=LONG)
    second.will(check=LONG)
    request = replace(BOAT, audio=None)
    async with RunningCore(world).open() as running:
        for number in range(1, 10):
            await running.order(number, member_id=number, request=request)
        await world.clock.advance(60)

    assert (len(world.provider.sent), len(second.sent)) == (3, 3)


async def test_a_provider_that_takes_five_is_soon_sent_no_more_than_five(world: World) -> None:
    world.provider.will(check=LONG, most_running=5)
    async with RunningCore(world).open() as running:
        for number in range(1, 21):
            await running.order(number, member_id=number)

        await world.clock.advance(4 * 60)

        started = [number for number in range(1, 21) if running.state(number) is JobState.RUNNING]
        assert len(started) == 5
        assert len(world.provider.sent) < 30


async def test_a_provider_that_takes_more_again_is_soon_sent_more(world: World) -> None:
    world.provider.will(check=LONG, most_running=2)
    async with RunningCore(world).open() as running:
        for number in range(1, 9):
            await running.order(number, member_id=number)
        await world.clock.advance(120)
        before = world.provider.running.copy()

        world.provider.most_running = None
        await world.clock.advance(40 * 60)

        assert len(before) == 2
        assert len(world.provider.running) == 8


async def test_every_member_gets_a_video_from_a_provider_that_takes_few(world: World) -> None:
    world.provider.will(most_running=3)
    async with RunningCore(world).open() as running:
        for number in range(1, 21):
            await running.order(number, member_id=number)

        for number in range(1, 21):
            await running.until_notified(number, at_most=2 * HOUR)

        assert {running.state(number) for number in range(1, 21)} == {JobState.DONE}


async def test_a_job_that_waits_for_a_paused_provider_keeps_its_place_in_the_queue(world: World) -> None:
    world.provider.will(create=[BUSY])
    async with RunningCore(world).open() as running:
        await running.order(1)
        await settle()
        for number in (2, 3, 4):
            await running.order(number, member_id=number)
        await world.clock.advance(2)

        assert [running.runner.ahead(number) for number in (2, 3, 4)] == [0, 1, 2]
        await running.until_notified(4, at_most=HOUR)
        assert sorted(world.provider.sent) == [1, 1, 2, 3, 4]


async def test_a_queue_whose_cards_cannot_be_read_goes_on(world: World) -> None:
    world.places = 1
    async with RunningCore(world).open() as running:
        for number in range(1, 6):
            await running.order(number, member_id=number)
        await settle()
        world.store.unreadable.update({3, 4})
        await world.clock.advance(5)
        world.store.unreadable.clear()

        for number in range(1, 6):
            await running.until_notified(number, at_most=HOUR)

        assert {running.state(number) for number in range(1, 6)} == {JobState.DONE}
