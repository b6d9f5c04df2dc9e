from __future__ import annotations

import asyncio

import pytest

from cogs.ui.concurrency import AT_ONCE, MOST_OF_PERSON, Backpressure
from core.model.errors import NotAllowed
from tests.fakes.clock import VirtualClock, settle

ALICE, BOB = 101, 102


async def test_a_few_are_served_at_once_and_the_rest_waits() -> None:
    backpressure, inside, most = Backpressure(VirtualClock()), 0, 0

    async def served(channel: int) -> None:
        nonlocal inside, most
        async with backpressure.turn(channel):
            inside += 1
            most = max(most, inside)
            for _ in range(5):
                await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(served(channel) for channel in range(50)))

    assert (inside, most) == (0, AT_ONCE)


async def test_one_person_cannot_take_all_of_it() -> None:
    backpressure, gate = Backpressure(VirtualClock()), asyncio.Event()

    async def held(actor: int) -> None:
        with backpressure.enter(actor):
            await gate.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(MOST_OF_PERSON):
            group.create_task(held(ALICE))
        await asyncio.sleep(0)
        with pytest.raises(NotAllowed, match="Nothing was ordered"), backpressure.enter(ALICE):
            pass
        group.create_task(held(BOB))
        gate.set()


async def test_a_member_who_was_served_may_come_again() -> None:
    backpressure = Backpressure(VirtualClock())

    for _ in range(MOST_OF_PERSON * 3):
        with backpressure.enter(ALICE):
            pass


async def test_a09_a_channel_that_hangs_takes_no_turns_of_another() -> None:
    backpressure, served = Backpressure(VirtualClock()), list[int]()

    async def hang(channel: int) -> None:
        async with backpressure.turn(channel):
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        hung = [group.create_task(hang(7)) for _ in range(20)]
        await settle()
        async with backpressure.turn(8):
            served.append(8)
        for task in hung:
            task.cancel()

    assert served == [8]
