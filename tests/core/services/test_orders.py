from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.errors import NotAllowed, StoreFull
from core.model.job import JobState
from core.model.video import Draft
from core.ports import Stage, Working
from core.services.job_actions import Member, Moderator
from tests.fakes.clock import settle
from tests.fakes.running_core import ALICE, BOAT, BOB, RunningCore, World


async def test_an_order_is_recorded_with_its_price_and_looked_at(running: RunningCore) -> None:
    job = await running.order()

    assert job.price == 420_000
    assert await running.orders.find(1) == job
    await running.until_notified()


async def test_the_same_event_twice_makes_one_job(running: RunningCore, world: World) -> None:
    first = await running.order()
    second = await running.order()

    await running.until_notified()

    assert second == first
    assert world.provider.sent == [1]


async def test_an_order_that_cannot_be_recorded_is_not_made(running: RunningCore, world: World) -> None:
    world.store.is_full = True

    with pytest.raises(StoreFull):
        await running.order()
    await world.clock.advance(60)

    assert world.provider.sent == []


async def test_a_closed_studio_takes_no_orders(running: RunningCore) -> None:
    running.orders.close()

    with pytest.raises(NotAllowed, match="Nothing was ordered"):
        await running.order()


async def test_a_check_keeps_nothing(running: RunningCore) -> None:
    assert running.orders.check(Draft(prompt="a paper boat")) == BOAT
    assert await running.orders.jobs_of(ALICE) == []


async def test_members_find_their_own_jobs_the_newest_first(running: RunningCore, world: World) -> None:
    for number, member in [(1, ALICE), (2, BOB), (3, ALICE)]:
        await running.order(number, member_id=member)
        await world.clock.advance(1)

    assert [job.id for job in await running.orders.jobs_of(ALICE)] == [3, 1]
    assert [job.id for job in await running.orders.jobs_of(ALICE, limit=1)] == [3]


@pytest.mark.parametrize("actor", [Member(ALICE), Moderator(BOB, channel_id=7)])
async def test_the_requester_and_moderators_may_cancel(world: World, actor: Member) -> None:
    world.places = 0
    async with RunningCore(world).open() as running:
        await running.order()

        cancelled = await running.orders.cancel(1, actor)

        assert (cancelled.state, cancelled.actor) == (JobState.CANCELLED, str(actor.id))


async def test_no_other_member_may_cancel(running: RunningCore) -> None:
    await running.order()

    with pytest.raises(NotAllowed, match="Only the person who asked"):
        await running.orders.cancel(1, Member(BOB, channel_id=7))


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (JobState.SUBMITTING, "on its way to the provider"),
        (JobState.RUNNING, "it will be charged"),
        (JobState.UNKNOWN, "never confirmed"),
        (JobState.READY, "finished and on its way"),
        (JobState.DELIVERING, "finished and on its way"),
        (JobState.DONE, "already ended"),
        (JobState.CANCELLED, "already ended"),
    ],
)
async def test_too_late_to_cancel_says_honestly_what_that_costs(
    world: World, state: JobState, sentence: str
) -> None:
    running = RunningCore(world)
    job = await running.order()
    await world.store.admit(replace(job, id=2, state=state))

    with pytest.raises(NotAllowed, match=sentence):
        await running.orders.cancel(2, Member(ALICE))


async def test_a_job_sent_at_the_very_moment_of_the_cancel_is_too_late(
    running: RunningCore, world: World
) -> None:
    world.provider.will(check=[Working(Stage.RUNNING)] * 9)
    await running.order()
    world.store.before_next_move = settle

    with pytest.raises(NotAllowed, match="it will be charged"):
        await running.orders.cancel(1, Member(ALICE))

    assert running.state() is JobState.RUNNING
