"""Servers that the bot is not in, where people use it who have installed it for themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.deliveries import show_to_the_world
from tests.e2e.harness.scenes import (
    CHANNEL,
    Card,
    buttons,
    card_of,
    clips,
    gallery,
    playing,
    private_answer,
    words,
)
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guest_town(tmp_path_factory: pytest.TempPathFactory, clip: bytes) -> AsyncIterator[Town]:
    async with towns.opened(tmp_path_factory.mktemp("guests") / "data", clip=clip) as town, bot_inside(town):
        yield town


@pytest.fixture(scope="module")
def lounge(guest_town: Town) -> int:
    return lounge_of(guest_town)


def lounge_of(town: Town) -> int:
    """Open a channel of a server that the bot is not in, with the stranger and the member in it."""
    discord = town.discord
    guild = discord.world.create_guild("Elsewhere", owner_id=discord.member("stranger").id)
    discord.world.add_member(guild.id, discord.member("member").id)
    discord.world.remove_member(guild.id, discord.bot_id)
    discord.world.emit("GUILD_DELETE", {"id": str(guild.id)})
    channel = discord.world.create_channel(guild.id, "lounge", announce=False).id
    discord.faults.answer_instead("*", rf"^/channels/{channel}(/|$)", 403, 50001, times=None)
    return channel


async def ordered(town: Town, lounge: int, prompt: str, *, by: str) -> Card:
    call = await town.discord.member(by).command(lounge, "video", prompt=prompt)
    shown = await town.discord.until(lambda: call.response() if words(call.response()) else None)
    place: Any = lounge  # ids are taken as well as names
    return Card(town, call.interaction_id, place, shown["id"], by)


async def test_a_card_says_that_we_are_guests_and_offers_to_bring_the_video(
    guest_town: Town, lounge: int
) -> None:
    card = await ordered(guest_town, lounge, "A boat abroad", by="member")

    shown = card.look()

    assert "I am not a member here" in words(shown)
    assert "📥" in buttons(shown)


async def test_the_video_comes_by_direct_message_and_the_closed_place_is_not_tried(
    guest_town: Town, lounge: int
) -> None:
    card = await ordered(guest_town, lounge, "A boat from abroad", by="member")

    await guest_town.discord.until(lambda: playing(guest_town, card.job_id, "dm"))
    await towns.reached(guest_town, card.job_id, JobState.DONE)

    assert [one for one in guest_town.discord.requests if one.path.startswith(f"/channels/{lounge}/")] == []


async def test_a_press_brings_the_video_into_the_message(guest_town: Town, lounge: int) -> None:
    guest_town.discord.close_dm("stranger")
    card = await ordered(guest_town, lounge, "A boat for the lounge", by="stranger")
    await towns.reached(guest_town, card.job_id, JobState.UNDELIVERABLE)
    guest_town.discord.close_dm("stranger", closed=False)
    guest_town.discord.expire_tokens()

    await guest_town.discord.member("stranger").press(card.look(), "📥")
    message = await card.plays()

    await towns.reached(guest_town, card.job_id, JobState.DONE)
    assert [clip["filename"] for clip in clips(message)] == [f"video-{card.job_id}.mp4"]


async def test_several_at_once_stay_within_the_answers_that_a_guest_has(
    guest_town: Town, lounge: int
) -> None:
    member, prompt = guest_town.discord.member("member"), "Four boats abroad"

    call = await member.command(lounge, "video", prompt=prompt, count=4)
    told = await private_answer(guest_town, call)
    await guest_town.discord.until(lambda: playing(guest_town, call.interaction_id, "dm"))

    assert "One video is on its way." in told
    assert len(guest_town.creates(prompt)) == 1
    assert len(call.followups()) <= 5


async def test_a_press_that_comes_too_soon_says_so(guest_town: Town, lounge: int) -> None:
    held = guest_town.keeps_working("A boat that is slow")
    card = await ordered(guest_town, lounge, "A boat that is slow", by="member")

    call = await guest_town.discord.member("member").press(card.look(), "📥")
    told = await private_answer(guest_town, call)
    held.times = 0

    assert "not there yet" in told


async def test_a_stranger_gets_a_video_in_our_direct_messages(guest_town: Town) -> None:
    call = await guest_town.discord.member("stranger").command("dm", "video", prompt="A boat for one")

    card = await card_of(guest_town, call, viewer="stranger", channel="dm")

    assert clips(await card.plays())


async def test_where_we_are_members_nothing_is_said_of_guests(guest_town: Town) -> None:
    call = await guest_town.discord.member("member").command(CHANNEL, "video", prompt="A boat at home")

    card = await card_of(guest_town, call)
    await card.plays()

    assert "not a member" not in words(card.look())


async def test_what_is_too_large_for_a_guest_is_linked_and_every_member_there_gets_a_link(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        show_to_the_world(town)
        town.discord.upload_limit = 2_000
        lounge = lounge_of(town)
        async with bot_inside(town):
            card = await ordered(town, lounge, "A ship of the line abroad", by="member")
            await towns.reached(town, card.job_id, JobState.DONE)

            await town.discord.member("member").press(card.look(), "📥")
            shown = await card.says("Open the video")
            call = await town.discord.member("stranger").press(shown, "📥")
            told = await private_answer(town, call)

        (letter,) = [message for message in town.discord.messages("dm") if gallery(message)]

    assert "Open the video" in words(letter)
    assert "It opens for whoever has it" in told
    assert len(town.creates("A ship of the line abroad")) == 1
