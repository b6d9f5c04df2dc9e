from __future__ import annotations

import pytest

from core.model.job import JobState
from sandbox.gateways.faults import (
    create_accepted_then_reset,
    create_failed_upstream,
    create_refused,
    task_fails,
)
from tests.e2e.harness import town as towns
from tests.e2e.harness.scenes import buttons, order, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_video_that_fails_says_why_and_what_it_cost(lively_town: Town) -> None:
    lively_town.goes_wrong(
        task_fails({"code": "generation_failed", "message": "The boat sank"}), "A leaky boat"
    )
    card = await order(lively_town, "A leaky boat")

    message = await card.says("No video", "The boat sank", "usually not charged")
    reply = await card.replied()

    requester = lively_town.discord.member("member").id
    assert buttons(message) == ["🔁", "✏️", "🗑️"]
    assert reply["content"] == f"<@{requester}>, this video could not be made."
    assert len(lively_town.creates("A leaky boat")) == 1


async def test_a_refusal_is_reported_with_what_to_do_and_is_not_repeated(lively_town: Town) -> None:
    lively_town.goes_wrong(create_refused(400, "invalid_parameter", "prompt: too rude"), "A rude boat")
    card = await order(lively_town, "A rude boat")

    await card.says("No video", "prompt: too rude", "Nothing was charged.")
    await card.replied()

    assert len(lively_town.creates("A rude boat")) == 1
    assert lively_town.tasks("A rude boat") == []
    assert (await towns.job(lively_town, card.job_id)).state is JobState.REJECTED


async def test_a_create_whose_answer_is_lost_is_never_sent_again(lively_town: Town) -> None:
    lively_town.goes_wrong(create_accepted_then_reset(), "A lost boat")
    card = await order(lively_town, "A lost boat")

    message = await card.says("Not confirmed", "it may be charged", "will not send it again")
    reply = await card.replied()
    await (await order(lively_town, "Another boat after it")).plays()

    assert buttons(message) == ["⚠️", "✔️"]
    assert "did not confirm it" in reply["content"]
    assert len(lively_town.creates("A lost boat")) == 1
    assert (await towns.job(lively_town, card.job_id)).state is JobState.UNKNOWN


async def test_an_answer_that_proves_nothing_counts_as_unknown(lively_town: Town) -> None:
    lively_town.goes_wrong(create_failed_upstream(), "A boat behind a wall")
    card = await order(lively_town, "A boat behind a wall")

    await card.says("Not confirmed")

    assert len(lively_town.creates("A boat behind a wall")) == 1


async def test_words_of_the_provider_are_shown_as_they_are(lively_town: Town) -> None:
    lively_town.goes_wrong(task_fails({"message": "**no** @everyone https://evil.example"}), "A loud boat")
    card = await order(lively_town, "A loud boat")

    message = await card.says("No video")

    assert "**no**" not in words(message)
    assert "@everyone" not in words(message)
    assert "https://" not in words(message)
    assert not message["mention_everyone"]
