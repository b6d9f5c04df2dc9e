"""The program, started again and again over a world that outlives it, until nothing is left to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final, TypeAlias

from core.dispatch.confirmations import Confirmations
from core.model.job import JobState
from tests.fakes.models import CATALOG, DEARER
from tests.proof.harness.disk import Files
from tests.proof.harness.failpoints import Fault
from tests.proof.harness.program import Program
from tests.proof.harness.world import Bot, World, ended, quiet

DAY: Final = 86_400.0
LAPSE: Final = Fault("nonces are forgotten")
NEW_PRICE: Final = Fault("another price is set")
PUT_BACK: Final = Fault("what is queued waits for a yes")

Make: TypeAlias = Callable[[World, Files], Bot]


async def live(world: World, make: Make = Program) -> None:
    """Order a video, and start the program again after each crash and each stop until it is at rest."""
    while not await _life(world, make):
        await begin_again(world)
        assert world.starts < world.most_starts, "it is at rest after a few starts"
        if await world.is_known(world):
            world.has_joined = True
            return


async def begin_again(world: World) -> None:
    """Let happen what may between two runs of the program: time, an operator's action, an older copy."""
    world.starts += 1
    world.points.is_down = world.has_stopped = False
    queued = sorted(job.id for job in world.chronicle.jobs.values() if job.state is JobState.QUEUED)
    fault = world.points.chosen("restart", (LAPSE, NEW_PRICE, PUT_BACK) if queued else (LAPSE,))
    if fault is LAPSE:
        world.town.nonces.clear()
    elif fault is NEW_PRICE:
        world.catalog = DEARER if world.catalog is CATALOG else CATALOG
    elif fault is PUT_BACK:
        world.gateways.forbidden |= {*queued}
        await Confirmations(world.notes).ask_for(queued)


async def _life(world: World, make: Make) -> bool:
    """Run the program once; return whether it came to rest."""
    async with asynccontextmanager(world.disk.opened)() as files:
        await _compare(world, files)
        bot = make(world, files)
        world.points.on_crash, world.points.on_event = world.disk.crash, bot.happens
        running = asyncio.create_task(bot.run())
        ordering = asyncio.create_task(world.people(world, bot))
        try:
            await _pass_time(world, bot, running, ordering)
        finally:
            await bot.end()
            await ended([running, ordering])
        if world.has_stopped and not world.points.is_down:
            jobs = world.chronicle.jobs.values()
            world.cut_off |= {job.id for job in jobs if job.state is JobState.SUBMITTING}
        if world.points.is_down or world.has_stopped:
            return False
        await _compare(world, files)
        return True


async def _pass_time(
    world: World, bot: Bot, running: asyncio.Task[None], ordering: asyncio.Task[None]
) -> None:
    """Let time pass until the program ends or rests. What is still to be done after days, never is."""
    horizon = world.clock.monotonic() + world.days * DAY
    is_over = False
    while not is_over:
        await quiet(world)
        is_over = world.points.is_down or running.done() or (ordering.done() and bot.is_at_rest())
        is_over = is_over or not await world.clock.step(until=horizon)


async def _compare(world: World, files: Files) -> None:
    """See that the disk says what the store said that it had written, and which clips are there.

    Links that open a clip by themselves are not stored.
    """
    jobs = world.chronicle.jobs.values()
    for job in jobs:
        kept = await files.store.get(job.id)
        assert kept
        assert replace(kept, result=None) == replace(job, result=None)
    world.clips = {job.id for job in jobs if files.clips.path(job.id).exists()}
