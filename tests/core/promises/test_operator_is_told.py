"""What goes wrong with a provider or a paid task, and only the operator can follow up."""

from __future__ import annotations

import pytest

from core.model.errors import CheckFailed, LinkExpired, NotSent, OutcomeUnknown, Silence, TaskMissing
from core.model.job import Charge, JobState
from core.model.operator_alerts import OtherKey, OutcomeUnclear, ProviderDown, TaskLost
from core.ports import Created, Progress, Stage, Working
from tests.fakes.running_core import BOB, DAY, HOUR, House, World

MINUTE = 60.0
NOWHERE = Working(Stage.RUNNING, is_over=True)


async def test_a_clip_that_has_no_place_for_a_while_still_comes(house: House, world: World) -> None:
    world.provider.will(check=[NOWHERE] * 4)
    await house.order()

    await house.until_told(at_most=10 * MINUTE)

    assert house.state() is JobState.DONE
    assert world.alarm.raised_events == []


async def test_a_clip_that_never_gets_a_place_ends_the_job_within_minutes(house: House, world: World) -> None:
    world.provider.will(check=[NOWHERE] * 1000)
    await house.order()

    job = await house.until_told(at_most=HOUR)

    assert job.state is JobState.RESULT_GONE
    assert job.reason is not None
    assert (job.reason.code, job.reason.charge) == ("nowhere", Charge.FULL)
    assert 10 * MINUTE < world.clock.monotonic() < 13 * MINUTE
    assert "not where it is" in world.courier.said(1)[-1]
    assert [type(event) for event in world.alarm.raised_events] == [TaskLost]


@pytest.mark.parametrize(
    "said",
    [[TaskMissing("404")], [Working(Stage.RUNNING)], [CheckFailed("502")]],
    ids=["forgotten", "never ends", "never answers"],
)
async def test_a_paid_task_that_gives_no_video_is_told_once(
    house: House, world: World, said: list[Progress | BaseException]
) -> None:
    world.provider.will(check=said * 5000)
    await house.order()

    job = await house.until_told(at_most=2 * DAY)

    assert job.state is JobState.LOST
    assert world.alarm.raised_events == [TaskLost(1, "anyint", "task-1", job.price)]


async def test_a_clip_that_cannot_be_fetched_is_told_once(house: House, world: World) -> None:
    world.provider.will(fetch=[LinkExpired("410")] * 100)
    await house.order()

    job = await house.until_told(at_most=HOUR)

    assert job.state is JobState.RESULT_GONE
    assert world.alarm.raised_events == [TaskLost(1, "anyint", "task-1", job.price)]


async def test_a_key_that_was_changed_stops_no_task_and_is_told(house: House, world: World) -> None:
    refused = CheckFailed("403: another key", why=Silence.OTHER_KEY)
    world.provider.will(check=[refused] * 20)
    await house.order()

    await world.clock.advance(10 * MINUTE)
    state_meanwhile = house.state()
    await house.until_told()

    assert (state_meanwhile, house.state()) == (JobState.RUNNING, JobState.DONE)
    assert set(world.alarm.raised_events) == {OtherKey("anyint")}


async def test_a_provider_out_of_reach_is_told_after_minutes_and_once(house: House, world: World) -> None:
    world.provider.will(create=[NotSent("certificate verify failed")] * 40)
    await house.order()

    await world.clock.advance(9 * MINUTE)
    told_soon = list(world.alarm.raised_events)
    await world.clock.advance(HOUR)

    assert house.state() is JobState.QUEUED
    assert told_soon == []
    assert world.alarm.raised_events == [ProviderDown("anyint", "certificate verify failed")]


async def test_a_provider_that_was_back_in_between_is_told_of_again(house: House, world: World) -> None:
    away: list[BaseException] = [NotSent("no route")] * 12
    world.provider.will(create=away)
    await house.order(1)
    await house.until_told(1)
    world.provider.will(create=away)
    await house.order(2, member_id=BOB)

    await house.until_told(2)

    assert world.alarm.raised_events == [ProviderDown("anyint", "no route")] * 2


async def test_a_task_that_two_jobs_claim_is_told(house: House, world: World) -> None:
    same = Created(world.provider.ticket("the-same"), Working(Stage.QUEUED))
    world.provider.will(create=[same, same], check=[Working(Stage.RUNNING)] * 50)
    await house.order(1)
    second = await house.order(2, member_id=BOB)

    await house.until(JobState.UNKNOWN, 2, at_most=MINUTE)

    assert world.alarm.raised_events == [OutcomeUnclear(2, "anyint", second.price)]


async def test_an_answer_that_never_came_is_told(house: House, world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("a redirect is not followed")])
    job = await house.order()

    await world.clock.advance(DAY)

    assert world.alarm.raised_events == [OutcomeUnclear(1, "anyint", job.price)]


async def test_what_the_gateway_said_to_a_request_in_doubt_is_told_and_logged(
    house: House, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    said = "No available channel (model_not_found)"
    world.provider.will(create=[OutcomeUnknown(f"HTTP 503 (“{said}”)", said=said)])
    job = await house.order()

    await house.until(JobState.UNKNOWN, at_most=MINUTE)

    assert world.alarm.raised_events == [OutcomeUnclear(1, "anyint", job.price, said)]
    assert any(said in str(vars(record).get("why")) for record in caplog.records)
