"""The whole program, driven by chance: people, time, faults, crashes, stops and clocks that jump."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import defaultdict, deque
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.model.ledger import Measure, Scope
from core.model.limits import Limit
from tests.fakes.running_core import ALICE
from tests.proof.harness.checker import broken_meanwhile, broken_promises
from tests.proof.harness.disk import MemoryDisk
from tests.proof.harness.failpoints import AGAIN, CANCEL, COMMANDS, REPLAY, STOP, Failpoints, Fault
from tests.proof.harness.lives import DAY, begin_again
from tests.proof.harness.program import Program
from tests.proof.harness.world import World, ended, quiet

PRICE: Final = 420_000
MEMBERS: Final = (ALICE, 102, 103)
WAITS: Final = (0.0, 1.0, 10.0, 120.0, 1800.0)
PLACES: Final = (
    *("admit", "read", "save SUBMITTING", "create", "log", "save RUNNING", "check", "look up"),
    *("save READY", "fetch", "save STORED", "save DELIVERING", "upload", "save DELIVERED", "post"),
    *("edit", "history", "card", "save DONE", "save UNKNOWN", "save QUEUED", "save REJECTED"),
    *("save LOST", "save FAILED", "restart"),
)
"""Failpoints at which something may be laid out to happen."""


@dataclass(slots=True)
class Traps:
    """A choice: what was laid out for a failpoint happens when somebody comes by."""

    laid: defaultdict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque[int]))

    def __call__(self, name: str, faults: Sequence[Fault]) -> Fault | None:
        line = self.laid.get(name)
        return faults[line.popleft() % len(faults)] if line and faults else None


class WholeProgram(RuleBasedStateMachine):
    """`orders` are the jobs that people asked for, and who did."""

    def __init__(self) -> None:
        super().__init__()
        logging.disable(logging.CRITICAL)
        self.folder = TemporaryDirectory()
        self.loop = asyncio.Runner()
        self.traps = Traps()
        self.world = World(
            points=Failpoints(self.traps, (STOP, CANCEL, AGAIN, REPLAY, *COMMANDS)),
            disk=MemoryDisk(Path(self.folder.name)),
            limits=[Limit(scope=Scope.BOT, measure=Measure.MONEY, most=6 * PRICE)],
        )
        self.numbers = itertools.count(1)
        self.orders: list[tuple[int, int]] = []
        self.program, self.running, self.files = self.loop.run(self.started())

    def teardown(self) -> None:
        """Let everything come to rest, and look whether every promise was kept."""
        self.traps.laid.clear()
        try:
            self.loop.run(self.come_to_rest())
            self.look_at_clips()
            assert broken_promises(self.world) == []
        finally:
            self.loop.run(self.end())
            self.loop.close()
            self.folder.cleanup()
            logging.disable(logging.NOTSET)

    @rule(member=st.sampled_from(MEMBERS))
    def order(self, member: int) -> None:
        self.orders.append((next(self.numbers), member))
        job_id = self.orders[-1][0]
        self.loop.run(self.do(self.program.order(job_id, member_id=member)))

    @precondition(lambda self: bool(self.orders))
    @rule(data=st.data())
    def order_the_same_again(self, data: st.DataObject) -> None:
        job_id, member = data.draw(st.sampled_from(self.orders))
        self.loop.run(self.do(self.program.order(job_id, member_id=member)))

    @precondition(lambda self: bool(self.orders))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id, member = data.draw(st.sampled_from(self.orders))
        self.loop.run(self.do(self.program.cancel(job_id, member_id=member)))

    @precondition(lambda self: bool(self.orders))
    @rule(data=st.data(), command=st.sampled_from(COMMANDS))
    def the_operator_commands(self, data: st.DataObject, command: Fault) -> None:
        job_id, _ = data.draw(st.sampled_from(self.orders))
        self.loop.run(self.do(self.program.command(command, job_id)))

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, seconds: float) -> None:
        self.loop.run(self.let_pass(seconds))

    @rule(place=st.sampled_from(PLACES), number=st.integers(0, 20))
    def trouble_is_ahead(self, place: str, number: int) -> None:
        self.traps.laid[place].append(number)

    @rule(hours=st.sampled_from([-25, -1, 1, 25]))
    def the_clock_jumps(self, hours: int) -> None:
        self.world.clock.jump(timedelta(hours=hours))

    @rule(is_lapsed=st.booleans())
    def the_power_goes(self, *, is_lapsed: bool) -> None:
        self.world.points.is_down = True
        if is_lapsed:
            self.world.town.nonces.clear()
        self.loop.run(self.restart_if_down())

    @rule()
    def it_is_stopped(self) -> None:
        self.program.happens(STOP)
        self.loop.run(self.let_pass(0))

    @invariant()
    def nothing_is_broken(self) -> None:
        assert broken_meanwhile(self.world) == []

    async def do(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        await quiet(self.world)
        await ended([task])
        await self.restart_if_down()

    async def let_pass(self, seconds: float) -> None:
        target = self.world.clock.monotonic() + seconds
        await quiet(self.world)
        await self.restart_if_down()
        while await self.world.clock.step(until=target):
            await quiet(self.world)
            await self.restart_if_down()
        self.world.clock.arrive(target)

    async def come_to_rest(self) -> None:
        await self.let_pass(0)
        horizon = self.world.clock.monotonic() + self.world.days * DAY
        while not self.program.is_at_rest() and await self.world.clock.step(until=horizon):
            await self.let_pass(0)

    async def restart_if_down(self) -> None:
        while self.world.points.is_down or self.running.done():
            await self.end()
            await begin_again(self.world)
            self.program, self.running, self.files = await self.started()
            await quiet(self.world)

    async def started(self) -> tuple[Program, asyncio.Task[None], AsyncExitStack]:
        """Start the program; what is returned last closes its files."""
        open_files = AsyncExitStack()
        files = await open_files.enter_async_context(asynccontextmanager(self.world.disk.opened)())
        program = Program(self.world, files)
        self.world.points.on_event = program.happens
        return program, asyncio.create_task(program.run()), open_files

    async def end(self) -> None:
        await self.program.end()
        await ended([self.running])
        await self.files.aclose()

    def look_at_clips(self) -> None:
        clips = Path(self.folder.name)
        jobs = self.world.chronicle.jobs
        self.world.clips = {number for number in jobs if (clips / f"video-{number}.mp4").exists()}


@pytest.mark.parametrize("lives", [60, pytest.param(3000, marks=[pytest.mark.long])])
def test_whatever_people_do_and_whatever_goes_wrong_every_promise_is_kept(lives: int) -> None:
    run_state_machine_as_test(
        WholeProgram,
        settings=settings(max_examples=lives, stateful_step_count=30, deadline=None, derandomize=True),
    )
