"""Two requests in a row that a gateway does not confirm are the last ones there, for a while."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from core.dispatch.provider_health import Condition, Infirmary
from core.model.errors import NotSent, OutcomeUnknown, Refusal, Refused
from core.model.job import JobState
from core.model.operator_alerts import OutcomeUnclear, ProviderUnconfirming
from tests.fakes.alerts import RecordingAlarm
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOB, HOUR, House, World

MINUTE = 60.0
CAROL, DAN = 103, 104


def lost() -> OutcomeUnknown:
    return OutcomeUnknown("no answer", said="gateway time-out")


@pytest.fixture
def second(world: World) -> ScriptedProvider:
    other = ScriptedProvider(world.clock, "worldrouter")
    world.others = (other,)
    return other


async def unconfirmed(house: House, *job_ids: int) -> None:
    """Order jobs one after the other, none of which is confirmed."""
    for job_id in job_ids:
        house.world.provider.will(create=[lost()])
        await house.order(job_id, 100 + job_id)
        await house.until(JobState.UNKNOWN, job_id)


async def test_one_answer_that_gets_lost_holds_nobody_up(house: House, world: World) -> None:
    await unconfirmed(house, 1)

    await house.order(2, BOB)
    await house.until_told(2, at_most=MINUTE)

    assert world.provider.sent == [1, 2]


async def test_after_two_in_a_row_nothing_is_sent_for_a_minute(house: House, world: World) -> None:
    await unconfirmed(house, 1, 2)
    await house.order(3, CAROL)

    await world.clock.advance(MINUTE - 2)
    meanwhile = list(world.provider.sent)
    job = await house.until_told(3, at_most=MINUTE)

    assert (meanwhile, job.state) == ([1, 2], JobState.DONE)


async def test_one_that_is_confirmed_in_between_breaks_the_row(house: House, world: World) -> None:
    await unconfirmed(house, 1)
    await house.order(2, BOB)
    await house.until_told(2)
    await unconfirmed(house, 3)

    await house.order(4, DAN)
    await house.until_told(4, at_most=MINUTE)

    assert world.provider.sent == [1, 2, 3, 4]


async def test_the_rests_grow_to_a_quarter_of_an_hour_and_one_request_tries_at_a_time(
    house: House, world: World
) -> None:
    await unconfirmed(house, 1, 2)
    world.provider.will(create=[lost() for _ in range(6)])
    for job_id in range(3, 12):
        await house.order(job_id, 100 + job_id)

    def sent_more_than(count: int) -> bool:
        return len(world.provider.sent) > count

    sent: list[float] = []
    while len(sent) < 6:
        count = len(world.provider.sent)
        await world.clock.until(partial(sent_more_than, count), at_most=HOUR)
        assert len(world.provider.sent) == count + 1
        sent.append(world.clock.monotonic())
        await settle()

    gaps = [round((after - before) / MINUTE) for before, after in pairwise(sent)]
    assert gaps == [2, 4, 8, 15, 15]
    for job_id in range(9, 12):
        await house.until_told(job_id, at_most=HOUR)
    assert world.provider.sent == list(range(1, 12)), "once one is confirmed all others are sent"


async def test_what_was_under_way_when_the_rest_began_makes_it_no_longer(house: House, world: World) -> None:
    world.provider.gate.clear()
    world.provider.will(create=[lost() for _ in range(5)])
    for job_id in range(1, 6):
        await house.order(job_id, 100 + job_id)
    await settle()
    world.provider.gate.set()
    await house.until(JobState.UNKNOWN, 5)

    await house.order(6, 106)
    await house.until_told(6, at_most=2 * MINUTE)

    assert house.state(6) is JobState.DONE


async def test_the_other_gateway_takes_the_work_meanwhile(world: World, second: ScriptedProvider) -> None:
    async with House(world).open() as house:
        await unconfirmed(house, 1, 2)

        await house.order(3, CAROL)
        await house.until_told(3, at_most=MINUTE / 2)

    assert (world.provider.sent, second.sent) == ([1, 2], [3])


async def test_operators_are_told_once_and_what_the_gateway_said(house: House, world: World) -> None:
    await unconfirmed(house, 1, 2)
    world.provider.will(create=[lost() for _ in range(3)])
    for job_id in (3, 4, 5):
        await house.order(job_id, 100 + job_id)
    await world.clock.advance(HOUR)

    told = [event for event in world.alarm.raised_events if isinstance(event, ProviderUnconfirming)]
    unclear = [event for event in world.alarm.raised_events if isinstance(event, OutcomeUnclear)]

    assert told == [ProviderUnconfirming("anyint", "no answer")]
    assert [event.said for event in unclear] == ["gateway time-out"] * 5


async def test_a_person_ends_the_rest(house: House) -> None:
    await unconfirmed(house, 1, 2)
    await house.order(3, CAROL)
    await settle()

    house.lineup.infirmary.resume("anyint")
    job = await house.until_told(3, at_most=2 * MINUTE)

    assert job.state is JobState.DONE


@pytest.mark.parametrize("answer", [Refused(Refusal.REQUEST, "no"), NotSent("no route")], ids=str)
async def test_what_is_no_confirmation_lets_the_next_one_try(
    house: House, world: World, answer: Exception
) -> None:
    await unconfirmed(house, 1, 2)
    world.provider.will(create=[answer, lost()])
    await house.order(3, CAROL)
    await world.clock.advance(2 * MINUTE)
    await house.order(4, DAN)
    await house.until(JobState.UNKNOWN, 4 if isinstance(answer, Refused) else 3, at_most=5 * MINUTE)

    assert house.lineup.infirmary.of("anyint").condition is Condition.UNCONFIRMED


async def test_a_wall_clock_that_is_set_neither_ends_nor_lengthens_the_rest(
    house: House, world: World
) -> None:
    await unconfirmed(house, 1, 2)
    await house.order(3, CAROL)
    world.clock.jump(timedelta(days=3))

    await world.clock.advance(MINUTE - 2)
    meanwhile = list(world.provider.sent)
    world.clock.jump(-timedelta(days=6))
    await house.until_told(3, at_most=MINUTE)

    assert meanwhile == [1, 2]


async def test_a_crash_is_not_the_gateways_doing(world: World) -> None:
    for job_id in (1, 2, 3):
        job = await House(world).order(job_id, 100 + job_id)
        await world.store.move(job, job.submitting("anyint", world.clock.now()))

    async with House(world).open() as house:
        await house.until(JobState.UNKNOWN, 3)
        await house.order(4, DAN)
        await house.until_told(4, at_most=MINUTE)

    assert world.provider.sent == [4]


def test_the_health_says_so_until_one_is_confirmed() -> None:
    clock, alarm = VirtualClock(), RecordingAlarm()
    infirmary = Infirmary(clock, ["anyint"], alarm)

    for _ in range(2):
        infirmary.unconfirmed("anyint", "no answer", sent_at=clock.monotonic())
    resting = infirmary.of("anyint").condition, infirmary.seconds_until_free(["anyint"])
    infirmary.worked("anyint")

    assert resting == (Condition.UNCONFIRMED, MINUTE)
    assert (infirmary.of("anyint").condition, infirmary.is_free("anyint")) == (Condition.WORKING, True)
