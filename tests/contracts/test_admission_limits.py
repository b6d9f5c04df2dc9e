from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from core.model.delivery import Destination
from core.model.job import Job
from core.model.ledger import Measure, Scope, Usage, Window, account
from core.model.limits import Admission, Admitted, Known, Limit, OverLimit
from core.ports import JobStore
from tests.contracts.examples import ALICE, BOB, NOON, in_doubt, queued

PRICE = 350_000
ONE_OPEN = Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=1)
TWO_A_DAY = Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=2)
SERVERS_DAY = Limit(scope=Scope.SERVER, measure=Measure.MONEY, window=Window.DAY, most=2 * PRICE)
BOTS_MONTH = Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.MONTH, most=3 * PRICE)


def outside(job: Job) -> Job:
    """The same job, ordered in no server."""
    return replace(job, destination=replace(job.destination, guild_id=None))


async def admitted(store: JobStore, *jobs: Job, limits: list[Limit]) -> list[bool]:
    """Order these one after the other."""
    return [isinstance(await store.admit(job, limits), Admitted) for job in jobs]


async def test_without_limits_everything_is_admitted(store: JobStore) -> None:
    assert await store.admit(queued(1)) == Admitted(queued(1))


async def test_a_job_over_a_limit_leaves_nothing_behind(store: JobStore) -> None:
    await store.admit(queued(1), [ONE_OPEN])

    assert await store.admit(queued(2), [ONE_OPEN]) == OverLimit(ONE_OPEN, used=1)
    assert await store.get(2) is None
    assert await store.events(2) == []
    assert await store.entries(2) == []


async def test_the_first_limit_that_is_reached_is_named(store: JobStore) -> None:
    await store.admit(queued(1))
    await store.admit(queued(2))

    outcome = await store.admit(queued(3), [BOTS_MONTH, TWO_A_DAY, SERVERS_DAY])

    assert outcome == OverLimit(TWO_A_DAY, used=2)


async def test_a_place_is_free_again_when_a_job_has_ended(store: JobStore) -> None:
    await store.admit(queued(1), [ONE_OPEN])
    await store.move(queued(1), queued(1).cancelled(ALICE, NOON))

    assert await admitted(store, queued(2), limits=[ONE_OPEN]) == [True]


async def test_a_doubt_takes_its_place_and_counts_as_spent(store: JobStore) -> None:
    order, paid, doubt = in_doubt(1)
    await store.admit(order)
    await store.move(order, paid)
    await store.move(paid, doubt)
    price = Limit(scope=Scope.MEMBER, measure=Measure.MONEY, most=2 * PRICE - 1)

    assert await store.admit(queued(2), [ONE_OPEN]) == OverLimit(ONE_OPEN, used=1)
    assert await store.admit(queued(2), [price]) == OverLimit(price, used=PRICE)


async def test_every_member_has_limits_of_their_own(store: JobStore) -> None:
    jobs = [queued(n, requester_id=ALICE if n % 2 else BOB) for n in range(1, 7)]

    assert await admitted(store, *jobs, limits=[TWO_A_DAY]) == [True, True, True, True, False, False]


async def test_a_member_is_the_same_in_every_server_and_outside(store: JobStore) -> None:
    elsewhere = replace(queued(2), destination=Destination(requester_id=ALICE, channel_id=9, guild_id=302))

    assert await admitted(store, queued(1), elsewhere, outside(queued(3)), limits=[TWO_A_DAY]) == [
        True,
        True,
        False,
    ]


async def test_a_servers_budget_concerns_no_one_outside(store: JobStore) -> None:
    jobs = [queued(1), queued(2), queued(3), outside(queued(4))]

    assert await admitted(store, *jobs, limits=[SERVERS_DAY]) == [True, True, False, True]


async def test_a_day_ends_at_midnight_utc_and_a_month_with_it(store: JobStore) -> None:
    tomorrow, next_month = 24 * 60, 31 * 24 * 60
    before_midnight = [queued(1), queued(2), queued(3, minutes=12 * 60 - 1)]
    after_it = [queued(4, minutes=12 * 60), queued(5, minutes=tomorrow), queued(6, minutes=next_month)]

    assert await admitted(store, *before_midnight, limits=[TWO_A_DAY]) == [True, True, False]
    assert await admitted(store, *after_it, limits=[BOTS_MONTH]) == [True, False, True]


async def test_what_was_ordered_in_another_zone_counts_by_utc(store: JobStore) -> None:
    in_tokyo = (NOON + timedelta(hours=6)).astimezone(timezone(timedelta(hours=9)))
    limit = Limit(scope=Scope.BOT, measure=Measure.VIDEOS, window=Window.DAY, most=1)

    assert in_tokyo.date() > NOON.date()
    assert await admitted(store, queued(1), limits=[limit]) == [True]
    assert await admitted(store, replace(queued(2), ordered_at=in_tokyo), limits=[limit]) == [False]


