from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.errors import NotSent, OutcomeUnknown, Refusal, Refused, StoreFull
from core.model.job import Charge, JobState
from core.ports import Created, Stage, Working
from tests.fakes.running_core import BOAT, BOB, DAY, HOUR, RunningCore, World


async def test_what_was_never_sent_is_tried_again_later(running: RunningCore, world: World) -> None:
    world.provider.will(create=[NotSent("no route"), NotSent("no route")])
    await running.order()

    await running.until_notified()

    assert running.state() is JobState.DONE
    assert running.job().attempts == 3


async def test_waits_after_unsent_requests_grow(running: RunningCore, world: World) -> None:
    world.provider.will(create=[NotSent("no route")] * 60)
    await running.order()

    await world.clock.advance(HOUR)

    assert len(world.provider.sent) < 25


async def test_a_provider_out_of_reach_for_a_day_ends_the_wait(running: RunningCore, world: World) -> None:
    world.provider.will(create=[NotSent("no route")] * 2000)
    await running.order()

    job = await running.until_notified(at_most=2 * DAY)

    assert job.state is JobState.REJECTED
    assert job.reason is not None
    assert job.reason.charge is Charge.NOTHING
    assert world.courier.said(1)


async def test_a_busy_provider_is_left_alone_for_as_long_as_it_says(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[Refused(Refusal.BUSY, "too many", retry_after=timedelta(seconds=90))])
    await running.order()

    await world.clock.advance(89)
    sent_before = len(world.provider.sent)
    await world.clock.advance(2)

    assert (sent_before, len(world.provider.sent)) == (1, 2)


@pytest.mark.parametrize(
    "retry_after", [None, timedelta(0), timedelta(seconds=-5), timedelta(milliseconds=1)]
)
async def test_a_busy_provider_is_never_hammered(
    running: RunningCore, world: World, retry_after: timedelta | None
) -> None:
    world.provider.will(create=[Refused(Refusal.BUSY, "too many", retry_after=retry_after)] * 5000)
    await running.order()

    await world.clock.advance(60)

    assert 2 <= len(world.provider.sent) <= 61


async def test_a_busy_provider_that_asks_for_a_week_is_asked_again_today(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[Refused(Refusal.BUSY, "too many", retry_after=timedelta(days=7))])
    await running.order()

    await running.until_notified(at_most=HOUR)

    assert running.state() is JobState.DONE


async def test_trouble_upstream_is_tried_three_times_in_all(running: RunningCore, world: World) -> None:
    world.provider.will(create=[Refused(Refusal.UPSTREAM, "no task was created")] * 9)
    await running.order()

    job = await running.until_notified()

    assert len(world.provider.sent) == 3
    assert job.state is JobState.REJECTED


async def test_waiting_for_a_busy_provider_uses_up_no_tries_upstream(
    running: RunningCore, world: World
) -> None:
    busy = Refused(Refusal.BUSY, "too many")
    world.provider.will(create=[busy, busy, busy, Refused(Refusal.UPSTREAM, "a hiccup")])
    await running.order()

    await running.until_notified()

    assert running.state() is JobState.DONE


@pytest.mark.parametrize("why", [Refusal.REQUEST, Refusal.CREDIT, Refusal.CONFIGURATION])
async def test_other_refusals_are_final_and_the_member_is_told(
    running: RunningCore, world: World, why: Refusal
) -> None:
    world.provider.will(create=[Refused(why, "the balance is empty")])
    await running.order()

    job = await running.until_notified()

    assert (job.state, len(world.provider.sent)) == (JobState.REJECTED, 1)
    assert "Nothing was charged" in world.courier.said(1)[-1]


async def test_an_unknown_outcome_is_never_sent_again_and_told_once(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[OutcomeUnknown("the answer never came")])
    await running.order()

    await world.clock.advance(3 * DAY)

    assert running.state() is JobState.UNKNOWN
    assert world.provider.sent == [1]
    assert [text for text in world.courier.said(1) if "will not send it again" in text]
    assert running.job().next_at is not None, "somebody still has to decide"


async def test_an_unexpected_error_leaves_the_outcome_unknown(running: RunningCore, world: World) -> None:
    world.provider.will(create=[RuntimeError("a fault in the adapter")])
    await running.order()

    await world.clock.advance(DAY)

    assert running.state() is JobState.UNKNOWN
    assert world.provider.sent == [1]


async def test_a_fault_after_an_unsent_try_does_not_count_as_unsent(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[NotSent("no route"), RuntimeError("a fault in the adapter")])
    await running.order()

    await world.clock.advance(DAY)

    assert running.state() is JobState.UNKNOWN
    assert world.provider.sent == [1, 1]


async def test_a_task_that_belongs_to_another_job_is_not_adopted(running: RunningCore, world: World) -> None:
    same = Created(world.provider.ticket("the-same"), Working(Stage.QUEUED))
    world.provider.will(create=[same, same], check=[Working(Stage.RUNNING)] * 50)
    await running.order(1)
    await running.order(2, member_id=BOB)

    await world.clock.advance(20)

    assert (running.state(1), running.state(2)) == (JobState.RUNNING, JobState.UNKNOWN)


async def test_a_full_disk_stops_buying_and_buys_when_there_is_room(
    running: RunningCore, world: World
) -> None:
    world.store.will_fail(JobState.SUBMITTING, StoreFull("no room"), StoreFull("no room"))
    await running.order()
    sent_while_full = list(world.provider.sent)

    await running.until_notified()

    assert sent_while_full == []
    assert world.provider.sent == [1]


async def test_a_disk_that_fills_while_buying_loses_no_paid_task(running: RunningCore, world: World) -> None:
    world.store.will_fail(JobState.RUNNING, *[StoreFull("no room")] * 5)
    await running.order()

    await running.until_notified()

    assert running.state() is JobState.DONE
    assert world.provider.sent == [1]


async def test_a_refusal_that_could_not_be_saved_is_not_taken_for_doubt(
    running: RunningCore, world: World
) -> None:
    world.store.will_fail(JobState.REJECTED, StoreFull("no room"))
    world.provider.will(create=[Refused(Refusal.REQUEST, "the picture is too small")])
    await running.order()

    job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.REJECTED, [1])


async def test_a_request_that_no_provider_makes_any_more_is_refused_without_being_sent(
    running: RunningCore, world: World
) -> None:
    await running.order(request=replace(BOAT, model="a-model-of-last-year"))

    job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.REJECTED, [])
    assert (job.attempts, job.provider, job.submitted_at) == (0, None, None)
    history = [event.after for event in await world.store.events(1)]
    assert history == [JobState.QUEUED, JobState.REJECTED, JobState.REJECTED]
    assert "Nothing was charged" in world.courier.said(1)[-1]


async def test_a_rejection_without_sending_that_could_not_be_saved_is_saved_later(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[NotSent("no route")] * 2000)
    world.store.will_fail(JobState.REJECTED, StoreFull("no room"))
    await running.order()

    job = await running.until_notified(at_most=2 * DAY)

    assert job.state is JobState.REJECTED
    assert job.reason is not None
    assert job.reason.code == "not_taken"


async def test_a_rejection_without_sending_that_a_crash_cut_off_is_no_doubt(world: World) -> None:
    first = RunningCore(world)
    await first.order(request=replace(BOAT, model="gone"))
    world.store.cuts = {1: False}
    with pytest.raises(BaseExceptionGroup):
        await first.runner.run()

    async with RunningCore(world).open() as second:
        job = await second.until_notified()

    assert job.state is JobState.REJECTED
    assert job.reason is not None
    assert job.reason.charge is Charge.NOTHING
    assert world.provider.sent == []
