from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.dispatch.picture_queue import (
    MOST_BYTES,
    MOST_OF_MEMBER,
    MOST_WAITING,
    PATIENCE_SECONDS,
    PictureQueue,
)
from core.model.errors import NotAllowed
from tests.fakes.clock import VirtualClock, settle

ALICE, BOB, CAROL = 101, 102, 103
LIGHT, HEAVY = 80_000_000, 320_000_000


class Watched:
    """A queue, and in which order pictures had their turn. Each takes as long as the test says."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.queue = PictureQueue(self.clock)
        self.served = list[str]()
        self._gate = asyncio.Semaphore(0)

    async def look_at(self, name: str, member_id: int, weight: int) -> None:
        async with self.queue.enter(member_id, 1000), self.queue.turn(member_id, weight):
            self.served.append(name)
            await self._gate.acquire()

    async def finish(self, count: int) -> None:
        for _ in range(count):
            self._gate.release()
            await settle()


async def served(group: asyncio.TaskGroup, pictures: Sequence[tuple[str, int, int]]) -> Watched:
    watched = Watched()
    for picture in pictures:
        group.create_task(watched.look_at(*picture))
        await settle()
    return watched


async def test_one_is_looked_at_at_a_time_and_the_lightest_goes_first() -> None:
    async with asyncio.TaskGroup() as group:
        watched = await served(group, [("1", ALICE, HEAVY), ("2", BOB, HEAVY), ("3", CAROL, LIGHT)])
        at_first = list(watched.served)
        await watched.finish(3)

    assert at_first == ["1"]
    assert watched.served == ["1", "3", "2"]


async def test_two_members_take_turns() -> None:
    async with asyncio.TaskGroup() as group:
        pictures = [*((f"alice {number}", ALICE, LIGHT) for number in range(4)), ("bob 0", BOB, LIGHT)]
        watched = await served(group, [*pictures, ("bob 1", BOB, LIGHT)])
        await watched.finish(6)

    assert watched.served == ["alice 0", "bob 0", "alice 1", "bob 1", "alice 2", "alice 3"]


async def test_a_heavy_one_is_not_kept_waiting_for_ever() -> None:
    async with asyncio.TaskGroup() as group:
        watched = await served(group, [("first", CAROL, LIGHT), ("heavy", ALICE, HEAVY)])
        await watched.clock.advance(PATIENCE_SECONDS)
        for number in range(4):
            group.create_task(watched.look_at(f"light {number}", 200 + number, LIGHT))
        await settle()
        await watched.finish(6)

    assert watched.served[:3] == ["first", "heavy", "light 0"]


async def test_of_those_that_wait_for_long_only_every_second_goes_before_a_light_one() -> None:
    async with asyncio.TaskGroup() as group:
        watched = await served(group, [(f"heavy {number}", 300 + number, HEAVY) for number in range(4)])
        await watched.clock.advance(PATIENCE_SECONDS)
        group.create_task(watched.look_at("light", ALICE, LIGHT))
        await settle()
        await watched.finish(5)

    assert watched.served.index("light") <= 2


async def test_there_is_a_bound_for_each_member_and_for_all() -> None:
    watched = Watched()

    async with asyncio.TaskGroup() as group:
        for number in range(MOST_WAITING):
            group.create_task(watched.look_at("", number // MOST_OF_MEMBER, LIGHT))
        await settle()
        with pytest.raises(NotAllowed, match=r"16 of your pictures wait .* nothing was charged"):
            await watched.look_at("", 0, LIGHT)
        with pytest.raises(NotAllowed, match=r"Too many pictures .* nothing was charged"):
            await watched.look_at("", ALICE, LIGHT)
        await watched.finish(MOST_WAITING)

    async with watched.queue.enter(0, MOST_BYTES):
        with pytest.raises(NotAllowed, match="Too many pictures"):
            await watched.look_at("", ALICE, LIGHT)


async def test_a_caller_that_gives_up_leaves_the_others_their_turn() -> None:
    watched = Watched()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(watched.look_at(f"{number}", number, LIGHT)) for number in range(4)]
        await settle()
        tasks[0].cancel()
        tasks[1].cancel()
        await settle()
        await watched.finish(2)

    assert watched.served == ["0", "2", "3"]


async def test_when_the_program_stops_every_caller_is_told_at_once() -> None:
    watched = Watched()
    tasks = [asyncio.create_task(watched.look_at(f"{number}", number, LIGHT)) for number in range(3)]
    await settle()

    watched.queue.close()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    with pytest.raises(NotAllowed, match="just restarting"):
        await watched.look_at("late", ALICE, LIGHT)

    assert [type(answer) for answer in answers] == [NotAllowed] * 3
    assert watched.served == ["0"]
