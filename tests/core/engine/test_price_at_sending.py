"""The price that counts is the one at the moment of sending, whatever was quoted when it was ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from core.model.catalog import Catalog
from core.model.errors import NotSent, OutcomeUnknown, Refusal, Refused
from core.model.job import Charge, JobState
from core.model.ledger import Account, Booking, Measure, Scope, Usage, Window
from core.model.limits import Limit
from core.model.operator_alerts import BudgetUsed
from core.ports import Failed, Reply
from core.services.budget_alerts import BudgetAlerts
from tests.fakes.clock import settle
from tests.fakes.models import LONGER, STANDARD
from tests.fakes.provider import ScriptedProvider
from tests.fakes.running_core import BOAT, BOB, DAY, RunningCore, World

CHEAP, DEAR = Decimal("0.084"), Decimal("2.00")
QUOTED, RAISED = 420_000, 10_000_000
NINETY_CENTS = Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.DAY, most=900_000)
BOT = Account(Scope.BOT, 0, "")


def priced(anyint: Decimal | None, worldrouter: Decimal | None = CHEAP) -> Catalog:
    """A catalogue with these prices a second; None where the price is unknown."""
    prices: Mapping[str, Decimal | None] = {"anyint": anyint, "worldrouter": worldrouter}
    return Catalog(
        replace(model, price_per_second={} if (price := prices[model.provider]) is None else {"std": price})
        for model in (STANDARD, LONGER)
    )


@pytest.fixture
def world(world: World) -> World:
    world.catalog, world.limits = priced(CHEAP), (NINETY_CENTS,)
    return world


@pytest.fixture
def second(world: World) -> ScriptedProvider:
    other = ScriptedProvider(world.clock, "worldrouter")
    world.others = (other,)
    return other


async def waiting(world: World, *job_ids: int) -> None:
    """Order jobs in a run of the program that ends before they are sent."""
    running = RunningCore(world)
    for job_id in job_ids:
        await running.order(job_id, BOB)


async def test_a03_what_waits_is_not_bought_at_tomorrows_price(world: World) -> None:
    await waiting(world, 1, 2)
    world.catalog = priced(DEAR)

    async with RunningCore(world).open() as running:
        jobs = [await running.until_notified(number) for number in (1, 2)]

    assert world.provider.sent == []
    assert [job.state for job in jobs] == [JobState.REJECTED] * 2
    assert await world.store.usage(BOT) == Usage()
    (told,) = world.courier.said(1)
    for words in ("would cost about $10.00", "its budget of $0.90 today", "Nothing was charged", "0:00 UTC"):
        assert words in told


@pytest.mark.parametrize(
    ("price", "most", "job_ids", "is_over"),
    [(Decimal("0.15"), 900_000, (1,), False), (CHEAP, 500_000, (1, 2), True)],
)
async def test_a03_the_operator_is_told_what_a_raise_makes_of_the_budget(
    world: World, price: Decimal, most: int, job_ids: tuple[int, ...], *, is_over: bool
) -> None:
    await waiting(world, *job_ids)
    world.catalog, world.limits = priced(price), (replace(NINETY_CENTS, most=most),)
    running = RunningCore(world)
    watch = BudgetAlerts(world.store, world.notes, world.limits, world.alerts)
    running.context.allowance = replace(running.context.allowance, watch=watch)

    async with running.open():
        for job_id in job_ids:
            await running.until_notified(job_id)

    (event,) = world.alerts.raised_events
    assert isinstance(event, BudgetUsed)
    assert event.is_over is is_over


async def test_a03_of_what_waits_as_much_is_bought_at_the_new_price_as_fits(world: World) -> None:
    await waiting(world, 1, 2)
    world.catalog, world.limits = priced(Decimal("0.10")), (replace(NINETY_CENTS, most=920_000),)

    async with RunningCore(world).open() as running:
        jobs = [await running.until_notified(number) for number in (1, 2)]

    assert {job.state for job in jobs} == {JobState.DONE, JobState.REJECTED}
    assert len(world.provider.sent) == 1
    assert await world.store.usage(BOT) == Usage(videos=1, spent=500_000)


async def test_a03_a_cheaper_price_is_what_is_settled(world: World) -> None:
    await waiting(world, 1)
    world.catalog = priced(Decimal("0.01"))

    async with RunningCore(world).open() as running:
        job = await running.until_notified()

    assert (job.state, job.price) == (JobState.DONE, 50_000)
    assert await world.store.usage(BOT) == Usage(videos=1, spent=50_000)


async def test_a03_a_price_that_is_no_longer_known_fits_no_budget(world: World) -> None:
    await waiting(world, 1)
    world.catalog = priced(None)

    async with RunningCore(world).open() as running:
        job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.REJECTED, [])
    assert "nobody knows what this video would cost" in world.courier.said(1)[0]


async def test_a03_without_a_budget_the_new_price_is_what_is_counted(world: World) -> None:
    await waiting(world, 1)
    world.catalog, world.limits = priced(DEAR), ()

    async with RunningCore(world).open() as running:
        await running.until_notified()

    assert (await world.store.usage(BOT)).spent == RAISED


async def test_a03_a_move_to_a_dearer_gateway_is_reserved_first(
    world: World, second: ScriptedProvider
) -> None:
    await waiting(world, 1)
    world.catalog = priced(CHEAP, DEAR)
    world.provider.will(create=[Refused(Refusal.CONFIGURATION, "no such model")])

    async with RunningCore(world).open() as running:
        job = await running.until_notified()

    assert (len(world.provider.sent), second.sent) == (1, [])
    assert job.state is JobState.REJECTED
    assert "would cost about $10.00" in world.courier.said(1)[0]


async def test_a03_where_the_preferred_gateway_is_too_dear_another_one_makes_it(
    world: World, second: ScriptedProvider
) -> None:
    await waiting(world, 1)
    world.catalog = priced(DEAR, CHEAP)

    async with RunningCore(world).open() as running:
        await settle()
        at_once = list(second.sent)
        job = await running.until_notified()

    assert (world.provider.sent, at_once, second.sent) == ([], [1], [1])
    assert (job.state, job.price) == (JobState.DONE, QUOTED)


async def test_a03_the_dearer_gateway_is_paid_for_from_what_the_quote_reserved(
    world: World, second: ScriptedProvider
) -> None:
    world.catalog = priced(Decimal("0.01"), CHEAP)
    world.limits = (replace(NINETY_CENTS, most=QUOTED),)
    world.provider.will(create=[NotSent("connection refused")])

    async with RunningCore(world).open() as running:
        await running.order()
        job = await running.until_notified()

    assert (job.state, job.price, len(second.sent)) == (JobState.DONE, QUOTED, 1)
    assert [entry.booking for entry in await world.store.entries(1)] == [Booking.RESERVED, Booking.SETTLED]


async def test_a_budget_that_was_lowered_holds_for_what_waits(world: World) -> None:
    await waiting(world, 1, 2)
    world.limits = (replace(NINETY_CENTS, most=500_000),)

    async with RunningCore(world).open() as running:
        jobs = [await running.until_notified(number) for number in (1, 2)]

    assert sorted(job.state for job in jobs) == [JobState.DONE, JobState.REJECTED]
    assert (await world.store.usage(BOT)).of(Measure.MONEY) == QUOTED


async def test_a_doubt_keeps_the_price_of_the_moment_of_sending_counted(world: World) -> None:
    await waiting(world, 1)
    world.catalog, world.limits = priced(DEAR), ()
    world.provider.will(create=[OutcomeUnknown("no answer")])

    async with RunningCore(world).open() as running:
        job = await running.until(JobState.UNKNOWN)
        await settle()

    assert job.price == RAISED
    assert await world.store.usage(BOT) == Usage(open_jobs=0, videos=1, reserved=RAISED)


async def test_what_was_paid_before_the_database_was_put_back_is_counted_at_any_price(world: World) -> None:
    await waiting(world, 1)
    world.catalog = priced(DEAR)
    await world.replies.append(1, Reply("anyint", "videos", "https://a.example", 200, b"task-9"))

    async with RunningCore(world).open() as running:
        job = await running.until_notified()

    assert (job.state, world.provider.sent) == (JobState.DONE, [])
    assert (await world.store.usage(BOT)).spent == RAISED


async def test_a_job_that_is_told_the_next_day_is_not_told_of_a_time_that_is_past(world: World) -> None:
    await waiting(world, 1)
    world.catalog = priced(DEAR)
    await world.clock.advance(13 * 3600.0)

    async with RunningCore(world).open() as running:
        await running.until_notified()

    assert "It has started anew since then: order the video again." in world.courier.said(1)[0]


async def test_a_refusal_within_a_success_is_sent_nowhere_else(
    world: World, second: ScriptedProvider
) -> None:
    refusal = Refused(Refusal.CREDIT, "balance too low", is_final=True)
    world.provider.will(create=[refusal])
    async with RunningCore(world).open() as running:
        await running.order(1)
        job = await running.until_notified(1)
        await running.order(2, BOB)
        other = await running.until_notified(2)

    assert (job.state, other.state) == (JobState.REJECTED, JobState.DONE)
    assert (world.provider.sent, second.sent) == ([1], [2]), "the gateway is closed all the same"


@pytest.mark.parametrize("why", [Refusal.BUSY, Refusal.UPSTREAM, Refusal.CONFIGURATION])
async def test_a_refusal_within_a_success_ends_the_job_whatever_it_is_about(
    world: World, second: ScriptedProvider, why: Refusal
) -> None:
    world.provider.will(create=[Refused(why, "no", is_final=True)])
    async with RunningCore(world).open() as running:
        await running.order()
        job = await running.until_notified()

    assert (job.state, world.provider.sent, second.sent) == (JobState.REJECTED, [1], [])
    assert job.reason is not None
    assert job.reason.charge is Charge.NOTHING


UNSUPPORTED = Refused(Refusal.CONFIGURATION, "unsupported model", is_about_model=True)
PRO = replace(BOAT, duration_seconds=10)
OTHER = replace(STANDARD, name="kling-2.6", family="kling-v2", price_per_second={"std": CHEAP})
ELSEWHERE = replace(BOAT, model="kling-v2")


async def test_one_unsupported_model_closes_that_model_and_no_other(world: World) -> None:
    world.catalog = Catalog([*priced(CHEAP), OTHER])
    world.provider.will(create=[UNSUPPORTED])
    async with RunningCore(world).open() as running:
        await running.order(1)
        first = await running.until_notified(1)
        with pytest.raises(Exception, match="does not take this model"):
            await running.order(2, BOB)
        await running.order(3, BOB, ELSEWHERE)
        third = await running.until_notified(3)
        await world.clock.advance(301)
        await running.order(4, BOB)
        fourth = await running.until_notified(4)

    assert [first.state, third.state, fourth.state] == [JobState.REJECTED, JobState.DONE, JobState.DONE]
    assert "does not take this model" in world.courier.said(1)[0]
    (closed,) = world.alerts.raised_events
    assert "kling-3.0" in repr(closed)


async def test_one_unsupported_model_is_made_elsewhere_and_no_member_is_told(
    world: World, second: ScriptedProvider
) -> None:
    world.provider.will(create=[UNSUPPORTED])
    async with RunningCore(world).open() as running:
        await running.order(1)
        first = await running.until_notified(1)
        await running.order(2, BOB)
        await running.until_notified(2)

    assert first.state is JobState.DONE
    assert (world.provider.sent, second.sent) == ([1], [1, 2])


async def test_what_failed_for_free_after_a_raise_gives_all_of_it_back(world: World) -> None:
    await waiting(world, 1)
    world.catalog, world.limits = priced(Decimal("0.1")), (replace(NINETY_CENTS, most=500_000),)
    world.provider.will(create=[Refused(Refusal.REQUEST, "the content is not allowed")])

    async with RunningCore(world).open() as running:
        await running.until_notified()

    assert await world.store.usage(BOT) == Usage()
    assert [entry.booking for entry in await world.store.entries(1)] == [
        Booking.RESERVED,
        Booking.RAISED,
        Booking.RETURNED,
    ]


async def test_a_price_that_was_raised_is_kept_by_a_failure_that_may_be_charged(world: World) -> None:
    await waiting(world, 1)
    world.catalog, world.limits = priced(Decimal("0.1")), (replace(NINETY_CENTS, most=500_000),)
    world.provider.will(check=[Failed("failed", "no")])

    async with RunningCore(world).open() as running:
        await running.until_notified()

    assert await world.store.usage(BOT) == Usage(videos=1, spent=500_000)


async def test_a_week_in_doubt_closes_by_itself_and_stays_counted(world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("no answer")])
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.UNKNOWN)
        await world.clock.advance(6.9 * DAY)
        before = running.state()
        await world.clock.advance(DAY)
        job = running.job()

    assert (before, job.state, job.actor) == (JobState.UNKNOWN, JobState.DISMISSED, "matinee")
    assert await world.store.usage(BOT) == Usage(videos=1, spent=QUOTED)


@pytest.mark.parametrize("jump", [timedelta(days=30), timedelta(days=-30)])
async def test_a_clock_that_is_set_closes_no_doubt(world: World, jump: timedelta) -> None:
    world.provider.will(create=[OutcomeUnknown("no answer")])
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.UNKNOWN)
        world.clock.jump(jump)
        await world.clock.advance(2 * DAY)

        assert running.state() is JobState.UNKNOWN


async def test_a_doubt_of_a_week_is_closed_by_a_later_run_too(world: World) -> None:
    world.provider.will(create=[OutcomeUnknown("no answer")])
    async with RunningCore(world).open() as running:
        await running.order()
        await running.until(JobState.UNKNOWN)
        await settle()
    await world.clock.advance(8 * DAY)

    async with RunningCore(world).open() as running:
        await world.clock.advance(60)
        at_first = running.state()
        await running.until(JobState.DISMISSED, at_most=2 * DAY)

    assert at_first is JobState.UNKNOWN, "a clock is not believed at once"
