from __future__ import annotations

from typing import Any

import pytest

from core.model.job import JobState
from sandbox.discord import Call
from sandbox.gateways.faults import task_fails
from tests.e2e.harness import town as towns
from tests.e2e.harness.prompting import IDEAS, managing, opened_ideas
from tests.e2e.harness.scenes import EPHEMERAL, Message, buttons, clips, order, playing, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def answer(town: Town, call: Call) -> dict[str, Any]:
    """Wait for the answer, which only its requester may see."""
    message = await town.discord.until(call.response)
    assert message["flags"] & EPHEMERAL
    return message


def custom_ids(message: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for part in message["components"]:
        found += [part["custom_id"]] if "custom_id" in part else []
        found += custom_ids(part) if part.get("components") else []
    return found


async def test_members_find_their_own_videos_and_no_others(lively_town: Town) -> None:
    card = await order(lively_town, "A boat to find")
    await card.plays()
    await (await order(lively_town, "Somebody else's boat", by="second")).plays()

    message = await answer(lively_town, await lively_town.discord.member("member").command("general", "jobs"))

    assert "A boat to find" in words(message)
    assert "Somebody else" not in words(message)
    assert f"/{card.message_id}" in words(message)


async def test_a_list_shows_only_what_is_wanted_and_its_pages_turn(lively_town: Town) -> None:
    member = lively_town.discord.member("moderator")
    lively_town.goes_wrong(task_fails("it sank"), "A boat that fails")
    failed = await order(lively_town, "A boat that fails", by="moderator")
    await failed.says("No video")
    for number in range(9):
        await (await order(lively_town, f"Boat {number} of nine", by="moderator")).plays()

    only_failed = await answer(lively_town, await member.command("general", "jobs", state="failed"))
    everything = await answer(lively_town, await member.command("general", "jobs"))
    turned = await member.press(everything, "jobs:all:1")
    await turned.answered()
    older = await lively_town.discord.until(
        lambda: shown if "A boat that fails" in words(shown := turned.response()) else None
    )

    assert "of nine" not in words(only_failed)
    assert "Boat 8 of nine" in words(everything)
    assert "A boat that fails" not in words(everything)
    assert custom_ids(older)[-1] == "jobs:all:0"


async def test_a_job_is_recalled_by_its_number_or_its_words_or_from_the_list(lively_town: Town) -> None:
    member = lively_town.discord.member("member")
    card = await order(lively_town, "A boat worth recalling")
    await towns.reached(lively_town, card.job_id, JobState.DONE)

    suggested = await member.autocomplete("general", "job", "id", "worth rec")
    by_number = await answer(lively_town, await member.command("general", "job", id=str(card.job_id)))
    by_words = await answer(lively_town, await member.command("general", "job", id="worth recalling"))
    listed = await answer(lively_town, await member.command("general", "jobs"))
    picked = await answer(lively_town, await member.select(listed, "jobs:pick", [str(card.job_id)]))

    assert [choice["value"] for choice in suggested] == [str(card.job_id)]
    assert f"Job** {card.job_id}" in words(by_number)
    assert words(by_words) == words(by_number) == words(picked)


async def recalled(town: Town, job_id: int) -> Message:
    """Ask for everything about one of the member's jobs."""
    call = await town.discord.member("member").command("general", "job", id=str(job_id))
    return await answer(town, call)


async def test_a_recalled_video_is_brought_again_to_the_member_who_recalls_it(lively_town: Town) -> None:
    card = await order(lively_town, "A boat to bring again")
    await towns.reached(lively_town, card.job_id, JobState.DONE)
    details = await recalled(lively_town, card.job_id)

    call = await lively_town.discord.member("member").press(details, "📥")
    brought = await lively_town.discord.until(
        lambda: shown if (shown := call.response()) and clips(shown) else None
    )

    assert buttons(details) == ["🔁", "✏️", "⏭️", "✉️", "📥", "🗑️"]
    assert brought["id"] == details["id"]
    assert clips(card.look())


async def test_a_recalled_video_is_deleted_where_it_is(lively_town: Town) -> None:
    card = await order(lively_town, "A boat to delete from afar")
    await towns.reached(lively_town, card.job_id, JobState.DONE)
    details = await recalled(lively_town, card.job_id)

    call = await lively_town.discord.member("member").press(details, "🗑️")
    told = await lively_town.discord.until(
        lambda: said if "Deleted" in (said := words(call.response())) else None
    )

    assert "links to it no longer work" in told
    assert playing(lively_town, card.job_id) == []
    assert (await towns.job(lively_town, card.job_id)).video is None
    assert buttons(await recalled(lively_town, card.job_id)) == ["🔁", "✏️", "🗑️"]


async def test_another_members_job_is_as_if_it_were_not_there(lively_town: Town) -> None:
    card = await order(lively_town, "A private matter")
    await card.plays()

    asked = await lively_town.discord.member("second").command("general", "job", id=str(card.job_id))

    assert "You have no such job" in await private_answer(lively_town, asked)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("queue", "being made"),
        ("usage", "This month"),
        ("models", "Kling 3.0"),
        ("help", "/video"),
        ("settings", "no defaults of your own"),
    ],
)
async def test_what_can_be_looked_up_is_answered_privately(
    lively_town: Town, command: str, said: str
) -> None:
    call = await lively_town.discord.member("owner").command("general", command)

    assert said in words(await answer(lively_town, call))


