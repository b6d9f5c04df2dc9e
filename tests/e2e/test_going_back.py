"""Going back to an older copy of the database, as docs/operating.md tells it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.jobs import JobState
from sandbox.gateways.faults import create_accepted_then_reset
from tests.bot.command_line import process
from tests.e2e import town as towns
from tests.e2e.bots import PROJECT, bot_process
from tests.e2e.scenes import Card, ids, order, playing
from tests.e2e.town import Town

FIRST = "A boat before the copy"
LATER = "A boat that the copy has not seen leave"


async def copied(town: Town) -> Path:
    """Take a copy of the running bot's database."""
    copy = town.folder.parent / "copy.db"
    environment = {**town.environment, "PYTHONPATH": str(PROJECT)}
    ran = await process("db", "backup", str(copy), environment=environment)
    assert ran.code == 0, ran.err
    return copy


def gone_back(town: Town, copy: Path) -> None:
    """Put the copy in the place of the database; all else stays where it is."""
    aside = town.folder.parent / "aside"
    aside.mkdir()
    for file in town.folder.glob("matinee.db*"):
        file.rename(aside / file.name)
    copy.rename(town.folder / "matinee.db")


async def queued(town: Town) -> tuple[Card, Path]:
    """Order two videos, of which one waits for the other; return its card and a copy of that moment."""
    held = town.keeps_working(FIRST)
    await (await order(town, FIRST)).says("making it")
    card = await order(town, LATER)
    copy = await copied(town)
    held.times = 0
    return card, copy


@pytest.fixture
def town(town: Town) -> Town:
    """A town whose members have one video made at a time."""
    return replace(town, changes={**town.changes, "MATINEE_MEMBER_RUNNING": "1"})


@pytest.mark.parametrize("is_brought", [True, False], ids=["brought", "being made"])
async def test_what_was_sent_after_the_copy_is_neither_paid_for_nor_brought_again(
    town: Town, *, is_brought: bool
) -> None:
    async with bot_process(town) as bot:
        card, copy = await queued(town)
        slow = town.keeps_working(LATER)
        await card.says("making it")
        if is_brought:
            slow.times = 0
            await card.plays()
        await bot.kill()

        gone_back(town, copy)
        known = (await towns.job(town, card.job_id)).state
        slow.times = 0
        async with bot_process(town):
            job = await towns.reached(town, card.job_id, JobState.DONE)

    assert (known, job.attempts) == (JobState.QUEUED, 1)
    assert len(town.creates(LATER)) == len(town.creates(FIRST)) == 1
    assert ids(playing(town, card.job_id)) == [card.message_id]


async def test_what_nobody_answered_after_the_copy_is_left_to_a_person_again(town: Town) -> None:
    async with bot_process(town) as bot:
        card, copy = await queued(town)
        town.goes_wrong(create_accepted_then_reset(), LATER)
        await card.says("Not confirmed")
        await bot.kill()

        gone_back(town, copy)
        async with bot_process(town):
            job = await towns.reached(town, card.job_id, JobState.UNKNOWN)

    assert job.attempts == 1
    assert len(town.creates(LATER)) == 1
