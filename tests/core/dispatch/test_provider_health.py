"""One view of each provider: what it answered to paid creates, and to questions about its tasks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.dispatch.health import Condition
from core.dispatch.provider_health import ProviderHealth
from core.model.errors import CheckFailed, NotSent, Refusal, Refused
from core.ports import Stage, Working
from tests.fakes.clock import VirtualClock, settle
from tests.fakes.running_core import BOB, RunningCore, World

MINUTE = 60.0


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def health(clock: VirtualClock) -> ProviderHealth:
    return ProviderHealth(clock, ["anyint", "worldrouter"])


def silence(health: ProviderHealth, provider: str = "anyint", why: str = "502") -> None:
    for _ in range(5):
        health.questions.note_failure(provider, why, 0.0)


def test_a_start_is_a_fresh_look(health: ProviderHealth) -> None:
    assert [one.provider for one in health.all()] == ["anyint", "worldrouter"]
    assert {one.worse.condition for one in health.all()} == {Condition.WORKING}
    assert all(health.is_working(one) for one in health.all())


async def test_what_answers_no_questions_is_down_and_takes_orders_all_the_same(
    health: ProviderHealth, clock: VirtualClock
) -> None:
    await clock.advance(MINUTE)
    came = clock.monotonic()
    silence(health)
    await clock.advance(10)

    one = health.of("anyint")

    assert (one.creates.condition, one.questions.condition) == (Condition.WORKING, Condition.DOWN)
    assert one.worse is one.questions
    assert (one.worse.reason, one.worse.since, one.worse.until) == ("502", came, came + 30)
    assert (health.began_at(one.worse), health.free_at(one.worse)) == (
        clock.now() - timedelta(seconds=10),
        clock.now() + timedelta(seconds=20),
    )
    assert health.creates.is_free("anyint")
    assert health.of("worldrouter").worse.condition is Condition.WORKING


def test_the_worse_of_the_two_counts(health: ProviderHealth) -> None:
    silence(health)
    health.creates.disable("anyint", Refused(Refusal.BUSY, "too many"))
    while_slow = health.of("anyint").worse.condition
    health.creates.disable("anyint", Refused(Refusal.CREDIT, "no balance"))

    assert while_slow is Condition.DOWN
    assert health.of("anyint").worse.condition is Condition.OUT_OF_CREDIT


async def test_what_is_tried_again_now_may_work_but_not_while_the_other_half_is_left_alone(
    health: ProviderHealth, clock: VirtualClock
) -> None:
    health.creates.pause("anyint", "no route")
    silence(health)
    at_once = health.is_working(health.of("anyint"))
    await clock.advance(16)
    creates_again = health.is_working(health.of("anyint"))
    await clock.advance(15)

    assert (at_once, creates_again) == (False, False)
    assert health.is_working(health.of("anyint"))


async def test_an_answer_ends_it(health: ProviderHealth, clock: VirtualClock) -> None:
    silence(health)
    await clock.advance(MINUTE)

    health.questions.note_answer("anyint")

    questions = health.of("anyint").questions
    assert (questions.condition, questions.since) == (Condition.WORKING, clock.monotonic())


async def test_the_running_core_notes_both_in_the_one_view(running: RunningCore, world: World) -> None:
    world.provider.will(check=[CheckFailed("502")] * 7 + [Working(Stage.RUNNING)] * 500)
    health = running.registry.provider_health
    await running.order(1)
    await running.order(2, BOB)
    await settle()
    await world.clock.until(lambda: health.of("anyint").questions.condition is Condition.DOWN)
    silent = health.of("anyint")

    await world.clock.advance(5 * MINUTE)
    world.provider.will(create=[NotSent("no route")])
    await running.order(3, 103)
    await settle()
    unreached = health.of("anyint")

    assert (silent.creates.condition, silent.questions.reason) == (Condition.WORKING, "502")
    assert (unreached.creates.condition, unreached.creates.reason) == (Condition.DOWN, "no route")
    assert unreached.questions.condition is Condition.WORKING