async def helped(town: Town, member: str, channel: str = "general") -> str:
    return words(await answer(town, await town.discord.member(member).command(channel, "help")))


async def test_help_names_what_is_possible_for_this_member_in_this_server(lively_town: Town) -> None:
    before = await helped(lively_town, "member")
    await opened_ideas(lively_town)

    for_a_member = await helped(lively_town, "member")
    for_a_moderator = await helped(lively_town, "moderator")

    ideas = f"<#{lively_town.discord.channel(IDEAS)}>"
    assert "every message is a prompt" not in before
    assert f"In {ideas}** every message is a prompt" in for_a_member
    assert "/studio" not in for_a_member
    assert ideas in for_a_moderator
    assert "/studio" in for_a_moderator


async def test_help_speaks_of_votes_where_there_is_a_gallery(lively_town: Town) -> None:
    wall = lively_town.discord.channel("gallery")
    before = await helped(lively_town, "member")

    await managing(lively_town, "gallery", channel=wall, threshold=2)
    opened = await helped(lively_town, "member")
    await managing(lively_town, "gallery", off=True)
    closed = await helped(lively_town, "member")

    assert f"⭐ from 2 different members copies a video to <#{wall}>" in opened
    assert "⭐" not in before
    assert "⭐" not in closed


async def test_help_in_direct_messages_speaks_of_them_and_of_no_server(lively_town: Town) -> None:
    told = await helped(lively_town, "moderator", "dm")

    assert "Here, in direct messages" in told
    assert "/video" in told
    assert "/studio" not in told
    assert "every message is a prompt" not in told


async def test_ones_own_defaults_count_until_a_command_says_otherwise(lively_town: Town) -> None:
    member = lively_town.discord.member("second")
    kept = await member.command("general", "settings", aspect_ratio="9:16", duration=10, ping=False)
    await answer(lively_town, kept)

    as_preferred = await order(lively_town, "A tall boat", by="second")
    await as_preferred.plays()
    otherwise = await order(lively_town, "A wide boat", by="second", aspect_ratio="16:9")
    await otherwise.plays()
    await answer(lively_town, await member.command("general", "settings", reset=True))

    assert lively_town.creates("A tall boat")[0]["aspect_ratio"] == "9:16"
    assert lively_town.creates("A tall boat")[0]["duration"] == "10"
    assert lively_town.creates("A wide boat")[0]["aspect_ratio"] == "16:9"
    assert as_preferred.replies() == []


async def test_ones_own_defaults_count_for_a_button_too(lively_town: Town) -> None:
    member = lively_town.discord.member("second")
    message = await (await order(lively_town, "A boat for many")).plays()
    await answer(lively_town, await member.command("general", "settings", private=True, ping=False))

    call = await member.press(message, "🔁")
    told = await private_answer(lively_town, call)
    await lively_town.discord.until(lambda: playing(lively_town, call.interaction_id, "dm", "second"))
    await answer(lively_town, await member.command("general", "settings", reset=True))

    assert "in a direct message" in told
    assert playing(lively_town, call.interaction_id, "general", "owner") == []


async def test_a_queued_video_is_cancelled_by_command(lively_town: Town) -> None:
    held = [lively_town.keeps_working(f"Barge {number}") for number in range(3)]
    running = [await order(lively_town, f"Barge {number}", by="owner") for number in range(3)]
    for card in running:
        await card.says("making it")
    waiting = await order(lively_town, "The fourth barge", by="owner")
    await waiting.says("Waiting for its turn")

    call = await lively_town.discord.member("owner").command("general", "cancel", id="The fourth barge")
    told = words(await answer(lively_town, call))
    await waiting.says("Cancelled")
    for fault in held:
        fault.times = 0
    for card in running:
        await card.plays()

    assert told == "Cancelled. Nothing was charged."
    assert lively_town.creates("The fourth barge") == []
