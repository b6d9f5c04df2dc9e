"""Presses that no message of ours allows: answered in private, and nothing else comes of them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from simcord.enums import InteractionType

from core.model.job import JobState
from sandbox.discord import Call
from sandbox.discord.clients.interactions import Place, send
from tests.e2e.harness import town as towns
from tests.e2e.harness.scenes import CHANNEL, Card, order, playing, private_answer
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_KNOWN = "I no longer know this"
DEFERRED = 6
MINE_ALONE = "Only the person who asked for this video, or a moderator, can do that."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def video(lively_town: Town) -> Card:
    """A member's video, which every member sees."""
    card = await order(lively_town, "A boat in good order")
    await towns.reached(lively_town, card.job_id, JobState.DONE)
    return card


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secret(lively_town: Town) -> int:
    """A member's private video."""
    member = lively_town.discord.member("member")
    call = await member.command(CHANNEL, "video", prompt="A boat that nobody knows of", private=True)
    await lively_town.discord.until(lambda: playing(lively_town, call.interaction_id, "dm"))
    await towns.reached(lively_town, call.interaction_id, JobState.DONE)
    return call.interaction_id


async def accounts(town: Town) -> tuple[int, int]:
    """How much was ordered, and how often that was paid for."""
    return len(await towns.jobs(town)), len(town.gateways.creates())


@pytest_asyncio.fixture(loop_scope="module")
async def unharmed(
    lively_town: Town, video: Card, secret: int, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Town]:
    """A town in which afterwards nothing has been ordered or paid for, and nothing went wrong unforeseen."""
    assert playing(lively_town, video.job_id)
    assert playing(lively_town, secret, "dm")
    before = await accounts(lively_town)
    yield lively_town
    assert await accounts(lively_town) == before
    assert [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR] == []


async def pressed(town: Town, custom_id: str, by: str = "second") -> Call:
    """Let a member press a button in a message of the bot, also one that the bot never put there."""
    world, discord = town.discord.world, town.discord
    button = {"type": 2, "id": 2, "style": 2, "label": "Old", "custom_id": "old"}
    row = {"type": 1, "id": 1, "components": [button]}
    stored = world.create_message(discord.channel(CHANNEL), discord.bot_id, "An old card", components=[row])
    stored.components[0]["components"][0]["custom_id"] = custom_id
    member = discord.member(by)
    return await member.press(world.message_json(stored, member.id), custom_id)


# ------------------------------------------------------------ forged and foreign buttons

FORGED = {
    "nonsense": "nonsense",
    "of another bot": "tickets:close:17",
    "of another version": "v2:job:17:again",
    "with more than there is": "job:17:again:17",
    "with an action that is not there": "job:17:explode",
    "with a number below zero": "job:-17:again",
    "with a number that no job has": "job:17:again",
    "with a number that none can have": "job:99999999999999999999:again",
    "in other digits": "job:\u0661\u0668:again",
    "in other letters": "j\u043eb:17:again",
    "with an emoji": "job:17:🔁",
    "as long as it may be": "job:" + "9" * 96,
    "longer than it may be": "job:17:again" + " " * 4000,
    "with a line of its own": "job:17:again\n",
    "with a page that no list has": "jobs:all:9999",
}


@pytest.mark.parametrize("custom_id", FORGED.values(), ids=FORGED.keys())
async def test_a_button_that_is_not_ours_is_answered_privately(unharmed: Town, custom_id: str) -> None:
    call = await pressed(unharmed, custom_id)

    assert NOT_KNOWN in await private_answer(unharmed, call)


@pytest.mark.parametrize(
    "action",
    ["again", "edit", "extend", "mail", "delete", "cancel", "get", "risk", "resend", "dismiss"],
)
async def test_a_job_that_is_no_longer_known_is_said_to_be_so(unharmed: Town, action: str) -> None:
    call = await pressed(unharmed, f"job:19:{action}")

    assert await private_answer(unharmed, call) == f"{NOT_KNOWN} job. Ask for a new video with /video."


@pytest.mark.parametrize("action", ["delete", "cancel", "get", "risk", "resend", "dismiss"])
async def test_another_members_job_is_theirs_whatever_the_button_says(
    unharmed: Town, video: Card, action: str
) -> None:
    call = await pressed(unharmed, f"job:{video.job_id}:{action}")

    assert await private_answer(unharmed, call) == MINE_ALONE
    assert playing(unharmed, video.job_id)


@pytest.mark.parametrize(
    "action",
    ["again", "edit", "extend", "mail"],
)
async def test_another_members_private_video_is_as_if_it_were_not_there(
    unharmed: Town, secret: int, action: str
) -> None:
    call = await pressed(unharmed, f"job:{secret}:{action}", by="moderator")

    assert NOT_KNOWN in await private_answer(unharmed, call)
    assert call.modal() is None
    assert playing(unharmed, secret, "dm", "moderator") == []


async def test_a_command_of_another_version_is_answered_privately(unharmed: Town) -> None:
    second, data = unharmed.discord.member("second"), {"id": "17", "name": "movie", "type": 1}
    place = Place(second.id, unharmed.discord.channel(CHANNEL))
    record = send(unharmed.discord.world, place, InteractionType.APPLICATION_COMMAND, data, size_limit=2**20)

    told = await private_answer(unharmed, Call(unharmed.discord.world, record, unharmed.discord.transcript))

    assert "That did not work here. Nothing was ordered" in told
