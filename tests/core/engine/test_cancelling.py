from __future__ import annotations

import pytest

from core.model.errors import NotAllowed, NotSent, OutcomeUnknown
from core.model.job import JobState
from core.services.job_actions import Member
from tests.fakes.clock import settle
from tests.fakes.running_core import ALICE, RunningCore, World


async def test_a_queued_job_is_cancelled_for_nothing(world: World) -> None:
    world.places = 0
    async with RunningCore(world).open() as running:
        await running.order()
        await settle()

        await running.orders.cancel(1, Member(ALICE))
        job = await running.until_notified()

        assert (job.state, world.provider.sent) == (JobState.CANCELLED, [])
        assert "Nothing was charged" in world.courier.said(1)[-1]
        assert len(running.fair_queue) == 0


async def test_a_job_being_sent_is_too_late_to_cancel(running: RunningCore, world: World) -> None:
    world.provider.gate.clear()
    await running.order()
    await settle()

    with pytest.raises(NotAllowed, match="on its way"):
        await running.orders.cancel(1, Member(ALICE))

    assert running.state() is JobState.SUBMITTING


async def test_a_cancelled_job_that_had_its_turn_is_not_sent(running: RunningCore, world: World) -> None:
    await running.order()

    await running.orders.cancel(1, Member(ALICE))
    await running.until_notified()

    assert (running.state(), world.provider.sent) == (JobState.CANCELLED, [])


async def test_a_job_cancelled_between_two_tries_is_not_sent_again(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[NotSent("no route")])
    await running.order()
    await settle()

    await running.orders.cancel(1, Member(ALICE))
    await running.until_notified()

    assert (running.state(), world.provider.sent) == (JobState.CANCELLED, [1])


async def test_a_job_that_was_moved_while_it_was_at_work_is_looked_at_at_once(
    running: RunningCore, world: World
) -> None:
    world.provider.will(create=[OutcomeUnknown("?")])
    world.courier.gate.clear()
    await running.order()
    await settle()
    unknown = running.job()
    found = unknown.running(world.provider.ticket("found"), world.clock.now(), next_at=world.clock.now())

    await world.store.move(unknown, found)
    running.runner.wake(found)
    await world.clock.advance(1)
    world.courier.gate.set()
    await running.until_notified(at_most=60)

    assert running.state() is JobState.DONE
