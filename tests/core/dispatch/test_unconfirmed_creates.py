"""Two requests in a row that a gateway does not confirm are the last ones there, for a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from itertools import pairwise

import pytest

from core.dispatch.health import Condition
from core.dispatch.provider_health import ProviderHealth
from core.model.errors import NotSent, OutcomeUnknown, Refusal, Refused
from core.model.job import JobState
from core.model.operator_alerts import OutcomeUnclear, ProviderUnconfirming
from core.ports import Created, Stage, Working
from tests.fakes.alerts import RecordingAlerts
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOB, HOUR, RunningCore, World

MINUTE = 60.0
CAROL, DAN = 103, 104


def lost() -> OutcomeUnknown:
    return OutcomeUnknown("no answer", said="gateway time-out")


@pytest.fixture
def second(world: World) -> ScriptedProvider:
    other = ScriptedProvider(world.clock, "worldrouter")
    world.others = (other,)
    return other


async def unconfirmed(running: RunningCore, *job_ids: int) -> None:
    """Order jobs one after the other, none of which is confirmed."""
    for job_id in job_ids:
        running.world.provider.will(create=[lost()])
        await running.order(job_id, 100 + job_id)
        await running.until(JobState.UNKNOWN, job_id)


async def test_one_answer_that_gets_lost_delays_no_other_job(running: RunningCore, world: World) -> None:
    await unconfirmed(running, 1)

    await running.order(2, BOB)
    await running.until_notified(2, at_most=MINUTE)

    assert world.provider.sent == [1, 2]


async def test_after_two_in_a_row_nothing_is_sent_for_a_minute(running: RunningCore, world: World) -> None:
    await unconfirmed(running, 1, 2)
    await running.order(3, CAROL)

    await world.clock.advance(MINUTE - 2)
    meanwhile = list(world.provider.sent)
    job = await running.until_notified(3, at_most=MINUTE)

    assert (meanwhile, job.state) == ([1, 2], JobState.DONE)


async def test_one_that_is_confirmed_in_between_breaks_the_row(running: RunningCore, world: World) -> None:
    await unconfirmed(running, 1)
    await running.order(2, BOB)
    await running.until_notified(2)
    await unconfirmed(running, 3)

    await running.order(4, DAN)
    await running.until_notified(4, at_most=MINUTE)

    assert world.provider.sent == [1, 2, 3, 4]


async def test_the_rests_grow_to_a_quarter_of_an_hour_and_one_request_tries_at_a_time(
    running: RunningCore, world: World
) -> None:
    await unconfirmed(running, 1, 2)
    world.provider.will(create=[lost() for _ in range(6)])
    for job_id in range(3, 12):
        await running.order(job_id, 100 + job_id)

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
        await running.until_notified(job_id, at_most=HOUR)
    assert world.provider.sent == list(range(1, 12)), "once one is confirmed all others are sent"


async def test_what_was_under_way_when_the_rest_began_makes_it_no_longer(
    running: RunningCore, world: World
) -> None:
    world.provider.gate.clear()
    world.provider.will(create=[lost() for _ in range(5)])
    for job_id in range(1, 6):
        await running.order(job_id, 100 + job_id)
    await settle()
    world.provider.gate.set()
    await running.until(JobState.UNKNOWN, 5)

    await running.order(6, 106)
    await running.until_notified(6, at_most=2 * MINUTE)

    assert running.state(6) is JobState.DONE


@pytest.mark.parametrize(
    "answer", [lost(), OutcomeUnknown("a stranger's page", is_from_elsewhere=True)], ids=str
)
async def test_what_is_being_written_down_when_the_rest_begins_is_not_sent(
    running: RunningCore, world: World, answer: OutcomeUnknown
) -> None:
    world.provider.gate.clear()
    world.provider.will(create=[answer, answer])
    await running.order(1, 101)
    await running.order(2, BOB)
    await settle()

    async def both_are_lost() -> None:
        world.provider.gate.set()
        while running.registry.provider_health.creates.is_free("anyint"):  # noqa: ASYNC110 - it sets no event
            await asyncio.sleep(0)

    world.store.before_next_move = both_are_lost
    await running.order(3, CAROL)
    await world.clock.advance(MINUTE - 2)
    meanwhile, state = list(world.provider.sent), running.state(3)
    job = await running.until_notified(3, at_most=2 * MINUTE)

    assert (meanwhile, state) == ([1, 2], JobState.QUEUED)
    assert (world.provider.sent, job.state) == ([1, 2, 3], JobState.DONE)


async def test_the_other_gateway_takes_the_work_meanwhile(world: World, second: ScriptedProvider) -> None:
    async with RunningCore(world).open() as running:
        await unconfirmed(running, 1, 2)

        await running.order(3, CAROL)
        await running.until_notified(3, at_most=MINUTE / 2)

    assert (world.provider.sent, second.sent) == ([1, 2], [3])


async def test_a_task_that_is_found_confirms_nothing_that_is_sent_now(
    world: World, second: ScriptedProvider
) -> None:
    world.provider.will(create=[Refused(Refusal.UPSTREAM, "no"), lost(), lost()])
    second.will(create=[Refused(Refusal.BUSY, "full", retry_after=timedelta(minutes=4))])
    async with RunningCore(world).open() as running:
        await running.order(1)
        await world.clock.advance(4 * MINUTE - 10)
        for job_id in (2, 3):
            await running.order(job_id, 100 + job_id)
            await running.until(JobState.UNKNOWN, job_id)
        await world.clock.advance(6)  # those two are looked for at once, and after five seconds
        world.provider.found = Created(world.provider.ticket("task-7"), Working(Stage.RUNNING))
        await running.until_notified(1, at_most=20)
        world.provider.found = None

        await running.order(4, DAN)
        await running.until_notified(4, at_most=MINUTE / 2)

    assert (world.provider.sent, second.sent) == ([1, 2, 3], [1, 4])


async def test_operators_are_told_once_and_what_the_gateway_said(running: RunningCore, world: World) -> None:
    await unconfirmed(running, 1, 2)
    world.provider.will(create=[lost() for _ in range(3)])
    for job_id in (3, 4, 5):
        await running.order(job_id, 100 + job_id)
    await world.clock.advance(HOUR)

    told = [event for event in world.alerts.raised_events if isinstance(event, ProviderUnconfirming)]
    unclear = [event for event in world.alerts.raised_events if isinstance(event, OutcomeUnclear)]

    assert told == [ProviderUnconfirming("anyint", "no answer")]
    assert [event.said for event in unclear] == ["gateway time-out"] * 5


async def test_a_person_ends_the_rest(running: RunningCore) -> None:
    await unconfirmed(running, 1, 2)
    await running.order(3, CAROL)
    await settle()

    running.registry.provider_health.creates.resume("anyint")
    job = await running.until_notified(3, at_most=2 * MINUTE)

    assert job.state is JobState.DONE


@pytest.mark.parametrize("answer", [Refused(Refusal.REQUEST, "no"), NotSent("no route")], ids=str)
async def test_what_is_no_confirmation_lets_the_next_one_try(
    running: RunningCore, world: World, answer: Exception
) -> None:
    await unconfirmed(running, 1, 2)
    world.provider.will(create=[answer, lost()])
    await running.order(3, CAROL)
    await world.clock.advance(2 * MINUTE)
    await running.order(4, DAN)
    await running.until(JobState.UNKNOWN, 4 if isinstance(answer, Refused) else 3, at_most=5 * MINUTE)

    assert running.registry.provider_health.creates.of("anyint").condition is Condition.UNCONFIRMED


async def test_a_wall_clock_that_is_set_neither_ends_nor_lengthens_the_rest(
    running: RunningCore, world: World
) -> None:
    await unconfirmed(running, 1, 2)
    await running.order(3, CAROL)
    world.clock.jump(timedelta(days=3))

    await world.clock.advance(MINUTE - 2)
    meanwhile = list(world.provider.sent)
    world.clock.jump(-timedelta(days=6))
    await running.until_notified(3, at_most=MINUTE)

    assert meanwhile == [1, 2]


async def test_a_crash_is_not_the_gateways_doing(world: World) -> None:
    for job_id in (1, 2, 3):
        job = await RunningCore(world).order(job_id, 100 + job_id)
        await world.store.move(job, job.submitting("anyint", world.clock.now()))

    async with RunningCore(world).open() as running:
        await running.until(JobState.UNKNOWN, 3)
        await running.order(4, DAN)
        await running.until_notified(4, at_most=MINUTE)

    assert world.provider.sent == [4]


def test_the_health_says_so_until_one_is_confirmed() -> None:
    clock, alerts = VirtualClock(), RecordingAlerts()
    provider_health = ProviderHealth(clock, ["anyint"], alerts)

    for _ in range(2):
        provider_health.creates.note_unconfirmed("anyint", "no answer", sent_at=clock.monotonic())
    resting = (
        provider_health.creates.of("anyint").condition,
        provider_health.creates.seconds_until_free(["anyint"]),
    )
    provider_health.creates.note_success("anyint")

    assert resting == (Condition.UNCONFIRMED, MINUTE)
    assert (provider_health.creates.of("anyint").condition, provider_health.creates.is_free("anyint")) == (
        Condition.WORKING,
        True,
    )
