"""The real process is killed at any moment, again and again, while people order videos."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Final

import pytest

from core.model.job import LEGAL_MOVES, Job, JobState
from core.ports import Event
from sandbox.gateways import FOREVER
from sandbox.gateways.faults import create_accepted_slowly
from storage.maintenance.backup import check
from storage.sqlite.database import open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from tests.e2e.harness.bots import bot_process, started
from tests.e2e.harness.scenes import CHANNEL, playing, words
from tests.e2e.harness.town import Town
from tests.proof.harness.disk import is_at_rest

LONGEST_REIGN: Final = 0.5
SLOW_SECONDS: Final = 0.1
MEMBERS: Final = ("member", "second", "moderator", "owner")
UPLOADING: Final = r"/channels/\d+/messages/\d+$"
ALL_JOBS: Final = 100_000


@dataclass(slots=True)
class Records:
    """What the bot has written down."""

    jobs: list[Job]
    events: dict[int, list[Event]]
    damage: list[str]


@dataclass(slots=True)
class Reigns:
    """Starts of the bot in a town, all but the last of which end with a kill."""

    town: Town
    chance: Random
    prompts: list[str] = field(default_factory=list[str])

    async def end_in_a_kill(self) -> None:
        """Start the bot and kill it: while it starts, or soon after people have ordered something."""
        before = self.town.discord.identified
        bot = await started(self.town)
        if not before or self.chance.random() < 0.7:
            await self.town.discord.until(lambda: self.town.discord.identified > before, timeout=40)
            await self.town.discord.bot_ready()
            await self._order()
        await asyncio.sleep(self.chance.uniform(0, LONGEST_REIGN))
        await bot.kill()

    async def end_at_rest(self) -> Records:
        """Start the bot once more, and wait until nothing is left to do."""
        async with bot_process(self.town) as bot:
            async with asyncio.timeout(60):
                while not all(map(is_at_rest, (await records(self.town)).jobs)):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.05)
            bot.terminate()
            await bot.ended()
        return await records(self.town)

    async def _order(self) -> None:
        for member in self.chance.sample(MEMBERS, 2):
            self.prompts.append(f"Boat number {len(self.prompts)}")
            await self.town.discord.member(member).command(CHANNEL, "video", prompt=self.prompts[-1])


async def records(town: Town) -> Records:
    async with open_for_reading(town.folder / "matinee.db") as database:
        store = SqliteJobStore(database)
        jobs = await store.recent(limit=ALL_JOBS)
        events = {job.id: await store.events(job.id) for job in jobs}
        return Records(jobs, events, await check(database))


def broken(town: Town, found: Records) -> list[str]:
    """Name the promises that are broken by what the gateways, Discord and the database remember."""
    sent = Counter(exchange.json["prompt"] for exchange in town.gateways.creates())
    made = Counter(task.order.prompt for task in town.gateways.tasks)
    ordered = {job.request.prompt for job in found.jobs}
    return [
        *found.damage,
        *(f"{prompt} was sent {times} times" for prompt, times in sent.items() if times > 1),
        *(f"{prompt} was made {times} times" for prompt, times in made.items() if times > 1),
        *(f"{prompt} was made and nobody knows of it" for prompt in made if prompt not in ordered),
        *(problem for job in found.jobs for problem in _broken_for(town, job, found.events[job.id])),
        *_secrets(town),
    ]


def _secrets(town: Town) -> list[str]:
    """I8: no secret is in anything that the bot wrote."""
    written = [path for path in town.folder.parent.rglob("*") if path.is_file()]
    return [
        f"a secret is in {path.name}"
        for path in written
        for secret in (town.discord.token, town.gateways.anyint_key)
        if secret.encode() in path.read_bytes()
    ]


def _broken_for(town: Town, job: Job, events: list[Event]) -> list[str]:
    videos = len(playing(town, job.id))
    moves = [(event.before, event.after) for event in events]
    shown = [words(message) for message in town.discord.messages(CHANNEL)]
    is_told = any(job.request.prompt in text and "Not confirmed" in text for text in shown)
    return [
        *([f"job {job.id} is not at rest"] if not is_at_rest(job) else []),
        *(
            [f"job {job.id} is {job.state} in {videos} videos"]
            if videos != (job.state is JobState.DONE)
            else []
        ),
        *([f"nobody was told of job {job.id}"] if job.state is JobState.UNKNOWN and not is_told else []),
        *(
            f"job {job.id} went from {before} to {after}"
            for before, after in moves
            if before is not None and after not in LEGAL_MOVES[before]
        ),
    ]


@pytest.mark.parametrize(
    "kills", [30, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
async def test_kill_after_kill_nothing_is_paid_twice_and_no_member_waits_for_ever(
    town: Town, kills: int
) -> None:
    town.gateways.faults.add(create_accepted_slowly(SLOW_SECONDS), times=FOREVER)
    uploads = town.discord.faults
    uploads.delay("PATCH", UPLOADING, SLOW_SECONDS, times=None, when=lambda request: bool(request.files))
    reigns = Reigns(town, Random(2026))

    for _ in range(kills):
        await reigns.end_in_a_kill()
    found = await reigns.end_at_rest()

    assert broken(town, found) == []
    assert len(found.jobs) >= kills / 2
    assert {job.state for job in found.jobs} <= {JobState.DONE, JobState.UNKNOWN}
