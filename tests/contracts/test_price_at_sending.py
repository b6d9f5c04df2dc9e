"""The price that counts is the one at the moment of sending: reserved again under all limits in one step."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.model.errors import Stale
from core.model.job import Charge, Job, Reason
from core.model.ledger import Booking, Measure, Scope, Usage, Window
from core.model.limits import Limit, LimitReached, OverLimit
from core.ports import JobStore
from tests.contracts.examples import ALICE, NOON, life, queued, ticket
from tests.contracts.test_ledger import BOT, LATER, PRICE, bookings

BUDGET = Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.DAY, most=3 * PRICE)
VIDEOS = Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=2)
PLACES = Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=1)
IN_DOUBT = Reason(code="silence", said="No answer came.", charge=Charge.PERHAPS)


def sent(job: Job, price: int | None) -> Job:
    return replace(job.submitting("anyint", NOON), price=price)


async def admitted(store: JobStore, *prices: int | None) -> list[Job]:
    """Admit jobs with these prices, under no limit."""
    jobs = [replace(queued(number), price=price) for number, price in enumerate(prices, start=1)]
    for job in jobs:
        await store.admit(job)
    return jobs


async def test_a03_an_equal_price_is_sent_and_books_nothing(store: JobStore) -> None:
    (job,) = await admitted(store, PRICE)

    await store.move(job, sent(job, PRICE), [BUDGET])

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0)]


async def test_a03_a_dearer_offer_is_reserved_again_where_it_fits(store: JobStore) -> None:
    (job,) = await admitted(store, PRICE)

    await store.move(job, sent(job, 3 * PRICE), [BUDGET])

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0), (Booking.RAISED, 2 * PRICE, 0)]
    assert await store.usage(BOT) == Usage(open_jobs=1, videos=1, reserved=3 * PRICE)
    assert (await store.get(1)) == sent(job, 3 * PRICE)


async def test_a03_a_dearer_offer_that_does_not_fit_changes_nothing(store: JobStore) -> None:
    job, _ = await admitted(store, PRICE, PRICE)

    with pytest.raises(LimitReached) as refused:
        await store.move(job, sent(job, 2 * PRICE + 1), [PLACES, VIDEOS, BUDGET])

    assert refused.value.over == OverLimit(BUDGET, used=PRICE)
    assert await store.get(1) == job
    assert len(await store.events(1)) == len(await store.entries(1)) == 1
    assert (await store.usage(BOT)).reserved == 2 * PRICE


async def test_a03_a_video_without_a_price_fits_no_budget(store: JobStore) -> None:
    (job,) = await admitted(store, PRICE)

    with pytest.raises(LimitReached):
        await store.move(job, sent(job, None), [VIDEOS, BUDGET])
    await store.move(job, sent(job, None), [VIDEOS])

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0)]


async def test_a03_a_price_that_became_known_is_reserved(store: JobStore) -> None:
    (job,) = await admitted(store, None)

    await store.move(job, sent(job, PRICE), [BUDGET])

    assert (await store.usage(BOT)).reserved == PRICE


async def test_a03_a_cheaper_offer_is_settled_at_what_it_cost(store: JobStore) -> None:
    (job,) = await admitted(store, PRICE)
    paid = sent(job, 100)
    await store.move(job, paid, [BUDGET])
    assert (await store.usage(BOT)).reserved == PRICE, "a dearer one may be needed after all"

    running = paid.running(ticket("task-1"), NOON, next_at=NOON)
    await store.move(paid, running)
    await store.move(running, running.ended(life(1)[-1].state.FAILED, IN_DOUBT, LATER))

    assert (await bookings(store))[-1] == (Booking.SETTLED, -PRICE, 100)
    assert await store.usage(BOT) == Usage(videos=1, spent=100)


async def test_a03_what_was_reserved_for_a_dearer_offer_is_not_reserved_again(store: JobStore) -> None:
    (job,) = await admitted(store, PRICE)
    cheap = sent(job, 100)
    await store.move(job, cheap, [BUDGET])
    waiting = cheap.requeued("busy", NOON, next_at=NOON)
    await store.move(cheap, waiting)

    await store.move(waiting, sent(waiting, PRICE), [BUDGET])

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0)]


async def test_a03_a_dearer_job_that_ends_free_gives_everything_back(store: JobStore) -> None:
    (job,) = await admitted(store, PRICE)
    paid = sent(job, 3 * PRICE)
    await store.move(job, paid, [BUDGET])
    free = Reason(code="refused", said="No.", charge=Charge.NOTHING)

    await store.move(paid, paid.ended(paid.state.REJECTED, free, LATER))

    assert await store.usage(BOT) == Usage()


@pytest.mark.parametrize(
    ("limit", "used"),
    [
        (replace(BUDGET, most=PRICE), PRICE),
        (replace(BUDGET, most=0), PRICE),
        (replace(VIDEOS, most=1), 1),
    ],
    ids=["budget", "nothing", "videos"],
)
async def test_limits_that_were_lowered_count_for_what_waits(
    store: JobStore, limit: Limit, used: int
) -> None:
    job, _ = await admitted(store, PRICE, PRICE)

    with pytest.raises(LimitReached) as refused:
        await store.move(job, sent(job, PRICE), [limit])

    assert refused.value.over == OverLimit(limit, used)


async def test_a_job_that_waits_has_its_place_whatever_the_limit_is_now(store: JobStore) -> None:
    job, _ = await admitted(store, PRICE, PRICE)

    await store.move(job, sent(job, PRICE), [PLACES])

    assert (await store.get(1)) == sent(job, PRICE)


async def test_one_that_moved_meanwhile_is_stale_and_not_over_a_limit(store: JobStore) -> None:
    (job,) = await admitted(store, PRICE)
    await store.move(job, job.cancelled(ALICE, LATER))

    with pytest.raises(Stale):
        await store.move(job, sent(job, 9 * PRICE), [BUDGET])


@pytest.mark.parametrize("price", [2 * PRICE, PRICE + 1], ids=["twice", "a millionth"])
async def test_a03_of_a_thousand_at_once_exactly_as_many_are_reserved_again_as_fit(
    store: JobStore, price: int
) -> None:
    jobs = [queued(number, requester_id=number % 7) for number in range(1, 1001)]
    await asyncio.gather(*(store.admit(job) for job in jobs))
    fits = 123
    budget = replace(BUDGET, most=1000 * PRICE + fits * (price - PRICE))

    moves = (store.move(job, sent(job, price), [budget]) for job in jobs)
    outcomes = await asyncio.gather(*moves, return_exceptions=True)

    assert outcomes.count(None) == fits
    assert {type(outcome) for outcome in outcomes} == {type(None), LimitReached}
    assert (await store.usage(BOT)).reserved == budget.most


async def test_a03_reservations_orders_and_ends_at_once_never_pass_the_budget(store: JobStore) -> None:
    budget = replace(BUDGET, most=40 * PRICE)
    seen: list[int] = []

    async def lived(number: int) -> None:
        job = queued(number)
        try:
            if not hasattr(await store.admit(job, [budget]), "job"):
                return
            await store.move(job, paid := sent(job, (1 + number % 3) * PRICE), [budget])
        except LimitReached:
            await store.move(job, job.cancelled(ALICE, LATER))
        else:
            if number % 2:
                await store.move(paid, paid.ended(paid.state.REJECTED, replace(IN_DOUBT, charge=FREE), LATER))
        finally:
            seen.append((await store.usage(BOT)).of(Measure.MONEY))

    await asyncio.gather(*(lived(number) for number in range(1, 400)))

    assert max(seen) <= budget.most
    assert len(set(seen)) > 3


FREE = Charge.NOTHING


async def in_doubt(store: JobStore, price: int = PRICE) -> Job:
    """Let a job get into doubt, having been sent at this price."""
    (job,) = await admitted(store, PRICE)
    paid = sent(job, price)
    doubt = paid.unknown(IN_DOUBT, NOON)
    await store.move(job, paid)
    await store.move(paid, doubt)
    return doubt


async def test_an_unconfirmed_job_gives_its_place_back_when_its_member_was_told_and_the_money_stays(
    store: JobStore,
) -> None:
    doubt = await in_doubt(store)
    assert await store.usage(BOT) == Usage(open_jobs=1, videos=1, reserved=PRICE)

    await store.move(doubt, doubt.notified(LATER, next_at=LATER))

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0), (Booking.FREED, 0, 0)]
    assert await store.usage(BOT) == Usage(open_jobs=0, videos=1, reserved=PRICE)


async def test_a_doubt_keeps_the_price_of_the_offer_that_was_taken_counted(store: JobStore) -> None:
    doubt = await in_doubt(store, price=100)

    await store.move(doubt, doubt.notified(LATER, next_at=LATER))

    assert await store.usage(BOT) == Usage(open_jobs=0, videos=1, reserved=100)


@pytest.mark.parametrize("is_superseded", [False, True], ids=["dismissed", "superseded"])
async def test_a_place_is_given_back_once(store: JobStore, *, is_superseded: bool) -> None:
    doubt = await in_doubt(store)
    told = doubt.notified(LATER, next_at=LATER)
    await store.move(doubt, told)
    await store.move(told, again := told.notified(LATER, next_at=LATER))

    decided = again.superseded(ALICE, LATER) if is_superseded else again.dismissed(ALICE, LATER)
    await store.move(again, decided)

    assert await store.usage(BOT) == Usage(open_jobs=0, videos=1, spent=PRICE)
    assert (await bookings(store))[-1] == (Booking.SETTLED, -PRICE, PRICE)


@pytest.mark.parametrize("charge", [Charge.NOTHING, Charge.FULL])
async def test_a_task_that_is_found_again_takes_no_place_and_is_settled_once(
    store: JobStore, charge: Charge
) -> None:
    doubt = await in_doubt(store)
    told = doubt.notified(LATER, next_at=LATER)
    await store.move(doubt, told)
    await store.move(told, running := told.running(ticket("found"), LATER, next_at=LATER))
    assert await store.usage(BOT) == Usage(open_jobs=0, videos=1, reserved=PRICE)

    failed = running.ended(running.state.FAILED, replace(IN_DOUBT, charge=charge), LATER)
    await store.move(running, failed)

    spent = 0 if charge is Charge.NOTHING else PRICE
    assert await store.usage(BOT) == Usage(open_jobs=0, videos=int(spent > 0), spent=spent)
