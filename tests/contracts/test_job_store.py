from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from core.model.errors import Stale, TaskTaken
from core.model.job import IllegalMove, JobState
from core.model.job_outline import outline
from core.model.limits import Admitted, Known
from core.ports import JobStore
from tests.contracts.examples import ALICE, BOB, NOON, in_doubt, in_state, life, queued, record, ticket


async def test_a_job_comes_back_as_it_was_at_every_moment_of_its_life(store: JobStore) -> None:
    moments = life(1)

    assert isinstance(await store.admit(moments[0]), Admitted)
    for before, after in pairwise(moments):
        assert await store.get(1) == before
        await store.move(before, after)
    assert await store.get(1) == moments[-1]


async def test_an_unknown_job_is_none(store: JobStore) -> None:
    assert await store.get(1) is None


async def test_a_known_id_is_not_admitted_again_and_nothing_changes(store: JobStore) -> None:
    await store.admit(queued(1))

    assert await store.admit(queued(1, requester_id=BOB)) == Known(queued(1))
    assert await store.get(1) == queued(1)
    assert len(await store.events(1)) == 1


async def test_a_thousand_admissions_of_one_id_make_one_job(store: JobStore) -> None:
    outcomes = await asyncio.gather(*(store.admit(queued(1, requester_id=n)) for n in range(1000)))

    assert [type(outcome) for outcome in outcomes].count(Admitted) == 1
    assert [type(outcome) for outcome in outcomes].count(Known) == 999
    assert len(await store.recent(limit=2000)) == 1
    assert len(await store.events(1)) == 1


async def test_a_job_that_has_not_ended_must_have_a_time_to_look_at_it(store: JobStore) -> None:
    order = queued(1)
    paid = replace(order.submitting("anyint", NOON), next_at=None)
    await store.admit(order)

    with pytest.raises(IllegalMove):
        await store.admit(replace(queued(2), next_at=None))
    with pytest.raises(IllegalMove):
        await store.move(order, paid)
    assert await store.get(1) == order
    assert await store.get(2) is None


