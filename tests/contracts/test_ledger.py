from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from core.model.delivery import Delivery, Way
from core.model.job import ENDED, Charge, Job, JobState, Reason
from core.model.ledger import Account, Booking, Measure, Scope, Usage, Window, account, period
from core.ports import JobStore
from tests.contracts.examples import (
    ALICE,
    BOB,
    NOON,
    in_doubt,
    in_state,
    life,
    moved_by_force,
    queued,
    ticket,
)

LATER = NOON + timedelta(minutes=9)
PRICE = 350_000
BOT = Account(Scope.BOT, 0, "")


async def lived(store: JobStore, *moments: Job) -> None:
    """Let a job live through these moments in a store."""
    await store.admit(moments[0])
    for before, after in pairwise(moments):
        await store.move(before, after)


async def bookings(store: JobStore, job_id: int = 1) -> list[tuple[Booking, int, int]]:
    return [(entry.booking, entry.reserved, entry.spent) for entry in await store.entries(job_id)]


def why(charge: Charge) -> Reason:
    return Reason(code="why", said="Something happened.", charge=charge)


async def test_a_price_is_reserved_when_the_job_is_admitted(store: JobStore) -> None:
    await store.admit(queued(1))

    (entry,) = await store.entries(1)

    assert (entry.job_id, entry.at, entry.booking) == (1, NOON, Booking.RESERVED)
    assert await store.usage(BOT) == Usage(open_jobs=1, videos=1, reserved=PRICE, spent=0)


async def test_an_id_that_is_known_is_not_reserved_for_again(store: JobStore) -> None:
    await store.admit(queued(1))
    await store.admit(queued(1, requester_id=BOB))

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0)]
    assert await store.usage(Account(Scope.MEMBER, BOB, "")) == Usage()


async def test_a_delivered_video_is_settled_when_its_job_is_done(store: JobStore) -> None:
    moments = life(1)

    await lived(store, *moments[:-1])
    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0)]
    await store.move(moments[-2], moments[-1])

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0), (Booking.SETTLED, -PRICE, PRICE)]
    assert await store.usage(BOT) == Usage(open_jobs=0, videos=1, reserved=0, spent=PRICE)


async def test_a_cancelled_job_gets_its_price_back(store: JobStore) -> None:
    order = queued(1)

    await lived(store, order, order.cancelled(ALICE, LATER))

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0), (Booking.RETURNED, -PRICE, 0)]
    assert await store.usage(BOT) == Usage()


@pytest.mark.parametrize("state", [JobState.REJECTED, JobState.UNKNOWN])
async def test_a_refusal_gives_back_and_a_doubt_does_not(store: JobStore, state: JobState) -> None:
    paid = queued(1).submitting("anyint", NOON)
    free = why(Charge.NOTHING)
    after = paid.unknown(free, LATER) if state is JobState.UNKNOWN else paid.ended(state, free, LATER)

    await lived(store, queued(1), paid, after)

    used = (await store.usage(BOT)).of(Measure.MONEY)
    assert used == (PRICE if state is JobState.UNKNOWN else 0)


@pytest.mark.parametrize("charge", Charge)
async def test_a_failure_gives_back_only_what_was_certainly_not_charged(
    store: JobStore, charge: Charge
) -> None:
    running = life(1)[:3]

    await lived(store, *running, running[-1].ended(JobState.FAILED, why(charge), LATER))

    spent = 0 if charge is Charge.NOTHING else PRICE
    assert await store.usage(BOT) == Usage(videos=int(spent > 0), spent=spent)


@pytest.mark.parametrize("decision", [JobState.DISMISSED, JobState.SUPERSEDED])
async def test_an_unknown_outcome_that_stays_unknown_stays_spent(store: JobStore, decision: JobState) -> None:
    doubt = in_doubt(1)

    await lived(store, *doubt, moved_by_force(doubt[-1], decision))

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0), (Booking.SETTLED, -PRICE, PRICE)]


