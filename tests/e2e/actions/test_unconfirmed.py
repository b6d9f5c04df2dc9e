from __future__ import annotations

from typing import Any

import pytest

from core.model.job import JobState
from sandbox.discord import Call
from sandbox.gateways.faults import create_accepted_then_reset
from tests.e2e.harness import town as towns
from tests.e2e.harness.scenes import Card, buttons, card_of, order, private_answer
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def in_doubt(town: Town, prompt: str) -> tuple[Card, dict[str, Any]]:
    """Order something whose create is accepted and never answered; return its card."""
    town.goes_wrong(create_accepted_then_reset(), prompt)
    card = await order(town, prompt)
    return card, await card.says("Not confirmed")


async def asked_twice(town: Town, message: dict[str, Any], by: str = "member") -> Call:
    """Press start again, and the button of the question that follows."""
    member = town.discord.member(by)
    first = await member.press(message, "⚠️")
    question = await town.discord.until(first.response)
    return await member.press(question, "⚠️")


async def test_starting_again_asks_twice_and_makes_a_linked_new_job(lively_town: Town) -> None:
    card, message = await in_doubt(lively_town, "A boat in doubt")
    first = await lively_town.discord.member("member").press(message, "⚠️")
    told = await private_answer(lively_town, first)
    created_before_consent = len(lively_town.creates("A boat in doubt"))

    question = await lively_town.discord.until(first.response)
    again = await card_of(lively_town, await lively_town.discord.member("member").press(question, "⚠️"))
    await again.plays()
    await card.says("Started again as a new job", "stays counted as spent")

    assert "charged twice" in told
    assert (created_before_consent, len(lively_town.creates("A boat in doubt"))) == (1, 2)
    assert (await towns.job(lively_town, again.job_id)).parent_id == card.job_id
    assert (await towns.job(lively_town, card.job_id)).state is JobState.SUPERSEDED


async def test_of_several_who_start_again_one_does(lively_town: Town) -> None:
    _, message = await in_doubt(lively_town, "A boat for two")

    one = await asked_twice(lively_town, message, "member")
    other = await asked_twice(lively_town, message, "moderator")
    told = await private_answer(lively_town, other)
    await (await card_of(lively_town, one)).plays()

    assert "decided already" in told
    assert len(lively_town.creates("A boat for two")) == 2


async def test_a_stranger_decides_nothing(lively_town: Town) -> None:
    card, message = await in_doubt(lively_town, "Somebody's boat")

    told = [
        await private_answer(lively_town, await lively_town.discord.member("second").press(message, emoji))
        for emoji in ("⚠️", "✔️")
    ]

    assert all("Only the person who asked" in words for words in told)
    assert (await towns.job(lively_town, card.job_id)).state is JobState.UNKNOWN


async def test_an_unconfirmed_job_that_is_dismissed_stays_counted_and_can_be_ordered_again(
    lively_town: Town,
) -> None:
    card, message = await in_doubt(lively_town, "A boat let go")

    await lively_town.discord.member("member").press(message, "✔️")
    message = await card.says("Dismissed", "stays counted as spent")

    assert buttons(message) == ["🔁", "✏️", "🗑️"]
    assert (await towns.job(lively_town, card.job_id)).state is JobState.DISMISSED
