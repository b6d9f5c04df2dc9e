from __future__ import annotations

import asyncio

import pytest

from cogs.crowd import AT_ONCE, MOST_OF_PERSON, Crowd
from core.errors import NotAllowed

ALICE, BOB = 101, 102


async def test_a_few_are_served_at_once_and_the_rest_waits() -> None:
    crowd, inside, most = Crowd(), 0, 0

    async def served(person: int) -> None:
        nonlocal inside, most
        async with crowd.turn(person):
            inside += 1
            most = max(most, inside)
            for _ in range(5):
                await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(served(person) for person in range(50)))

    assert (inside, most) == (0, AT_ONCE)


async def test_one_person_cannot_take_all_of_it() -> None:
    crowd, gate = Crowd(), asyncio.Event()

    async def held(person: int) -> None:
        async with crowd.turn(person):
            await gate.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(MOST_OF_PERSON):
            group.create_task(held(ALICE))
        await asyncio.sleep(0)
        with pytest.raises(NotAllowed, match="Nothing was ordered"):
            async with crowd.turn(ALICE):
                pass
        group.create_task(held(BOB))
        gate.set()


async def test_whoever_was_served_may_come_again() -> None:
    crowd = Crowd()

    for _ in range(MOST_OF_PERSON * 3):
        async with crowd.turn(ALICE):
            pass
