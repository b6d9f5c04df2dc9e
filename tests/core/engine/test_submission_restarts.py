"""What a restored copy of the database lacks is not paid for again."""

from __future__ import annotations

import pytest

from core.model.errors import OutcomeUnknown, StoreFull
from core.model.job import JobState
from core.ports import Reply
from tests.fakes.running_core import HOUR, RunningCore, World
from tests.fakes.store import TroubledStore


def reply(status: int = 200, *, attempt: int = 1, provider: str = "anyint") -> Reply:
    return Reply(provider, "videos", "https://a.example", status, b"task-9", attempt=attempt)


@pytest.mark.parametrize("attempt", [1, 4])
async def test_a_task_that_was_forgotten_is_followed_and_not_bought_again(
    running: RunningCore, world: World, attempt: int
) -> None:
    await world.replies.append(1, reply(attempt=attempt))
    await running.order()

    job = await running.until_notified()

    assert world.provider.sent == []
    assert (job.state, job.attempts) == (JobState.DONE, attempt)
    assert job.ticket is not None
    assert job.ticket.task_id == "task-9"


async def test_a_forgotten_refusal_counts_and_the_next_request_is_sent_once(
    running: RunningCore, world: World
) -> None:
    await world.replies.append(1, reply(429, attempt=2))
    await running.order()

    job = await running.until_notified()

    assert [order.attempt for order in world.provider.orders] == [3]
    assert job.state is JobState.DONE


async def test_a_forgotten_refusal_for_good_ends_the_job(running: RunningCore, world: World) -> None:
    await world.replies.append(1, reply(422))
    await running.order()

    job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.REJECTED, [])


@pytest.mark.parametrize(
    "forgotten", [reply(502), reply(provider="a gateway of last year")], ids=["unreadable", "not set up"]
)
async def test_where_the_reply_says_nothing_a_person_decides(
    running: RunningCore, world: World, forgotten: Reply
) -> None:
    await world.replies.append(1, forgotten)
    await running.order()

    await running.until(JobState.UNKNOWN)
    await world.clock.advance(HOUR)

    assert world.provider.sent == []
    assert any("will not send it again" in text for text in world.courier.said(1))


async def test_a05_a_task_of_a_later_request_than_the_one_that_is_remembered_is_followed(
    running: RunningCore, world: World
) -> None:
    job = await running.order()
    await world.store.move(job, job.submitting("anyint", world.clock.now()))
    await world.replies.append(1, reply(attempt=2))

    job = await running.until_notified()

    assert (job.state, job.attempts, world.provider.sent) == (JobState.DONE, 2, [])


async def test_a_forgotten_task_that_could_not_be_saved_is_not_bought_either(
    running: RunningCore, world: World
) -> None:
    world.store.will_fail(JobState.RUNNING, *[StoreFull("no room")] * 3)
    await world.replies.append(1, reply(attempt=2))
    await running.order()

    job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.DONE, [])


async def test_a_reply_to_a_request_that_is_remembered_holds_nothing_up(
    running: RunningCore, world: World
) -> None:
    job = await running.order()
    asked = job.submitting("anyint", world.clock.now())
    waiting = asked.requeued("too many", world.clock.now(), next_at=world.clock.now())
    await world.store.move(job, asked)
    await world.store.move(asked, waiting)
    await world.replies.append(1, reply(429, attempt=1))

    await running.until_notified()

    assert [order.attempt for order in world.provider.orders] == [2]


async def test_a_request_without_an_answer_is_kept_outside_the_database_too(world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("no answer")])
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.UNKNOWN)

    world.store = TroubledStore()
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.UNKNOWN)
        await world.clock.advance(HOUR)

    assert world.provider.sent == [1]


async def test_a_reply_that_said_nothing_is_not_covered_by_silence(
    running: RunningCore, world: World
) -> None:
    unreadable = reply(502)
    await world.replies.append(1, unreadable)
    await running.order()

    await running.until(JobState.UNKNOWN)

    assert await world.replies.last(1) == unreadable
