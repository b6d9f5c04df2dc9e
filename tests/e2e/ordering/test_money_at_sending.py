"""What is spent is what is allowed at the moment of sending, by the real process after a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from core.model.job import JobState
from core.model.ledger import Account, Measure, Scope, Usage
from sandbox.gateways.faults import create_accepted_then_reset
from storage.sqlite.database import open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from tests.bot.command_line import Ran, process
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import PROJECT, bot_process
from tests.e2e.harness.scenes import Card, order
from tests.e2e.harness.town import Town

FIRST = "A boat that is being made"
WAITING = "A boat that waits"


@pytest.fixture
def town(town: Town) -> Town:
    """A town whose members have one video made at a time, under a budget of 90 cents."""
    changes = {"MATINEE_MEMBER_RUNNING": "1", "MATINEE_BUDGET_USD_PER_DAY": "0.90"}
    return replace(town, changes={**town.changes, **changes, "MATINEE_PROVIDERS": "anyint"})


def prices(town: Town, a_second: float) -> str:
    """Write a file with this price for all that is ordered here; return its name."""
    path = town.folder.parent / f"prices-{a_second}.json"
    path.write_text(json.dumps({"anyint": {"kling-3.0": {"std": a_second, "pro": a_second}}}))
    return str(path)


async def matinee(town: Town, *arguments: str) -> Ran:
    return await process(*arguments, environment={**town.environment, "PYTHONPATH": str(PROJECT)})


async def used(town: Town) -> Usage:
    async with open_for_reading(town.folder / "matinee.db") as database:
        return await SqliteJobStore(database).usage(Account(Scope.BOT, 0, ""))


async def one_waits(town: Town) -> tuple[Any, Card]:
    """Order two videos, of which the second waits; return what holds the first, and the second card."""
    held = town.keeps_working(FIRST)
    await (await order(town, FIRST)).says("making it")
    return held, await order(town, WAITING)


async def test_a03_a_budget_of_90_cents_does_not_buy_for_20_dollars(town: Town) -> None:
    async with bot_process(town, MATINEE_PRICES_FILE=prices(town, 0.08)) as bot:
        held, card = await one_waits(town)
        await bot.kill()
    held.times = 0

    async with bot_process(town, MATINEE_PRICES_FILE=prices(town, 4.00)):
        await card.says("This was not sent", "$20.00", "budget of $0.90 today", "Nothing was charged")
        job = await towns.reached(town, card.job_id, JobState.REJECTED)

    assert job.price == 400_000
    assert town.creates(WAITING) == []
    assert (await used(town)).of(Measure.MONEY) <= 900_000


async def test_a03_what_became_cheaper_is_counted_at_what_it_costs(town: Town) -> None:
    async with bot_process(town, MATINEE_PRICES_FILE=prices(town, 0.08)) as bot:
        held, card = await one_waits(town)
        await bot.kill()
    held.times = 0

    async with bot_process(town, MATINEE_PRICES_FILE=prices(town, 0.02)):
        await card.plays()
        job = await towns.reached(town, card.job_id, JobState.DONE)

    assert (job.price, (await used(town)).spent) == (100_000, 500_000)


async def test_a05_an_operator_cancels_what_waits_beside_the_running_bot(town: Town) -> None:
    async with bot_process(town):
        held, card = await one_waits(town)

        cancelled = await matinee(town, "jobs", "cancel", str(card.job_id))
        too_late = await matinee(town, "jobs", "cancel", str(card.job_id))
        await card.says("Cancelled", "Whoever runs this bot cancelled this", "Nothing was charged")
        held.times = 0

    assert (cancelled.code, too_late.code) == (0, 2), cancelled.err
    assert "costs nothing" in cancelled.out
    assert "already ended" in too_late.err
    assert town.creates(WAITING) == []


async def test_two_requests_that_are_not_confirmed_rest_the_gateway_until_a_person_resumes_it(
    town: Town,
) -> None:
    changes = {"MATINEE_MEMBER_RUNNING": "3", "MATINEE_BUDGET_USD_PER_DAY": "100"}
    async with bot_process(town, **changes):
        for prompt in ("A boat lost", "Another boat lost"):
            town.goes_wrong(create_accepted_then_reset(), prompt)
            await (await order(town, prompt)).says("Not confirmed")
        third = await order(town, "A boat after them")
        await third.says("Waiting for its turn")
        before = len(town.creates("A boat after them"))

        ran = await matinee(town, "jobs", "resume", "anyint")
        await third.plays()

    assert (before, ran.code, ran.out) == (
        0,
        0,
        "Paid requests are sent to anyint again, from now on.\n",
    )
