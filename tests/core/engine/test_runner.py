from __future__ import annotations

import asyncio

import pytest

from core.model.errors import (
    CheckFailed,
    FetchFailed,
    LinkExpired,
    NotSent,
    OutcomeUnknown,
    Refusal,
    Refused,
    TaskMissing,
)
from core.model.job import JobState
from core.ports import Created, Failed, Finished, Stage, Working
from tests.fakes.clock import settle
from tests.fakes.running_core import ALICE, BOB, HOUR, House, World


async def moves(house: House, job_id: int = 1) -> list[str]:
    """Return the states that a job went through, in order."""
    return [str(event.after) for event in await house.world.store.events(job_id)]


async def test_a_job_goes_all_the_way_from_order_to_ping(house: House) -> None:
    await house.order()

    job = await house.until_told()

    assert await moves(house) == [
        "QUEUED",
        "SUBMITTING",
        "RUNNING",
        "READY",
        "STORED",
        "DELIVERING",
        "DELIVERED",
        "DELIVERED",
        "DONE",
    ]
    assert [message.id for message in house.world.courier.videos] == [501]
    assert [message.pings for message in house.world.courier.pings] == [ALICE]
    assert job.delivery is not None
    assert job.delivery.message_id == 501


async def test_the_first_question_comes_after_ten_seconds_and_the_video_soon_after(house: House) -> None:
    start = house.world.clock.monotonic()
    await house.order()

    await house.until_told()

    assert house.world.clock.monotonic() - start == pytest.approx(10, rel=0.06)


async def test_a_reply_that_is_final_already_needs_no_question(house: House, world: World) -> None:
    finished = Created(world.provider.ticket("done-at-once"), Finished(world.provider.result()))
    world.provider.will(create=[finished])
    await house.order()

    await house.until_told(at_most=1)

    assert world.provider.asked == []
    assert world.provider.fetched == ["done-at-once"]


async def test_the_card_shows_the_percentage_which_never_goes_back(house: House, world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING, percent) for percent in (40, 20, None, 60)])
    await house.order()

    await house.until_told()

    shown = [glance.progress.percent for glance in world.courier.glances if glance.progress]
    assert [percent for percent in dict.fromkeys(shown) if percent is not None] == [40, 60]
    assert [percent for percent in shown if percent is not None] == sorted(
        percent for percent in shown if percent is not None
    )


async def test_a_card_that_cannot_be_drawn_does_not_hold_up_the_work(house: House, world: World) -> None:
    world.courier.show_fails_with = ValueError("a card cannot be drawn")
    await house.order()

    await house.until_told(at_most=60)

    assert house.state() is JobState.DONE
    assert world.clock.monotonic() == pytest.approx(10, rel=0.06)


async def test_one_jobs_fault_delays_that_job_only(house: House, world: World) -> None:
    world.store.unreadable.add(1)
    await house.order(1)
    await house.order(2, member_id=BOB)

    await house.until_told(2, at_most=60)
    world.store.unreadable.clear()
    await house.until_told(1)

    assert (house.state(1), house.state(2)) == (JobState.DONE, JobState.DONE)


async def test_a_job_that_cannot_be_announced_gives_its_place_to_others(world: World) -> None:
    world.places = 1
    world.store.unwritable.add(1)
    async with House(world).open() as house:
        await house.order(1)
        await house.order(2, member_id=BOB)

        await house.until_told(2, at_most=HOUR)
        world.store.unwritable.clear()
        await house.until_told(1)

        assert world.provider.sent == [2, 1]


async def test_a_job_that_is_called_for_while_at_work_is_looked_at_again_at_once(
    house: House, world: World
) -> None:
    world.provider.check_gate.clear()
    world.provider.will(check=[Working(Stage.RUNNING)])
    await house.order()
    await world.clock.advance(11)

    house.runner.take_up(house.job())
    world.provider.check_gate.set()
    await world.clock.advance(0)

    assert len(world.provider.asked) == 2


async def test_a_step_that_cancels_itself_is_taken_again(house: House, world: World) -> None:
    world.provider.will(check=[asyncio.CancelledError()])
    await house.order()

    await house.until_told(at_most=HOUR)

    assert house.state() is JobState.DONE


async def test_a_create_that_cancels_itself_is_unknown(house: House, world: World) -> None:
    world.provider.will(create=[asyncio.CancelledError()])
    await house.order()

    await world.clock.advance(HOUR)

    assert house.state() is JobState.UNKNOWN
    assert world.provider.sent == [1]


async def test_no_more_jobs_run_than_there_are_places(world: World) -> None:
    world.places = 4
    world.provider.will(check=[Working(Stage.RUNNING)] * 400)
    async with House(world).open() as house:
        for number in range(1, 13):
            await house.order(number, member_id=number)

        await world.clock.advance(120)

        assert len(world.provider.sent) == 4


async def test_places_are_given_back_whatever_the_end(world: World) -> None:
    world.places = 1
    world.provider.will(
        create=[
            Refused(Refusal.REQUEST, "no"),
            OutcomeUnknown("?"),
            NotSent("no route"),
            Refused(Refusal.BUSY, "too many"),
        ],
        check=[Failed("failed", ""), TaskMissing("404")],
        fetch=[LinkExpired("403")],
    )
    async with House(world).open() as house:
        for number in range(1, 7):
            await house.order(number, member_id=number)

        await world.clock.advance(2 * HOUR)

        states = [house.state(number) for number in range(1, 7)]
        assert sorted(states) == sorted(
            [JobState.REJECTED, JobState.UNKNOWN, JobState.FAILED, *[JobState.DONE] * 3]
        )


async def test_places_taken_before_a_restart_are_counted_after_it(world: World) -> None:
    world.places = 2
    world.provider.will(check=[Working(Stage.RUNNING)] * 400)
    async with House(world).open() as house:
        for number in range(1, 6):
            await house.order(number, member_id=number)
        await settle()

    async with House(world).open() as house:
        await world.clock.advance(60)

        assert len(world.provider.sent) == 2
        assert len(house.turns) == 3


async def test_nothing_is_remembered_of_jobs_that_have_ended(house: House, world: World) -> None:
    world.provider.will(
        create=[NotSent("no route"), Refused(Refusal.REQUEST, "no")],
        check=[CheckFailed("502"), Working(Stage.RUNNING, 5), Failed("failed", ""), TaskMissing("404")],
        fetch=[FetchFailed("cut off"), LinkExpired("403")],
    )
    for number in range(1, 9):
        await house.order(number, member_id=number)

    for number in range(1, 9):
        await house.until_told(number)
    await settle()

    assert house.desk.is_clear
    assert len(house.turns) == 0
    assert len(house.runner) == 0


async def test_a_store_that_disagrees_for_ever_is_no_busy_loop(house: House, world: World) -> None:
    world.store.will_disagree = True
    await house.order()

    await world.clock.advance(HOUR)

    assert world.store.attempts < 60
