from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.dispatch.health import Condition
from core.dispatch.provider_registry import ProviderRegistry
from core.model.errors import NotAllowed, NotSent, OutcomeUnknown, Refusal, Refused
from core.model.job import JobState
from core.model.video import VideoRequest
from core.ports import Created, Finished, Reply, Stage, Working
from tests.fakes.models import CATALOG
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT, BOB, HOUR, RunningCore, World

OWN_TROUBLE = [
    Refused(Refusal.CREDIT, "balance too low"),
    Refused(Refusal.CONFIGURATION, "invalid key"),
    Refused(Refusal.BUSY, "too many pending"),
    NotSent("connection refused"),
]


@pytest.fixture
def second(world: World) -> ScriptedProvider:
    other = ScriptedProvider(world.clock, "worldrouter")
    world.others = (other,)
    return other


@pytest.mark.parametrize("trouble", OWN_TROUBLE, ids=str)
async def test_a_providers_own_trouble_moves_the_job_to_an_equivalent_model(
    second: ScriptedProvider, world: World, trouble: Exception
) -> None:
    world.provider.will(create=[trouble])
    async with RunningCore(world).open() as running:
        await running.order()

        job = await running.until_notified()

    assert job.state is JobState.DONE
    assert job.ticket is not None
    assert job.ticket.provider == "worldrouter"
    assert (len(world.provider.sent), len(second.sent)) == (1, 1)


async def test_upstream_trouble_is_tried_three_times_before_another_provider_is(
    second: ScriptedProvider, world: World
) -> None:
    world.provider.will(create=[Refused(Refusal.UPSTREAM, "upstream timed out")] * 9)
    second.will(create=[Refused(Refusal.UPSTREAM, "upstream timed out")] * 9)
    async with RunningCore(world).open() as running:
        await running.order()

        job = await running.until_notified(at_most=2 * HOUR)

    assert job.state is JobState.REJECTED
    assert (len(world.provider.sent), len(second.sent)) == (3, 3)


async def test_a_request_that_was_refused_for_its_own_sake_goes_nowhere_else(
    second: ScriptedProvider, world: World
) -> None:
    world.provider.will(create=[Refused(Refusal.REQUEST, "the content is not allowed")])
    async with RunningCore(world).open() as running:
        await running.order()

        job = await running.until_notified()

    assert job.state is JobState.REJECTED
    assert second.sent == []


async def test_a_request_in_doubt_goes_nowhere_else(second: ScriptedProvider, world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("no answer")])
    async with RunningCore(world).open() as running:
        await running.order()

        await running.until(JobState.UNKNOWN)
        await world.clock.advance(HOUR)

    assert (len(world.provider.sent), second.sent) == (1, [])


async def test_a_request_that_only_one_provider_makes_stays_with_it(
    second: ScriptedProvider, world: World
) -> None:
    ten_seconds = VideoRequest(
        model=BOAT.model, prompt=BOAT.prompt, duration_seconds=10, aspect_ratio="16:9", mode=BOAT.mode
    )
    world.provider.will(create=[NotSent("connection refused")])
    async with RunningCore(world).open() as running:
        await running.order(request=ten_seconds)

        job = await running.until_notified()

    assert job.state is JobState.DONE
    assert (len(world.provider.sent), second.sent) == (2, [])


async def test_without_credit_anywhere_orders_are_refused_at_once_and_tried_again_later(world: World) -> None:
    world.provider.will(create=[Refused(Refusal.CREDIT, "balance too low")])
    async with RunningCore(world).open() as running:
        await running.order(1)
        first = await running.until_notified(1)

        with pytest.raises(NotAllowed, match="balance is used up"):
            await running.order(2, BOB)
        await world.clock.advance(301)
        await running.order(3, BOB)
        third = await running.until_notified(3)

    assert (first.state, third.state) == (JobState.REJECTED, JobState.DONE)
    assert len(world.provider.sent) == 2