async def test_a_budget_is_used_to_the_last_millionth(store: JobStore) -> None:
    jobs = [replace(queued(n), price=price) for n, price in enumerate([PRICE, PRICE - 1, 2, 1, 1, 0])]

    assert await admitted(store, *jobs, limits=[SERVERS_DAY]) == [True, True, False, True, False, True]


async def test_no_budget_has_room_for_a_video_without_a_price(store: JobStore) -> None:
    job = replace(queued(1), price=None)

    assert await store.admit(job, [SERVERS_DAY]) == OverLimit(SERVERS_DAY, used=0)
    assert await store.admit(job, [ONE_OPEN]) == Admitted(job)


@pytest.mark.parametrize("measure", Measure)
async def test_nothing_is_admitted_under_a_limit_of_nothing(store: JobStore, measure: Measure) -> None:
    limit = Limit(scope=Scope.BOT, measure=measure, most=0)

    assert await store.admit(queued(1), [limit]) == OverLimit(limit, used=0)


async def test_a_known_id_is_known_even_when_its_limit_is_reached(store: JobStore) -> None:
    await store.admit(queued(1), [ONE_OPEN])

    assert await store.admit(queued(1), [ONE_OPEN]) == Known(queued(1))


@pytest.mark.parametrize(
    "limit",
    [
        Limit(scope=Scope.BOT, measure=Measure.OPEN_JOBS, most=100),
        Limit(scope=Scope.SERVER, measure=Measure.VIDEOS, window=Window.DAY, most=100),
        Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.MONTH, most=101 * PRICE - 1),
    ],
    ids=lambda limit: limit.measure,
)
async def test_of_a_thousand_at_once_exactly_as_many_are_admitted_as_the_limit_allows(
    store: JobStore, limit: Limit
) -> None:
    orders = [queued(n, requester_id=n % 7) for n in range(1000)]

    outcomes = await asyncio.gather(*(store.admit(order, [limit]) for order in orders))

    assert sum(isinstance(outcome, Admitted) for outcome in outcomes) == 100
    assert {type(outcome) for outcome in outcomes} == {Admitted, OverLimit}
    assert len([job async for job in store.pending()]) == 100


async def test_of_a_thousand_at_once_under_several_limits_none_is_passed(store: JobStore) -> None:
    limits = [
        Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=9),
        Limit(scope=Scope.SERVER, measure=Measure.MONEY, window=Window.DAY, most=50 * PRICE),
    ]
    orders = [queued(n, requester_id=n % 10) for n in range(1000)]

    outcomes = await asyncio.gather(*(store.admit(order, limits) for order in orders))

    assert sum(isinstance(outcome, Admitted) for outcome in outcomes) == 50
    for member in range(10):
        counted_on = account(queued(1, requester_id=member), Scope.MEMBER, Window.NONE)
        assert counted_on is not None
        assert (await store.usage(counted_on)).open_jobs <= 9


async def test_a_thousand_repetitions_of_one_order_take_one_place(store: JobStore) -> None:
    outcomes = await asyncio.gather(*(store.admit(queued(1), [ONE_OPEN]) for _ in range(1000)))

    assert [type(outcome) for outcome in outcomes].count(Admitted) == 1
    assert [type(outcome) for outcome in outcomes].count(Known) == 999


async def test_orders_and_ends_at_once_never_exceed_a_limit_nor_leave_it_unused(store: JobStore) -> None:
    limit = Limit(scope=Scope.BOT, measure=Measure.OPEN_JOBS, most=10)
    counted_on = limit.account(queued(1))
    assert counted_on is not None
    seen: list[Usage] = []

    async def ordered_and_cancelled(n: int) -> Admission:
        outcome = await store.admit(queued(n), [limit])
        seen.append(await store.usage(counted_on))
        if isinstance(outcome, Admitted):
            await store.move(queued(n), queued(n).cancelled(ALICE, NOON + timedelta(seconds=1)))
        return outcome

    outcomes = await asyncio.gather(*(ordered_and_cancelled(n) for n in range(300)))

    assert max(usage.open_jobs for usage in seen) <= 10
    assert sum(isinstance(outcome, Admitted) for outcome in outcomes) >= 10
    assert await store.usage(counted_on) == Usage()


async def test_a_cancelled_order_is_admitted_wholly_or_not_at_all(store: JobStore) -> None:
    limit = Limit(scope=Scope.BOT, measure=Measure.VIDEOS, most=40)
    orders = [asyncio.create_task(store.admit(queued(n), [limit])) for n in range(120)]
    for number, order in enumerate(orders):
        if number % 8 == 0:
            await asyncio.sleep(0)
        if number % 3 == 0:
            order.cancel()
    await asyncio.gather(*orders, return_exceptions=True)
    await store.admit(queued(1000), [limit])  # comes after all of them

    jobs = [job async for job in store.pending()]

    assert len(jobs) == 40
    for job in jobs:
        assert len(await store.entries(job.id)) == 1
