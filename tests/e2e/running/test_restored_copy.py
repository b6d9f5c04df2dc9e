"""Going back to an older copy of the database, as docs/operating.md tells it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from core.model.job import JobState
from sandbox.gateways.calls import Call
from sandbox.gateways.faults import FOREVER, create_accepted_then_reset, on_create, refuses
from tests.bot.command_line import Ran, process
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import PROJECT, bot_process
from tests.e2e.harness.scenes import Card, ids, order, playing, words
from tests.e2e.harness.town import Town

OPERATOR = "moderator"
FIRST = "A boat before the copy"
LATER = "A boat that the copy has not seen leave"


async def matinee(town: Town, *arguments: str) -> Ran:
    return await process(*arguments, environment={**town.environment, "PYTHONPATH": str(PROJECT)})


async def copied(town: Town) -> Path:
    """Take a copy of the running bot's database."""
    copy = town.folder.parent / "copy.db"
    ran = await matinee(town, "db", "backup", str(copy))
    assert ran.code == 0, ran.err
    return copy


def gone_back(town: Town, copy: Path) -> None:
    """Put the copy in the place of the database; all else stays where it is."""
    aside = town.folder.parent / "aside"
    aside.mkdir()
    for file in town.folder.glob("matinee.db*"):
        file.rename(aside / file.name)
    copy.rename(town.folder / "matinee.db")


async def wait_for_letter(town: Town, *parts: str) -> str:
    """Wait for a direct message to the operator with all of this in it."""

    def letter() -> str | None:
        letters = [words(message) for message in town.discord.messages("dm", viewer=OPERATOR)]
        return next((text for text in letters if all(part in text for part in parts)), None)

    return await town.discord.until(letter)


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
    """A town whose members have one video made at a time, and whose moderator runs the bot."""
    operator = str(town.discord.member(OPERATOR).id)
    changes = {"MATINEE_MEMBER_RUNNING": "1", "MATINEE_OPERATORS": operator}
    return replace(town, changes={**town.changes, **changes})


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


async def test_what_was_not_answered_after_the_copy_is_left_to_a_person_again(town: Town) -> None:
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


async def test_a05_what_was_cancelled_after_the_copy_is_not_bought_before_the_operator_says_yes(
    town: Town,
) -> None:
    async with bot_process(town) as bot:
        card, copy = await queued(town)
        await town.discord.member("member").press(await card.says(""), "❌")
        await card.says("Cancelled")
        await bot.kill()

        gone_back(town, copy)
        async with bot_process(town):
            await card.says("Not sent", "put back to an older copy", "Nothing is charged")
            await wait_for_letter(town, "put back to an older copy", f"1 job ({card.job_id})")
            listed = await matinee(town, "jobs")
            cancelled = await matinee(town, "jobs", "cancel", str(card.job_id))
            await card.says("Cancelled")

    assert "queued, but not sent before you say yes" in listed.out
    assert cancelled.code == 0, cancelled.err
    assert town.creates(LATER) == []


async def test_a05_what_was_being_sent_at_the_copy_then_refused_and_cancelled_is_not_bought(
    town: Town,
) -> None:
    is_copied = asyncio.Event()

    async def full(call: Call) -> web.StreamResponse:
        await is_copied.wait()
        return await refuses(429, "busy", "too many", {"Retry-After": "2"})(call)

    fault = town.goes_wrong(on_create(full), LATER, times=FOREVER)
    async with bot_process(town) as bot:
        card = await order(town, LATER)
        await towns.reached(town, card.job_id, JobState.SUBMITTING)
        copy = await copied(town)
        is_copied.set()
        await towns.reached(town, card.job_id, JobState.QUEUED)
        assert (await matinee(town, "jobs", "cancel", str(card.job_id))).code == 0
        await bot.kill()

    fault.times = 0
    sent = len(town.creates(LATER))
    gone_back(town, copy)
    async with bot_process(town):
        await card.says("Not sent", "put back to an older copy")
        listed = await matinee(town, "jobs")

    assert f"not sent before you say yes, since the database was put back: {card.job_id}" in listed.out
    assert len(town.creates(LATER)) == sent


async def test_a05_what_the_operator_confirms_is_made(town: Town) -> None:
    async with bot_process(town) as bot:
        card, copy = await queued(town)
        await bot.kill()

        gone_back(town, copy)
        async with bot_process(town):
            await card.says("Not sent")
            before = len(town.creates(LATER))
            nothing = await matinee(town, "jobs", "confirm", "1")
            ran = await matinee(town, "jobs", "confirm", "all")
            await card.plays()

    assert (before, nothing.code, ran.code) == (0, 2, 0)
    assert f"1 job is sent when its turn comes: {card.job_id}." in ran.out
    assert len(town.creates(LATER)) == 1


async def test_a05_replies_whose_jobs_the_database_lacks_are_announced_once(town: Town) -> None:
    async with bot_process(town) as bot:
        await (await order(town, FIRST)).plays()
        copy = await copied(town)
        late = await order(town, LATER)
        await late.plays()
        await bot.kill()

        gone_back(town, copy)
        async with bot_process(town):
            letter = await wait_for_letter(town, "jobs that the database does not know", str(late.job_id))
        async with bot_process(town) as last:
            await last.says("ready")

    assert "1 job (" in letter
    assert last.said().count("replies to paid requests of unknown jobs") == 1


async def test_a05_a_kill_is_no_going_back(town: Town) -> None:
    said = ""
    for _ in range(2):
        async with bot_process(town) as bot:
            held = town.keeps_working(FIRST)
            await (await order(town, FIRST)).says("making it")
            card = await order(town, LATER)
            await bot.kill()
        held.times = 0
        async with bot_process(town) as after:
            await card.plays()
            await after.kill()
            said += after.said()

    assert "put back" not in said
    assert len(town.creates(LATER)) == 2
