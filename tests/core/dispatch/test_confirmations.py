"""What is queued in a database that was put back waits for a yes."""

from __future__ import annotations

import pytest

from core.dispatch.confirmations import Confirmations
from core.model.errors import Refusal, Refused
from core.model.job import JobState
from core.ports import Created, Reply, Stage, Working
from core.services.job_actions import Member
from storage.memory.stores import MemoryJobStore, MemoryKeyValues
from tests.contracts.examples import ALICE, NOON, queued
from tests.fakes.clock import settle
from tests.fakes.running_core import BOB, HOUR, RunningCore, World


@pytest.fixture
async def waiting(world: World) -> RunningCore:
    """A program whose one job waits for a yes."""
    await RunningCore(world).order(1)
    running = RunningCore(world)
    await running.context.confirmations.ask_for([1])
    return running


async def test_a05_what_waits_for_a_yes_is_not_sent_and_delays_no_other_job(
    waiting: RunningCore, world: World
) -> None:
    world.places = 1
    async with waiting.open() as running:
        await running.order(2, BOB)
        await running.until_notified(2)
        await world.clock.advance(HOUR)

    assert world.provider.sent == [2]
    assert waiting.state() is JobState.QUEUED
    assert {job_view.awaits_yes for job_view in world.courier.job_views if job_view.job.id == 1} == {True}


async def test_a05_a_yes_sends_it(waiting: RunningCore, world: World) -> None:
    async with waiting.open() as running:
        await settle()
        assert await running.context.confirmations.confirm(1)
        running.runner.wake(running.job())
        job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.DONE, [1])


async def test_a05_what_waits_for_a_yes_can_be_cancelled(waiting: RunningCore, world: World) -> None:
    async with waiting.open() as running:
        await settle()
        await running.orders.cancel(1, Member(ALICE))
        job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.CANCELLED, [])


async def test_a05_what_was_answered_since_the_copy_is_followed_without_a_yes(
    waiting: RunningCore, world: World
) -> None:
    await world.replies.append(1, Reply("anyint", "videos", "https://a.example", 200, b"task-9"))
    async with waiting.open() as running:
        job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.DONE, [])


async def test_a05_what_was_refused_since_the_copy_is_not_sent_again_without_a_yes(
    waiting: RunningCore, world: World
) -> None:
    await world.replies.append(1, Reply("anyint", "videos", "https://a.example", 429, b"task-9"))
    async with waiting.open():
        await world.clock.advance(HOUR)

    assert (waiting.state(), world.provider.sent) == (JobState.QUEUED, [])


async def test_a05_what_was_being_sent_and_was_refused_is_not_sent_again_without_a_yes(
    waiting: RunningCore, world: World
) -> None:
    sent = waiting.job().submitting("anyint", NOON)
    await world.store.move(waiting.job(), sent)
    await world.replies.append(1, Reply("anyint", "videos", "https://a.example", 429, b"", attempt=1))
    async with waiting.open():
        await world.clock.advance(HOUR)

    assert (waiting.state(), world.provider.sent) == (JobState.QUEUED, [])


async def test_what_waits_is_recalled_by_the_next_run_until_it_is_sent() -> None:
    notes, store = MemoryKeyValues(), MemoryJobStore()
    for job_id in (1, 2, 3):
        await store.admit(queued(job_id))
    first = Confirmations(notes)
    await first.ask_for([1, 2, 3])
    await first.confirm(1)
    await store.move(queued(2), queued(2).cancelled(ALICE, NOON))

    second = Confirmations(notes)
    await second.recall(store)

    assert second.waiting == {3}
    assert [await second.confirm(job_id) for job_id in (1, 2, 3)] == [False, False, True]


async def test_a05_what_is_being_sent_when_the_program_dies_waits_on_where_nothing_was_made() -> None:
    notes, store = MemoryKeyValues(), MemoryJobStore()
    await store.admit(queued(1))
    await Confirmations(notes).ask_for([1])
    await store.move(queued(1), queued(1).submitting("anyint", NOON))

    second = Confirmations(notes)
    await second.recall(store)

    assert second.waiting == {1}


async def test_a_job_is_looked_for_before_it_is_sent_again(running: RunningCore, world: World) -> None:
    world.provider.will(create=[Refused(Refusal.BUSY, "too many")])
    await running.order()
    await settle()
    world.provider.found = Created(world.provider.ticket("task-7"), Working(Stage.RUNNING))

    job = await running.until_notified()

    assert (job.state, world.provider.sent, job.attempts) == (JobState.DONE, [1], 1)
    assert job.ticket is not None
    assert job.ticket.task_id == "task-7"
