"""What goes wrong with a provider or a paid task, and only the operator can follow up."""

from __future__ import annotations

import pytest

from core.model.errors import CheckFailed, LinkExpired, NotSent, OutcomeUnknown, Silence, TaskMissing
from core.model.job import Charge, JobState
from core.model.operator_alerts import OtherKey, OutcomeUnclear, ProviderDown, TaskLost
from core.ports import Created, Progress, Stage, Unlocated, Working
from tests.fakes.running_core import BOB, DAY, HOUR, RunningCore, World

MINUTE = 60.0
NOWHERE = Unlocated()


async def test_a_clip_that_has_no_place_for_a_while_still_comes(running: RunningCore, world: World) -> None:
    world.provider.will(check=[NOWHERE] * 4)
    await running.order()

    await running.until_notified(at_most=10 * MINUTE)

    assert running.state() is JobState.DONE
    assert world.alerts.raised_events == []


async def test_a_clip_that_never_gets_a_place_ends_the_job_within_minutes(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[NOWHERE] * 1000)
    await running.order()

    job = await running.until_notified(at_most=HOUR)

    assert job.state is JobState.RESULT_GONE
    assert job.reason is not None
    assert (job.reason.code, job.reason.charge) == ("nowhere", Charge.FULL)
    assert 10 * MINUTE < world.clock.monotonic() < 13 * MINUTE
    assert "not where it is" in world.courier.said(1)[-1]
    assert [type(event) for event in world.alerts.raised_events] == [TaskLost]


@pytest.mark.parametrize(
    "said",
    [[TaskMissing("404")], [Working(Stage.RUNNING)], [CheckFailed("502")]],
    ids=["forgotten", "never ends", "never answers"],
)
async def test_a_paid_task_that_gives_no_video_is_reported_once(
    running: RunningCore, world: World, said: list[Progress | BaseException]
) -> None:
    world.provider.will(check=said * 5000)
    await running.order()

    job = await running.until_notified(at_most=2 * DAY)

    assert job.state is JobState.LOST
    assert world.alerts.raised_events == [TaskLost(1, "anyint", "task-1", job.price)]


async def test_a_clip_that_cannot_be_fetched_is_reported_once(running: RunningCore, world: World) -> None:
    world.provider.will(fetch=[LinkExpired("410")] * 100)
    await running.order()

    job = await running.until_notified(at_most=HOUR)

    assert job.state is JobState.RESULT_GONE
    assert world.alerts.raised_events == [TaskLost(1, "anyint", "task-1", job.price)]


async def test_a_key_that_was_changed_stops_no_task_and_is_reported(
    running: RunningCore, world: World
) -> None:
    refused = CheckFailed("403: another key", why=Silence.OTHER_KEY)
    world.provider.will(check=[refused] * 20)
    await running.order()

    await world.clock.advance(10 * MINUTE)
    state_meanwhile = running.state()
    await running.until_notified()

    assert (state_meanwhile, running.state()) == (JobState.RUNNING, JobState.DONE)
    assert set(world.alerts.raised_events) == {OtherKey("anyint")}


async def test_a_provider_out_of_reach_is_told_after_minutes_and_once(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[NotSent("certificate verify failed")] * 40)
    await running.order()

    await world.clock.advance(9 * MINUTE)
    told_soon = list(world.alerts.raised_events)
    await world.clock.advance(HOUR)

    assert running.state() is JobState.QUEUED
    assert told_soon == []
    assert world.alerts.raised_events == [ProviderDown("anyint", "certificate verify failed")]


async def test_a_provider_that_was_back_in_between_is_reported_again(
    running: RunningCore, world: World
) -> None:
    away: list[BaseException] = [NotSent("no route")] * 12
    world.provider.will(create=away)
    await running.order(1)
    await running.until_notified(1)
    world.provider.will(create=away)
    await running.order(2, member_id=BOB)

    await running.until_notified(2)

    assert world.alerts.raised_events == [ProviderDown("anyint", "no route")] * 2


async def test_a_task_that_two_jobs_claim_is_reported(running: RunningCore, world: World) -> None:
    same = Created(world.provider.ticket("the-same"), Working(Stage.QUEUED))
    world.provider.will(create=[same, same], check=[Working(Stage.RUNNING)] * 50)
    await running.order(1)
    second = await running.order(2, member_id=BOB)

    await running.until(JobState.UNKNOWN, 2, at_most=MINUTE)

    assert world.alerts.raised_events == [OutcomeUnclear(2, "anyint", second.price)]


async def test_an_answer_that_never_came_is_reported(running: RunningCore, world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("a redirect is not followed")])
    job = await running.order()

    await world.clock.advance(DAY)

    assert world.alerts.raised_events == [OutcomeUnclear(1, "anyint", job.price)]


async def test_what_the_gateway_said_to_a_request_in_doubt_is_reported_and_logged(
    running: RunningCore, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    said = "No available channel (model_not_found)"
    world.provider.will(create=[OutcomeUnknown(f"HTTP 503 (“{said}”)", said=said)])
    job = await running.order()

    await running.until(JobState.UNKNOWN, at_most=MINUTE)

    assert world.alerts.raised_events == [OutcomeUnclear(1, "anyint", job.price, said)]
    assert any(said in str(vars(record).get("why")) for record in caplog.records)
