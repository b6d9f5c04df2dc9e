from __future__ import annotations

import pytest

from core.model.errors import NotAllowed, NotSent, OutcomeUnknown
from core.model.job import JobState
from core.services.job_actions import Person
from tests.fakes.clock import settle
from tests.fakes.running_core import ALICE, House, World


async def test_a_queued_job_is_cancelled_for_nothing(world: World) -> None:
    world.places = 0
    async with House(world).open() as house:
        await house.order()
        await settle()

        await house.studio.cancel(1, Person(ALICE))
        job = await house.until_told()

        assert (job.state, world.provider.sent) == (JobState.CANCELLED, [])
        assert "Nothing was charged" in world.courier.said(1)[-1]
        assert len(house.turns) == 0


async def test_a_job_being_sent_is_too_late_to_cancel(house: House, world: World) -> None:
    world.provider.gate.clear()
    await house.order()
    await settle()

    with pytest.raises(NotAllowed, match="on its way"):
        await house.studio.cancel(1, Person(ALICE))

    assert house.state() is JobState.SUBMITTING


async def test_a_cancelled_job_that_had_its_turn_is_not_sent(house: House, world: World) -> None:
    await house.order()

    await house.studio.cancel(1, Person(ALICE))
    await house.until_told()

    assert (house.state(), world.provider.sent) == (JobState.CANCELLED, [])


async def test_a_job_cancelled_between_two_tries_is_not_sent_again(house: House, world: World) -> None:
    world.provider.will(create=[NotSent("no route")])
    await house.order()
    await settle()

    await house.studio.cancel(1, Person(ALICE))
    await house.until_told()

    assert (house.state(), world.provider.sent) == (JobState.CANCELLED, [1])


async def test_a_job_somebody_moved_while_it_was_at_work_is_looked_at_at_once(
    house: House, world: World
) -> None:
    world.provider.will(create=[OutcomeUnknown("?")])
    world.courier.gate.clear()
    await house.order()
    await settle()
    unknown = house.job()
    found = unknown.running(world.provider.ticket("found"), world.clock.now(), next_at=world.clock.now())

    await world.store.move(unknown, found)
    house.runner.take_up(found)
    await world.clock.advance(1)
    world.courier.gate.set()
    await house.until_told(at_most=60)

    assert house.state() is JobState.DONE
