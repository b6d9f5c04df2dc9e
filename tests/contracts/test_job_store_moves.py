from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.model.job import LEGAL_MOVES, IllegalMove, JobState
from core.ports import JobStore
from tests.contracts.examples import in_state, life, moved_by_force, queued, record

PAIRS = [(before, after) for before in JobState for after in JobState]
LEGAL = [(before, after) for before, after in PAIRS if after in LEGAL_MOVES[before]]
ILLEGAL = [(before, after) for before, after in PAIRS if after not in LEGAL_MOVES[before]]


async def outcomes_of(store: JobStore, pairs: list[tuple[JobState, JobState]]) -> list[BaseException | None]:
    """Try all of these moves at once, each with a job of its own, whose id is its place in the list."""
    jobs = [in_state(place, before) for place, (before, _) in enumerate(pairs)]
    await asyncio.gather(*(store.admit(job) for job in jobs))
    moves = (store.move(job, moved_by_force(job, to)) for job, (_, to) in zip(jobs, pairs, strict=True))
    return await asyncio.gather(*moves, return_exceptions=True)


async def test_every_legal_move_is_made(store: JobStore) -> None:
    outcomes = await outcomes_of(store, LEGAL)

    assert outcomes == [None] * len(LEGAL)
    for place, (before, after) in enumerate(LEGAL):
        last = (await store.events(place))[-1]
        assert (last.before, last.after) == (before, after)


async def test_every_other_move_is_refused_and_changes_nothing(store: JobStore) -> None:
    outcomes = await outcomes_of(store, ILLEGAL)

    assert {type(outcome) for outcome in outcomes} == {IllegalMove}
    for place, (before, _) in enumerate(ILLEGAL):
        assert await store.get(place) == in_state(place, before)
        assert len(await store.events(place)) == 1


async def test_an_illegal_move_harms_none_of_those_made_at_the_same_time(store: JobStore) -> None:
    outcomes = await outcomes_of(store, [*LEGAL, ILLEGAL[0], *LEGAL])

    assert outcomes.count(None) == 2 * len(LEGAL)
    assert isinstance(outcomes[len(LEGAL)], IllegalMove)


async def test_moves_made_at_the_same_time_each_change_their_own_parts_and_no_others(store: JobStore) -> None:
    lives = [life(number) for number in range(1, len(life(0)))]
    await asyncio.gather(*(record(store, moments[:place]) for place, moments in enumerate(lives, start=1)))

    steps = [(moments[place - 1], moments[place]) for place, moments in enumerate(lives, start=1)]
    await asyncio.gather(*(store.move(before, after) for before, after in steps))

    assert [await store.get(after.id) for _, after in steps] == [after for _, after in steps]
    assert len({after.state for _, after in steps}) > 5


@pytest.mark.parametrize("version", [0, 2, -1])
async def test_a_version_rises_by_exactly_one(store: JobStore, version: int) -> None:
    order = queued(1)
    await store.admit(order)
    moved = replace(moved_by_force(order, JobState.SUBMITTING), version=version)

    with pytest.raises(IllegalMove):
        await store.move(order, moved)
    assert await store.get(1) == order
