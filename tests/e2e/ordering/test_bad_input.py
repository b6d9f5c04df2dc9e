"""Events at a bad moment, twice, or from a member who has left: handled once at most, without harm."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from typing import Any

import pytest
import pytest_asyncio

from core.model.job import JobState
from sandbox.discord import Call, Member
from tests.e2e.harness import town as towns
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import CHANNEL, Card, card_of, order, playing, private_answer, replies_to, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEFERRED = 6


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def video(lively_town: Town) -> Card:
    """A member's video, which every member sees."""
    card = await order(lively_town, "A boat in good order")
    await towns.reached(lively_town, card.job_id, JobState.DONE)
    return card


async def accounts(town: Town) -> tuple[int, int]:
    """How much was ordered, and how often that was paid for."""
    return len(await towns.jobs(town)), len(town.gateways.creates())


# ------------------------------------------------------------ what is gone


async def test_two_members_who_delete_at_once_break_nothing(lively_town: Town) -> None:
    card = await order(lively_town, "A boat that two dislike")
    message, discord = await card.plays(), lively_town.discord
    await towns.reached(lively_town, card.job_id, JobState.DONE)

    calls = [await discord.member(role).press(message, "🗑️") for role in ("member", "moderator")]
    answers = [(await call.answered())["type"] for call in calls]
    await discord.until(lambda: not playing(lively_town, card.job_id))

    assert answers == [DEFERRED, DEFERRED]
    assert [words(one) for call in calls for one in call.followups()] == []


async def test_a_copy_of_a_deleted_video_says_what_is_no_longer_possible(lively_town: Town) -> None:
    card, discord = await order(lively_town, "A boat that is taken away"), lively_town.discord
    message, second = await card.plays(), discord.member("second")
    await second.react(message, "✉️")
    (copy,) = await discord.until(lambda: playing(lively_town, card.job_id, "dm", "second"))
    await discord.member("member").press(message, "🗑️")
    await towns.written(lambda: is_forgotten(lively_town, card.job_id))

    told = await private_answer(lively_town, await second.press(copy, "⏭️"))

    assert "no longer keep the file of this video. Nothing was ordered" in told
    assert len(lively_town.creates("A boat that is taken away")) == 1


async def is_forgotten(town: Town, job_id: int) -> bool:
    return (await towns.job(town, job_id)).video is None


# ------------------------------------------------------------ what comes twice


async def echo(town: Town, act: Awaitable[Call]) -> Call:
    """Let Discord send an interaction once more, and wait until that was turned away."""
    world, heard = town.discord.world, list[dict[str, Any]]()
    world.listeners.append(lambda event, sent: heard.append(sent) if event == "INTERACTION_CREATE" else None)
    call = await act
    world.listeners.pop()
    await call.answered()

    world.emit("INTERACTION_CREATE", heard[0])
    path = f"/interactions/{call.interaction_id}/"
    await town.discord.until(
        lambda: any(one.refused for one in town.discord.requests if one.path.startswith(path))
    )
    return call


async def test_a_press_that_comes_twice_orders_once(lively_town: Town, video: Card) -> None:
    before = await accounts(lively_town)

    call = await echo(lively_town, lively_town.discord.member("second").press(video.look(), "🔁"))
    await towns.reached(lively_town, call.interaction_id, JobState.DONE)

    assert await accounts(lively_town) == (before[0] + 1, before[1] + 1)


async def test_a_form_that_comes_twice_orders_once(lively_town: Town, video: Card) -> None:
    second, before = lively_town.discord.member("second"), await accounts(lively_town)
    form = await lively_town.discord.until((await second.press(video.look(), "✏️")).modal)

    call = await echo(lively_town, second.submit(form, prompt="A boat in two minds"))
    await towns.reached(lively_town, call.interaction_id, JobState.DONE)

    assert await accounts(lively_town) == (before[0] + 1, before[1] + 1)


# ------------------------------------------------------------ answers to something else


async def test_a_picture_in_an_answer_to_what_is_no_video_is_talk(lively_town: Town, video: Card) -> None:
    second, notice = lively_town.discord.member("second"), await video.replied()
    held = lively_town.keeps_working("A boat that is not there yet")
    working = await order(lively_town, "A boat that is not there yet")
    shown = await working.says("making it")

    answers = [
        await second.send(CHANNEL, "Like this", files=[picture()], reply_to=one) for one in (notice, shown)
    ]
    held.times = 0
    await working.replied()

    assert [replies_to(lively_town, answer["id"]) for answer in answers] == [[], []]
    assert lively_town.creates("Like this") == []


async def test_a_video_that_is_passed_on_is_no_answer(lively_town: Town, video: Card) -> None:
    discord, message = lively_town.discord, video.look()
    reference = {"type": 1, "channel_id": message["channel_id"], "message_id": message["id"]}
    second = discord.member("second")

    passed_on = discord.world.create_message(discord.channel("ideas"), second.id, "", reference=reference)
    await (await order(lively_town, "A boat after that", by="second")).replied()

    assert replies_to(lively_town, str(passed_on.id), "ideas") == []


# ------------------------------------------------------------ who has left


@pytest.fixture
def leaver(lively_town: Town) -> Iterator[Member]:
    """A member who can leave the server, and is back after the test."""
    discord = lively_town.discord
    yield discord.member("second")
    discord.world.add_member(discord.guild_id, discord.member("second").id)


async def test_the_video_of_a_member_who_left_can_be_made_again_and_deleted(
    lively_town: Town, leaver: Member
) -> None:
    card, discord = await order(lively_town, "A boat left behind", by="second"), lively_town.discord
    message = await card.plays()
    await towns.reached(lively_town, card.job_id, JobState.DONE)

    discord.world.remove_member(discord.guild_id, leaver.id)
    again = await card_of(lively_town, await discord.member("member").press(message, "🔁"))
    await again.plays()
    await discord.member("moderator").react(message, "❌")
    await discord.until(lambda: not playing(lively_town, card.job_id))

    assert (await towns.job(lively_town, again.job_id)).parent_id == card.job_id


async def test_a_private_video_of_a_member_who_left_comes_to_no_other_member(
    lively_town: Town, leaver: Member
) -> None:
    prompt, discord = "A boat that is missed", lively_town.discord
    held = lively_town.keeps_working(prompt)
    call = await leaver.command(CHANNEL, "video", prompt=prompt, private=True)
    await lively_town.gateways.until(lambda: lively_town.tasks(prompt))

    discord.world.remove_member(discord.guild_id, leaver.id)
    held.times = 0
    await towns.reached(lively_town, call.interaction_id, JobState.DONE)

    assert len(playing(lively_town, call.interaction_id, "dm", leaver.name)) == 1
    assert playing(lively_town, call.interaction_id, CHANNEL, "owner") == []
    assert len(lively_town.creates(prompt)) == 1