async def test_a_task_that_is_found_again_keeps_its_reservation(store: JobStore) -> None:
    doubt = in_doubt(1)

    await lived(store, *doubt, doubt[-1].running(ticket("found"), LATER, next_at=LATER))

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0)]


async def test_telling_of_an_end_books_nothing_more(store: JobStore) -> None:
    order = queued(1)
    cancelled = order.cancelled(ALICE, LATER)

    await lived(store, order, cancelled, cancelled.notified(LATER))

    assert len(await store.entries(1)) == 2


async def test_a_video_that_is_brought_once_more_is_paid_once(store: JobStore) -> None:
    delivering = life(1)[:8]
    kept = delivering[-1].ended(JobState.UNDELIVERABLE, why(Charge.FULL), LATER)
    again = kept.notified(LATER).retry_delivery(ALICE, LATER)
    delivered = again.delivered(Delivery(plan=Way.ATTACH, channel_id=201, message_id=501), LATER)

    await lived(store, *delivering, kept, kept.notified(LATER), again, delivered, delivered.done(LATER))

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0), (Booking.SETTLED, -PRICE, PRICE)]
    assert await store.usage(BOT) == Usage(videos=1, spent=PRICE)


@pytest.mark.parametrize(
    ("price", "spent"), [(100_000, 100_000), (900_000, PRICE), (None, PRICE)], ids=["less", "more", "unknown"]
)
async def test_never_more_is_settled_than_was_reserved(
    store: JobStore, price: int | None, spent: int
) -> None:
    doubt = in_doubt(1)

    await lived(store, *doubt, replace(doubt[-1].dismissed(ALICE, LATER), price=price))

    assert await bookings(store) == [(Booking.RESERVED, PRICE, 0), (Booking.SETTLED, -PRICE, spent)]


async def test_a_job_without_a_price_is_counted_as_a_video(store: JobStore) -> None:
    await store.admit(replace(queued(1), price=None))

    assert await store.usage(BOT) == Usage(open_jobs=1, videos=1)


@pytest.mark.parametrize("state", sorted(ENDED))
async def test_what_has_ended_before_it_came_here_is_not_booked(store: JobStore, state: JobState) -> None:
    await store.admit(in_state(1, state))

    assert await store.entries(1) == []


async def test_a_move_that_is_refused_books_nothing(store: JobStore) -> None:
    order = queued(1)
    await store.admit(order)
    await store.move(order, order.submitting("anyint", NOON))

    with pytest.raises(Exception, match="no longer QUEUED"):
        await store.move(order, order.cancelled(ALICE, LATER))

    assert len(await store.entries(1)) == 1


async def test_a_job_counts_for_its_member_its_server_and_the_bot_by_day_month_and_always(
    store: JobStore,
) -> None:
    alone = replace(queued(2), destination=replace(queued(2).destination, guild_id=None))
    await store.admit(queued(1))
    await store.admit(alone)
    await store.admit(queued(3, requester_id=BOB, minutes=24 * 60))
    await store.admit(queued(4, minutes=31 * 24 * 60))

    async def videos(scope: Scope, owner: int) -> list[int]:
        windows = [period(NOON, window) for window in (Window.NONE, Window.MONTH, Window.DAY)]
        return [(await store.usage(Account(scope, owner, window))).videos for window in windows]

    assert await videos(Scope.MEMBER, ALICE) == [3, 2, 2]
    assert await videos(Scope.MEMBER, BOB) == [1, 1, 0]
    assert await videos(Scope.SERVER, 301) == [3, 2, 1]
    assert await videos(Scope.BOT, 0) == [4, 3, 2]


async def test_what_ends_on_another_day_is_booked_on_the_day_it_was_ordered(store: JobStore) -> None:
    order = queued(1)

    await lived(store, order, order.cancelled(ALICE, NOON + timedelta(days=40)))

    for window in Window:
        ordered_in = account(order, Scope.BOT, window)
        assert ordered_in is not None
        assert await store.usage(ordered_in) == Usage()
    assert await store.usage(Account(Scope.BOT, 0, "2026-04-10")) == Usage()