async def test_of_two_who_move_a_job_at_once_one_is_told_that_it_is_stale(store: JobStore) -> None:
    order = queued(1)
    await store.admit(order)

    outcomes = await asyncio.gather(
        store.move(order, order.submitting("anyint", NOON)),
        store.move(order, order.cancelled(ALICE, NOON)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes].count(Stale) == 1
    assert outcomes.count(None) == 1
    assert len(await store.events(1)) == 2


async def test_an_old_version_in_the_same_state_is_stale(store: JobStore) -> None:
    running = life(1)[2]
    asked = running.relink("still running", NOON)
    await record(store, [*life(1)[:3], asked])

    with pytest.raises(Stale):
        await store.move(running, running.relink("still running", NOON))
    assert await store.get(1) == asked


async def test_moving_a_job_that_is_not_there_is_stale(store: JobStore) -> None:
    with pytest.raises(Stale):
        await store.move(queued(1), queued(1).submitting("anyint", NOON))


async def test_a_move_takes_its_parts_along_and_clears_those_that_are_gone(store: JobStore) -> None:
    doubtful = in_doubt(1)
    found = doubtful[-1].running(ticket("found"), NOON, next_at=NOON)
    await record(store, [*doubtful, found])

    job = await store.get(1)

    assert (found.ticket, found.reason) == (ticket("found"), None)
    assert job == found


async def test_a_move_may_change_request_price_and_card(store: JobStore) -> None:
    order = queued(1)
    card = replace(order.destination, card_id=999, upload_limit=None)
    request = replace(order.request, prompt="a steel boat")
    changed = replace(order.submitting("anyint", NOON), destination=card, request=request, price=None)

    await record(store, [order, changed])

    assert await store.get(1) == changed


async def test_a_move_never_changes_whose_job_it_is(store: JobStore) -> None:
    order = queued(1)
    await store.admit(order)
    paid = order.submitting("anyint", NOON)

    for other in (
        replace(paid, id=2),
        replace(paid, parent_id=7),
        replace(paid, ordered_at=NOON.replace(year=2020)),
        replace(paid, destination=replace(paid.destination, requester_id=BOB)),
    ):
        with pytest.raises(IllegalMove):
            await store.move(order, other)
    assert await store.get(1) == order


async def test_a_paid_task_belongs_to_one_job(store: JobStore) -> None:
    first, second = life(1), in_doubt(2)
    await record(store, first)
    await record(store, second)

    with pytest.raises(TaskTaken):
        await store.move(second[-1], second[-1].running(ticket("task-1"), NOON, next_at=NOON))
    assert await store.get(2) == second[-1]
    assert len(await store.events(2)) == 3


async def test_two_jobs_that_claim_one_task_at_once_do_not_both_get_it(store: JobStore) -> None:
    jobs = [in_doubt(1), in_doubt(2)]
    for moments in jobs:
        await record(store, moments)

    outcomes = await asyncio.gather(
        *(store.move(job, job.running(ticket("one"), NOON, next_at=NOON)) for *_, job in jobs),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes].count(TaskTaken) == 1
    assert outcomes.count(None) == 1


async def test_the_same_task_id_at_another_provider_is_another_task(store: JobStore) -> None:
    second = in_doubt(2)
    await record(store, life(1))
    elsewhere = replace(ticket("task-1"), provider="worldrouter")

    await record(store, [*second, second[-1].running(elsewhere, NOON, next_at=NOON)])

    job = await store.get(2)
    assert job is not None
    assert job.ticket == elsewhere


async def test_history_has_one_line_for_each_move(store: JobStore) -> None:
    moments = life(1)
    await record(store, moments)

    events = await store.events(1)

    assert [event.after for event in events] == [moment.state for moment in moments]
    assert [event.before for event in events] == [None, *(moment.state for moment in moments[:-1])]
    assert [event.at for event in events] == [moment.updated_at for moment in moments]
    assert [(event.actor, event.detail) for event in events] == [
        (moment.actor, moment.detail) for moment in moments
    ]


async def test_history_of_a_job_holds_nothing_of_others(store: JobStore) -> None:
    await record(store, life(1))
    await store.admit(queued(2))

    assert [event.job_id for event in await store.events(2)] == [2]
    assert await store.events(3) == []


async def test_pending_jobs_are_those_with_something_left_to_do_the_oldest_first(store: JobStore) -> None:
    await store.admit(queued(1, minutes=5))
    await store.admit(queued(2, minutes=1))
    await store.admit(in_state(3, JobState.FAILED))
    await store.admit(replace(in_state(4, JobState.FAILED), next_at=None))
    await store.admit(queued(5, minutes=1))
    await record(store, life(6))

    assert [job.id async for job in store.pending()] == [3, 2, 5, 1]


async def test_an_outline_says_what_its_job_says(store: JobStore) -> None:
    silent = replace(queued(3).request, mode=None, audio=None)
    for moments in (life(1)[:2], life(2)[:3], [replace(queued(3), request=silent)], in_doubt(4), life(5)):
        await record(store, moments)

    outlines = [found async for found in store.outlines()]

    assert outlines == [outline(job) async for job in store.pending()]
    assert [found.state for found in outlines] == ["SUBMITTING", "RUNNING", "QUEUED", "UNKNOWN"]


async def test_more_pending_jobs_than_are_read_at_once_all_come(store: JobStore) -> None:
    orders = [queued(n, minutes=n // 7) for n in range(1, 1208)]
    await asyncio.gather(*(store.admit(order) for order in reversed(orders)))

    assert [job async for job in store.pending()] == orders


async def test_a_requester_finds_their_own_jobs_the_newest_first(store: JobStore) -> None:
    for n in range(1, 6):
        await store.admit(queued(n, requester_id=ALICE if n % 2 else BOB, minutes=10 - n))

    assert [job.id for job in await store.of_requester(ALICE)] == [1, 3, 5]
    assert [job.id for job in await store.of_requester(ALICE, limit=2)] == [1, 3]
    assert await store.of_requester(999) == []


async def test_a_job_is_found_by_its_card(store: JobStore) -> None:
    place = queued(1).destination
    await store.admit(replace(queued(1), destination=replace(place, card_id=41)))
    await store.admit(replace(queued(2), destination=replace(place, card_id=42)))

    found = [await store.by_message(message_id) for message_id in (41, 42, 43)]

    assert [job and job.id for job in found] == [1, 2, None]


async def test_a_job_is_found_by_its_result_where_that_stands_elsewhere(store: JobStore) -> None:
    moments = life(1)
    await record(store, moments)

    assert await store.by_message(501) == moments[-1]
    assert await store.by_message(401) == moments[-1]


async def test_recent_jobs_are_everybodys_the_newest_first(store: JobStore) -> None:
    for n in range(1, 6):
        await store.admit(queued(n, requester_id=n, minutes=n))

    assert [job.id for job in await store.recent(limit=3)] == [5, 4, 3]


async def test_a_cancelled_caller_leaves_the_store_usable_and_the_job_whole(store: JobStore) -> None:
    orders = [queued(n) for n in range(1, 301)]
    await asyncio.gather(*(store.admit(order) for order in orders))

    moves = [asyncio.create_task(store.move(order, order.submitting("anyint", NOON))) for order in orders]
    for number, move in enumerate(moves):
        if number % 10 == 0:
            await asyncio.sleep(0)
        move.cancel()
    await asyncio.gather(*moves, return_exceptions=True)

    for order in orders:
        job = await store.get(order.id)
        assert job in {order, order.submitting("anyint", NOON)}
        if job == order:
            await store.move(order, order.submitting("anyint", NOON))
        assert len(await store.events(order.id)) == 2
