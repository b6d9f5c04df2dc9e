"""The wall clock of the real process is set while it works, and while it is down. Nothing comes of it."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from core.model.job import Job, JobState
from sandbox.gateways.calls import Call
from sandbox.gateways.faults import Fault, after_create, usual
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import BotProcess, bot_process
from tests.e2e.harness.deliveries import UPLOAD, show_to_the_world
from tests.e2e.harness.scenes import Card, ids, order, playing, words
from tests.e2e.harness.town import Town
from tests.proof.harness.wall_clock import WallClock, found_library

MINUTE = timedelta(minutes=1)
JUMPS = [timedelta(hours=hours) for hours in (-25, -1, 1, 25)]
RUNNING, SENT, QUEUED, UPLOADED = (f"A boat that is {so}" for so in ("running", "sent", "queued", "uploaded"))

jumps = pytest.mark.parametrize("jump", JUMPS, ids=[f"{jump.total_seconds() / 3600:+.0f}h" for jump in JUMPS])


@pytest.fixture
def wall_clock(tmp_path: Path) -> WallClock:
    """A clock that is right. Without libfaketime these tests are left out, except where it is required."""
    clips = found_library()
    if clips is None and not os.environ.get("FAKETIME_REQUIRED"):
        pytest.skip("no libfaketime on this machine, so no process was given another wall clock")
    assert clips is not None, "libfaketime is required here: apt-get install faketime"
    clock = WallClock(clips, tmp_path / "wall_clock")
    clock.set_apart(timedelta())
    return clock


@dataclass(frozen=True, slots=True)
class Pier:
    """Jobs in every state, each held there until `let_go`."""

    town: Town
    cards: list[Card]
    working: Fault
    unanswered: asyncio.Event

    def let_go(self) -> None:
        self.working.times = 0
        self.unanswered.set()

    async def is_asked_about(self) -> None:
        """Wait until the gateway was asked about the running task once more."""
        before = self._questions()
        await self.town.gateways.until(lambda: self._questions() > before)

    def _questions(self) -> int:
        (task,) = self.town.tasks(RUNNING)
        return sum(task.id in exchange.path for exchange in self.town.gateways.requests)

    async def states(self) -> list[JobState]:
        return [(await towns.job(self.town, card.job_id)).state for card in self.cards]

    async def arrived(self) -> list[Job]:
        """Wait until each has come, and its requester was told."""
        for card in self.cards:
            await card.plays()
            await card.replied()
        return [await towns.reached(self.town, card.job_id, JobState.DONE) for card in self.cards]

    def videos(self) -> list[list[str]]:
        return [ids(playing(self.town, card.job_id)) for card in self.cards]


async def full_pier(town: Town, *, is_sending: bool = True) -> Pier:
    """Order until one job is running, one being sent, one in the queue behind it and one being uploaded."""
    unanswered = asyncio.Event()
    working = town.keeps_working(RUNNING)
    town.goes_wrong(_answered_after(unanswered), SENT)
    cards = [await order(town, RUNNING), await order(town, QUEUED)]
    await town.gateways.until(lambda: town.tasks(RUNNING))
    if is_sending:
        cards.append(await order(town, SENT, by="second"))
        await town.gateways.until(lambda: town.tasks(SENT))
    has_file = town.discord.faults.delay("PATCH", UPLOAD, 1.0, when=lambda request: bool(request.files))
    cards.append(await order(town, UPLOADED, by="owner"))
    await town.discord.until(lambda: has_file.hits)
    return Pier(town, cards, working, unanswered)


def _answered_after(event: asyncio.Event) -> Fault:
    """The task is made; its answer does not come before the event."""

    async def answer(call: Call) -> web.StreamResponse:
        await event.wait()
        return await usual()(call)

    return after_create(answer)


@asynccontextmanager
async def timed_process(town: Town, clock: WallClock) -> AsyncGenerator[BotProcess]:
    """Run the bot by that clock, with one place for each member."""
    async with bot_process(town, MATINEE_MEMBER_RUNNING="1", **clock.environment) as bot:
        try:
            yield bot
        finally:
            if bot.process.returncode is None:
                await bot.kill()
            clock.forget(bot.pid)


async def is_well(town: Town) -> bool:
    near = town.changes["MATINEE_PUBLIC_URL"].replace("127.0.0.1", "localhost")
    async with aiohttp.ClientSession() as session, session.get(f"{near}/healthz") as answer:
        return answer.status == web.HTTPOk.status_code


def apart(job: Job) -> timedelta:
    """How far the clock by which the job was last written down is from the machine's."""
    return job.updated_at - datetime.now(UTC)


@jumps
async def test_a_clock_that_is_set_while_jobs_are_under_way_changes_nothing(
    town: Town, wall_clock: WallClock, jump: timedelta
) -> None:
    show_to_the_world(town)
    async with timed_process(town, wall_clock):
        pier = await full_pier(town)
        before = await pier.states()

        wall_clock.set_apart(jump)
        pier.let_go()
        jobs = await pier.arrived()

        assert await is_well(town)
    assert before == [JobState.RUNNING, JobState.QUEUED, JobState.SUBMITTING, JobState.DELIVERING]
    assert [abs(apart(job) - jump) < MINUTE for job in jobs] == [True] * 4
    assert [len(town.creates(prompt)) for prompt in (RUNNING, QUEUED, SENT, UPLOADED)] == [1] * 4
    assert pier.videos() == [[card.message_id] for card in pier.cards]
    assert [len(card.replies()) for card in pier.cards] == [1] * 4
    assert all(re.search(r"took \d+ s", words(card.look())) for card in pier.cards)


@jumps
async def test_a_clock_that_is_set_while_the_program_is_down_changes_nothing(
    town: Town, wall_clock: WallClock, jump: timedelta
) -> None:
    async with timed_process(town, wall_clock) as bot:
        pier = await full_pier(town, is_sending=False)
        before = await pier.states()
        await bot.kill()
    wall_clock.set_apart(jump)

    async with timed_process(town, wall_clock):
        await pier.is_asked_about()
        pier.let_go()
        jobs = await pier.arrived()

    assert before == [JobState.RUNNING, JobState.QUEUED, JobState.DELIVERING]
    assert [abs(apart(job) - jump) < MINUTE for job in jobs] == [True] * 3
    assert [len(town.creates(prompt)) for prompt in (RUNNING, QUEUED, UPLOADED)] == [1] * 3
    assert pier.videos() == [[card.message_id] for card in pier.cards]
    assert [len(card.replies()) for card in pier.cards] == [1] * 3