async def test_the_health_of_a_provider_says_why_and_since_when(world: World) -> None:
    registry = ProviderRegistry({"anyint": world.provider}, CATALOG, world.clock)
    came = world.clock.monotonic()
    registry.provider_health.creates.disable("anyint", Refused(Refusal.CREDIT, "balance too low"))
    await world.clock.advance(60)

    registry.provider_health.creates.disable("anyint", Refused(Refusal.CREDIT, "balance still too low"))
    health = registry.provider_health.creates.of("anyint")

    assert (health.condition, health.since) == (Condition.OUT_OF_CREDIT, came)
    assert health.reason == "balance still too low"
    registry.provider_health.creates.note_success("anyint")
    assert registry.provider_health.creates.of("anyint").condition is Condition.WORKING


async def test_a_clock_set_back_keeps_no_job_waiting_for_a_paused_provider(world: World) -> None:
    world.provider.will(create=[Refused(Refusal.BUSY, "too many", retry_after=timedelta(seconds=90))])
    async with RunningCore(world).open() as running:
        await running.order(1)
        await world.clock.advance(1)
        world.clock.jump(-timedelta(hours=25))
        await running.order(2, BOB)

        told = [await running.until_notified(number, at_most=600) for number in (1, 2)]

    assert [job.state for job in told] == [JobState.DONE, JobState.DONE]


async def test_other_jobs_leave_a_busy_provider_alone_too(world: World) -> None:
    world.provider.will(create=[Refused(Refusal.BUSY, "too many", retry_after=timedelta(seconds=90))])
    async with RunningCore(world).open() as running:
        await running.order(1)
        await world.clock.advance(1)
        await running.order(2, BOB)

        await world.clock.advance(60)

        assert len(world.provider.sent) == 1


async def test_a_reply_that_a_crash_left_unread_is_read_at_the_next_start(world: World) -> None:
    await found_submitting(world, Reply("anyint", "videos", "https://a.example", 200, b"task-9", attempt=1))
    async with RunningCore(world).open() as running:
        job = await running.until_notified()

    assert job.state is JobState.DONE
    assert job.ticket is not None
    assert (job.ticket.task_id, world.provider.sent) == ("task-9", [])


async def test_a_reply_to_an_earlier_request_says_nothing_about_the_last_one(world: World) -> None:
    await found_submitting(world, Reply("anyint", "videos", "https://a.example", 429, b"task-9", attempt=0))
    async with RunningCore(world).open() as running:
        job = await running.until(JobState.UNKNOWN)

    assert world.provider.sent == []
    assert job.ticket is None


async def test_a_task_in_doubt_that_its_provider_finds_is_followed(world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("no answer")])
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.UNKNOWN)

        world.provider.found = Created(world.provider.ticket("task-7"), Working(Stage.RUNNING))
        job = await running.until_notified()

    assert job.state is JobState.DONE
    assert len(world.provider.sent) == 1


async def test_a_task_of_another_job_is_not_taken_for_the_one_in_doubt(world: World) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 1000)
    async with RunningCore(world).open() as running:
        await running.order(1)
        first = await running.until(JobState.RUNNING, 1)
        world.provider.will(create=[OutcomeUnknown("no answer")])
        world.provider.found = Created(first.ticket or world.provider.ticket("?"), Working(Stage.RUNNING))

        await running.order(2)
        await world.clock.advance(HOUR)

        assert running.state(2) is JobState.UNKNOWN
        assert len(world.courier.said(2)) == 1
        assert running.job(1).ticket == first.ticket


async def test_a_signed_link_is_used_but_never_written_down(world: World) -> None:
    signed = replace(world.provider.result("t"), url="https://cdn.example/a.mp4?sig=abc")
    world.provider.will(check=[Finished(signed)])
    async with RunningCore(world).open() as running:
        await running.order()

        job = await running.until_notified()

    assert job.result is not None
    assert (world.provider.links, job.result.url) == (["https://cdn.example/a.mp4?sig=abc"], None)


async def found_submitting(world: World, reply: Reply) -> None:
    """Leave a job as a process does that dies between the gateway's reply and its own next step."""
    running = RunningCore(world)
    job = await running.order()
    await world.store.move(job, job.submitting("anyint", world.clock.now()))
    await world.replies.append(job.id, reply)
