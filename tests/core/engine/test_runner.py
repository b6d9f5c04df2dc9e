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
from tests.fakes.running_core import ALICE, BOB, HOUR, RunningCore, World


async def moves(running: RunningCore, job_id: int = 1) -> list[str]:
    """Return the states that a job went through, in order."""
    return [str(event.after) for event in await running.world.store.events(job_id)]


async def test_a_job_goes_all_the_way_from_order_to_ping(running: RunningCore) -> None:
    await running.order()

    job = await running.until_notified()

    assert await moves(running) == [
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
    assert [message.id for message in running.world.courier.videos] == [501]
    assert [message.pings for message in running.world.courier.pings] == [ALICE]
    assert job.delivery is not None
    assert job.delivery.message_id == 501


async def test_the_first_question_comes_after_ten_seconds_and_the_video_soon_after(
    running: RunningCore,
) -> None:
    start = running.world.clock.monotonic()
    await running.order()

    await running.until_notified()

    assert running.world.clock.monotonic() - start == pytest.approx(10, rel=0.06)


async def test_a_reply_that_is_final_already_needs_no_question(running: RunningCore, world: World) -> None:
    finished = Created(world.provider.ticket("done-at-once"), Finished(world.provider.result()))
    world.provider.will(create=[finished])
    await running.order()

    await running.until_notified(at_most=1)

    assert world.provider.asked == []
    assert world.provider.fetched == ["done-at-once"]


async def test_the_card_shows_the_percentage_which_never_goes_back(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING, percent) for percent in (40, 20, None, 60)])
    await running.order()

    await running.until_notified()

    shown = [job_view.progress.percent for job_view in world.courier.job_views if job_view.progress]
    assert [percent for percent in dict.fromkeys(shown) if percent is not None] == [40, 60]
    assert [percent for percent in shown if percent is not None] == sorted(
        percent for percent in shown if percent is not None
    )


async def test_a_card_that_cannot_be_drawn_does_not_hold_up_the_work(
    running: RunningCore, world: World
) -> None:
    world.courier.show_fails_with = ValueError("a card cannot be drawn")
    await running.order()

    await running.until_notified(at_most=60)

    assert running.state() is JobState.DONE
    assert world.clock.monotonic() == pytest.approx(10, rel=0.06)


async def test_one_jobs_fault_delays_that_job_only(running: RunningCore, world: World) -> None:
    world.store.unreadable.add(1)
    await running.order(1)
    await running.order(2, member_id=BOB)

    await running.until_notified(2, at_most=60)
    world.store.unreadable.clear()
    await running.until_notified(1)

    assert (running.state(1), running.state(2)) == (JobState.DONE, JobState.DONE)


async def test_a_job_that_cannot_be_announced_gives_its_place_to_others(world: World) -> None:
    world.places = 1
    world.store.unwritable.add(1)
    async with RunningCore(world).open() as running:
        await running.order(1)
        await running.order(2, member_id=BOB)

        await running.until_notified(2, at_most=HOUR)
        world.store.unwritable.clear()
        await running.until_notified(1)

        assert world.provider.sent == [2, 1]


async def test_a_job_that_is_called_for_while_at_work_is_looked_at_again_at_once(
    running: RunningCore, world: World
) -> None:
    world.provider.check_gate.clear()
    world.provider.will(check=[Working(Stage.RUNNING)])
    await running.order()
    await world.clock.advance(11)

    running.runner.wake(running.job())
    world.provider.check_gate.set()
    await world.clock.advance(0)

    assert len(world.provider.asked) == 2


async def test_a_step_that_cancels_itself_is_taken_again(running: RunningCore, world: World) -> None:
    world.provider.will(check=[asyncio.CancelledError()])
    await running.order()

    await running.until_notified(at_most=HOUR)

    assert running.state() is JobState.DONE


async def test_a_create_that_cancels_itself_is_unknown(running: RunningCore, world: World) -> None:
    world.provider.will(create=[asyncio.CancelledError()])
    await running.order()

    await world.clock.advance(HOUR)

    assert running.state() is JobState.UNKNOWN
    assert world.provider.sent == [1]


async def test_no_more_jobs_run_than_there_are_places(world: World) -> None:
    world.places = 4
    world.provider.will(check=[Working(Stage.RUNNING)] * 400)
    async with RunningCore(world).open() as running:
        for number in range(1, 13):
            await running.order(number, member_id=number)

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
    async with RunningCore(world).open() as running:
        for number in range(1, 7):
            await running.order(number, member_id=number)

        await world.clock.advance(2 * HOUR)

        states = [running.state(number) for number in range(1, 7)]
        assert sorted(states) == sorted(
            [JobState.REJECTED, JobState.UNKNOWN, JobState.FAILED, *[JobState.DONE] * 3]
        )


async def test_places_taken_before_a_restart_are_counted_after_it(world: World) -> None:
    world.places = 2
    world.provider.will(check=[Working(Stage.RUNNING)] * 400)
    async with RunningCore(world).open() as running:
        for number in range(1, 6):
            await running.order(number, member_id=number)
        await settle()

    async with RunningCore(world).open() as running:
        await world.clock.advance(60)

        assert len(world.provider.sent) == 2
        assert len(running.fair_queue) == 3


async def test_nothing_is_remembered_of_jobs_that_have_ended(running: RunningCore, world: World) -> None:
    world.provider.will(
        create=[NotSent("no route"), Refused(Refusal.REQUEST, "no")],
        check=[CheckFailed("502"), Working(Stage.RUNNING, 5), Failed("failed", ""), TaskMissing("404")],
        fetch=[FetchFailed("cut off"), LinkExpired("403")],
    )
    for number in range(1, 9):
        await running.order(number, member_id=number)

    for number in range(1, 9):
        await running.until_notified(number)
    await settle()

    assert running.context.is_clear
    assert len(running.fair_queue) == 0
    assert len(running.runner) == 0


async def test_a_store_that_disagrees_for_ever_is_no_busy_loop(running: RunningCore, world: World) -> None:
    world.store.will_disagree = True
    await running.order()

    await world.clock.advance(HOUR)

    assert world.store.attempts < 60
