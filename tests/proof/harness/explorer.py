"""Explores every history of a program with at most so many faults, depth first."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from core.model.limits import Limit
from tests.proof.harness.checker import broken_meanwhile, broken_promises
from tests.proof.harness.disk import Disk, MemoryDisk
from tests.proof.harness.failpoints import CRASH_BEFORE, Failpoints, Fault, Passed, Script
from tests.proof.harness.lives import Make, live
from tests.proof.harness.program import Program
from tests.proof.harness.standing import standing
from tests.proof.harness.world import People, World, one_order

Plan: TypeAlias = tuple[tuple[int, int], ...]
"""At which failpoints, counted from the first start, something goes wrong, and which of their faults."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Which program, disk and gateways; what people do, and what may happen meanwhile.

    Where `only` names failpoints, things go wrong there only; what `without` names goes wrong nowhere. The
    last thing goes wrong no earlier than at the failpoint that is named `since`: what comes before it is
    explored in another scene.
    """

    make: Make = Program
    disk: Callable[[Path], Disk] = MemoryDisk
    providers: tuple[str, ...] = ("anyint",)
    events: Sequence[Fault] = ()
    people: People = one_order
    limits: Sequence[Limit] = ()
    only: Collection[str] = ()
    without: Collection[Fault] = ()
    since: str = ""
    closes_doubts: bool = False
    days: float = 4.0


@dataclass(frozen=True, slots=True)
class History:
    plan: Plan
    world: World

    @property
    def broken(self) -> list[str]:
        """The promises that it broke; of one that joined another the other one says how it goes on."""
        return (broken_meanwhile if self.world.has_joined else broken_promises)(self.world)

    def __str__(self) -> str:
        return "\n  ".join(["", *map(str, self.world.points.passed), *map("*** {}".format, self.broken)])

    __repr__ = __str__


@dataclass(slots=True)
class _Explorer:
    """`seen` are the worlds at which a program was started with nothing more to go wrong."""

    scene: Scene
    folder: Path
    faults: int
    is_thorough: bool
    seen: set[int] = field(default_factory=set[int])

    async def lived(self, plan: Plan) -> History:
        """Live the history in which exactly this goes wrong."""
        script, scene = Script(dict(plan)), self.scene

        async def is_known(world: World) -> bool:
            can_join = script.is_over and not self.is_thorough
            return can_join and await self._is_known(world, is_last=len(plan) == self.faults)

        _empty(self.folder)
        points = Failpoints(script, scene.events)
        world = World(points, scene.disk(self.folder), scene.providers, people=scene.people)
        world.limits, world.days, world.is_known = scene.limits, scene.days, is_known
        world.chronicle.closes_doubts = scene.closes_doubts
        await live(world, scene.make)
        assert asyncio.all_tasks() == {asyncio.current_task()}, "nothing of a history goes on after its end"
        assert len(points.faults) == len(plan), "the same history is lived again, with one fault more"
        return History(plan, world)

    async def _is_known(self, world: World, *, is_last: bool) -> bool:
        mark = hash(await standing(world))
        is_known = is_last and mark in self.seen
        self.seen.add(mark)
        return is_known

    def longer(self, history: History) -> list[Plan]:
        """Every plan with one fault more, after all the others."""
        passed = history.world.points.passed
        first = history.plan[-1][0] + 1 if history.plan else 0
        if len(history.plan) + 1 == self.faults and self.scene.since:
            names = [before.name for before in passed]
            first = max(first, names.index(self.scene.since) if self.scene.since in names else len(names))
        return [
            (*history.plan, (position, number))
            for position in range(first, len(passed))
            if self._counts(passed, position)
            for number, fault in enumerate(passed[position].faults)
            if fault not in self.scene.without
            if self.is_thorough or fault is not CRASH_BEFORE or not _is_after_an_effect(passed, position)
        ]

    def _counts(self, passed: Sequence[Passed], position: int) -> bool:
        """Whether something may go wrong there: of a row of equal questions at the first two and the last."""
        if self.scene.only and passed[position].name not in self.scene.only:
            return False
        row = {point.name for point in passed[max(position - 2, 0) : position + 2]}
        is_between = 2 <= position < len(passed) - 1 and len(row) == 1
        return self.is_thorough or not is_between


async def explored(
    scene: Scene, *, faults: int, every: int = 1, turn: int = 0, is_thorough: bool = False
) -> AsyncIterator[History]:
    """Live every history with at most so many faults; of those with the most, each `every`th from `turn` on.

    Unless thorough, three things are taken for granted. A crash before an effect is a crash after the one
    before it. Of a row of equal questions those in the middle are like the second. And where a program is
    started over a world in which one was started before, with nothing more to go wrong, it does the same
    again; ages count as equal there that lie within the same minute.
    """
    with TemporaryDirectory() as folder:
        explorer = _Explorer(scene, Path(folder), faults, is_thorough)
        plans: list[Plan] = [()]
        count = turn
        while plans:
            plan = plans.pop()
            count += len(plan) == faults
            if len(plan) == faults and count % every:
                continue
            history = await explorer.lived(plan)
            yield history
            if len(plan) < faults:
                plans += explorer.longer(history)


def _empty(folder: Path) -> None:
    """Remove what the history before has left."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _is_after_an_effect(passed: Sequence[Passed], position: int) -> bool:
    """Whether an effect that could be followed by a crash comes before this one, with only reads between."""
    earlier = (
        before for before in reversed(passed[:position]) if CRASH_BEFORE in before.faults or before.fault
    )
    before = next(earlier, None)
    return before is not None and before.fault is None
