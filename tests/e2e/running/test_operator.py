"""What the operator sees and is told, beside a bot at work."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from core.model.job import JobState
from sandbox.gateways import Fault
from sandbox.gateways.faults import create_accepted_then_reset, create_out_of_credit, create_unauthorized
from storage.maintenance.backup import check
from storage.sqlite.database import open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from tests.bot.command_line import Ran, process
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside, bot_process
from tests.e2e.harness.scenes import buttons, order, words
from tests.e2e.harness.town import Town

OPERATOR = "moderator"


@pytest.fixture
def town(town: Town) -> Town:
    """A town whose moderator runs the bot."""
    return replace(town, changes={**town.changes, "MATINEE_OPERATORS": str(town.discord.member(OPERATOR).id)})


async def matinee(town: Town, *arguments: str) -> Ran:
    """Give a command beside the bot."""
    return await process(
        *arguments, environment={**town.environment, "PYTHONPATH": os.pathsep.join(_paths())}
    )


def _paths() -> list[str]:
    return [str(Path(__file__).parents[3])]


async def wait_for_letter(town: Town, *parts: str) -> str:
    """Wait for a direct message to the operator with all of this in it."""

    def letter() -> str | None:
        letters = [words(message) for message in town.discord.messages("dm", viewer=OPERATOR)]
        return next((text for text in letters if all(part in text for part in parts)), None)

    return await town.discord.until(letter)


async def test_an_unclear_outcome_is_reported_with_its_job_its_price_and_what_to_do(town: Town) -> None:
    town.goes_wrong(create_accepted_then_reset(), "A boat in doubt")
    async with bot_inside(town):
        card = await order(town, "A boat in doubt")

        letter = await wait_for_letter(town, "Not confirmed")

    assert f"job {card.job_id}" in letter
    assert "anyint, about $0." in letter
    assert "matinee jobs dismiss ID" in letter


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (create_out_of_credit(), "the balance is used up"),
        (create_unauthorized(), "does not accept this bot's account or settings"),
    ],
    ids=["an empty balance", "a key that is refused"],
)
async def test_a_provider_that_closes_is_reported_once(town: Town, fault: Fault, said: str) -> None:
    async with bot_inside(town):
        town.goes_wrong(fault, "A stranded boat")
        await (await order(town, "A stranded boat")).says("No video")

        letter = await wait_for_letter(town, said)

    assert "anyint" in letter
    assert "Nothing was charged" in letter
    assert len(town.discord.messages("dm", viewer=OPERATOR)) == 1


async def test_the_doctor_learns_from_the_bot_what_a_free_question_does_not_show(town: Town) -> None:
    async with bot_inside(town):
        before = await matinee(town, "doctor")
        town.goes_wrong(create_out_of_credit(), "A boat on credit")
        await (await order(town, "A boat on credit")).says("No video")

        ran = await matinee(town, "doctor")

    assert (before.code, ran.code) == (0, 1), before.out
    assert "✓ running bot: no gateway has given it trouble that lasts" in before.out
    assert "✓ AnyInt: reachable, takes the key" in ran.out
    assert "✗ running bot: asked for videos, anyint is out of credit since" in ran.out
    assert "Top up the account there" in ran.out


async def test_a_budget_that_nears_its_end_is_reported(town: Town) -> None:
    poor = replace(town, changes={**town.changes, "MATINEE_BUDGET_USD_PER_DAY": "0.5"})
    async with bot_inside(poor):
        await (await order(poor, "A costly boat")).plays()

        letter = await wait_for_letter(poor, "of today's budget are used")

    assert "of $0.50" in letter


async def test_an_operator_who_takes_no_messages_holds_nothing_up(town: Town) -> None:
    town.discord.close_dm(OPERATOR)
    town.goes_wrong(create_accepted_then_reset(), "A boat in doubt")
    async with bot_process(town) as bot:
        card = await order(town, "A boat in doubt")
        await card.says("Not confirmed")
        await bot.says("an operator cannot be told")

        await (await order(town, "The next boat")).plays()

    assert bot.said().count("an operator cannot be told") == 1


async def test_the_operator_sees_and_dismisses_a_doubt_beside_the_bot(town: Town) -> None:
    town.goes_wrong(create_accepted_then_reset(), "A boat let go")
    async with bot_inside(town):
        card = await order(town, "A boat let go")
        await card.says("Not confirmed")

        listed = await matinee(town, "jobs")
        shown = await matinee(town, "jobs", "show", str(card.job_id))
        dismissed = await matinee(town, "jobs", "dismiss", str(card.job_id))
        message = await card.says("Dismissed", "stays counted as spent")

    assert (listed.code, shown.code, dismissed.code) == (0, 0, 0)
    assert str(card.job_id) in listed.out
    assert "A boat let go" in shown.out
    assert f"Job {card.job_id} is dismissed." in dismissed.out
    assert buttons(message) == ["🔁", "✏️", "🗑️"]
    assert (await towns.job(town, card.job_id)).state is JobState.DISMISSED


async def test_of_two_who_dismiss_at_once_one_does(town: Town) -> None:
    town.goes_wrong(create_accepted_then_reset(), "A boat for two")
    async with bot_inside(town):
        card = await order(town, "A boat for two")
        await card.says("Not confirmed")

        both = await asyncio.gather(*(matinee(town, "jobs", "dismiss", str(card.job_id)) for _ in range(2)))

    assert sorted(ran.code for ran in both) == [0, 2]


async def test_a_card_of_a_doubt_that_was_dismissed_without_the_bot_says_so_when_it_is_pressed(
    town: Town,
) -> None:
    town.goes_wrong(create_accepted_then_reset(), "An old boat")
    async with bot_inside(town):
        card = await order(town, "An old boat")
        message = await card.says("Not confirmed")
    ran = await matinee(town, "jobs", "dismiss", str(card.job_id))
    async with bot_inside(town):
        await town.discord.member("member").press(message, "✔️")
        await card.says("Dismissed")

    assert ran.code == 0


async def test_a_copy_of_a_bot_at_work_is_whole_and_sound(town: Town) -> None:
    async with bot_inside(town):
        cards = [await order(town, f"Boat {number}") for number in range(5)]

        ran = await matinee(town, "db", "backup", str(town.folder / "copy.db"))
        for card in cards:
            await card.plays()

    assert ran.code == 0
    async with open_for_reading(town.folder / "copy.db") as copy:
        assert await check(copy) == []
        assert {job.id for job in await SqliteJobStore(copy).recent()} == {card.job_id for card in cards}


async def test_a_bot_whose_socket_cannot_be_made_runs_on_and_the_command_says_what_to_do(
    town: Town,
) -> None:
    deep = replace(town, folder=town.folder / ("long" * 30))
    deep.goes_wrong(create_accepted_then_reset(), "A boat far away")
    async with bot_process(deep) as bot:
        card = await order(deep, "A boat far away")
        await card.says("Not confirmed")

        ran = await matinee(deep, "jobs", "dismiss", str(card.job_id))

    assert "the command line cannot reach this bot" in bot.said()
    assert ran.code == 78
    assert f"Process {bot.pid} runs on this data but does not listen" in ran.err
    assert "give this command again" in ran.err
