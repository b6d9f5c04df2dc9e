"""Explores every history of a program with at most so many faults, depth first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from tests.proof.checker import broken_promises
from tests.proof.disk import Disk, MemoryDisk
from tests.proof.failpoints import CRASH_BEFORE, Failpoints, Fault, Passed, Script
from tests.proof.lives import Make, live
from tests.proof.program import Program
from tests.proof.world import People, World, one_order

Plan: TypeAlias = tuple[tuple[int, int], ...]
"""At which failpoints, counted from the first start, something goes wrong, and which of their faults."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Which program, disk and gateways; what people do, and what may happen meanwhile."""

    make: Make = Program
    disk: Callable[[Path], Disk] = MemoryDisk
    providers: tuple[str, ...] = ("anyint",)
    events: Sequence[Fault] = ()
    people: People = one_order


@dataclass(frozen=True, slots=True)
class History:
    plan: Plan
    world: World

    @property
    def broken(self) -> list[str]:
        """The promises that it broke."""
        return broken_promises(self.world)

    def __str__(self) -> str:
        return "\n  ".join(["", *map(str, self.world.points.passed), *map("*** {}".format, self.broken)])

    __repr__ = __str__


async def explored(
    scene: Scene, *, faults: int, every: int = 1, is_thorough: bool = False
) -> AsyncIterator[History]:
    """Live every history with at most so many faults; of those with the most faults, each `every`th.

    A crash before an effect is a crash after the one before it: unless thorough, it is lived only there.
    """
    plans: list[Plan] = [()]
    count = 0
    while plans:
        plan = plans.pop()
        count += len(plan) == faults
        if len(plan) == faults and count % every:
            continue
        history = await _lived(scene, plan)
        yield history
        if len(plan) < faults:
            plans += _longer(history, is_thorough=is_thorough)


async def _lived(scene: Scene, plan: Plan) -> History:
    """Live the history in which exactly this goes wrong."""
    with TemporaryDirectory() as folder:
        points = Failpoints(Script(dict(plan)), scene.events)
        world = World(points, scene.disk(Path(folder)), scene.providers, people=scene.people)
        await live(world, scene.make)
    assert asyncio.all_tasks() == {asyncio.current_task()}, "nothing of a history goes on after its end"
    assert len(points.faults) == len(plan), "the same history is lived again, with one fault more"
    return History(plan, world)


def _longer(history: History, *, is_thorough: bool) -> list[Plan]:
    """Every plan with one fault more, after all the others."""
    passed = history.world.points.passed
    first = history.plan[-1][0] + 1 if history.plan else 0
    return [
        (*history.plan, (position, number))
        for position in range(first, len(passed))
        for number, fault in enumerate(passed[position].faults)
        if is_thorough or fault is not CRASH_BEFORE or not _is_after_an_effect(passed, position)
    ]


def _is_after_an_effect(passed: Sequence[Passed], position: int) -> bool:
    """Whether an effect that could be followed by a crash comes before this one, with only reads between."""
    earlier = (
        before for before in reversed(passed[:position]) if CRASH_BEFORE in before.faults or before.fault
    )
    before = next(earlier, None)
    return before is not None and before.fault is None
