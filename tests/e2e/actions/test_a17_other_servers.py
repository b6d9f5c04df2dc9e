"""Forged buttons, forms, menus, reactions and answers that name a video of another server."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from simcord.enums import AppCommandType, InteractionType

from core.model.job import JobState
from sandbox.discord import Call
from sandbox.discord.clients.interactions import Place, send
from sandbox.discord.clients.options import synced
from tests.e2e.harness import town as towns
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import CHANNEL, Card, card_of, clips, order, playing, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_KNOWN = "I no longer know this job. Ask for a new video with /video."
SECRET = "A boat with a picture of its own"


@pytest.fixture(scope="module")
def den(lively_town: Town) -> int:
    """A channel of another server, which belongs to the stranger. The bot is there, and others are."""
    world = lively_town.discord.world
    guild = world.create_guild("Den of forgers", owner_id=lively_town.discord.member("stranger").id)
    for name in ("member", "second"):
        world.add_member(guild.id, lively_town.discord.member(name).id)
    return world.create_channel(guild.id, "den", announce=True).id


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def video(lively_town: Town) -> Card:
    """A member's video with a picture, which every member of its server sees."""
    card = await order(lively_town, SECRET, image=picture())
    await towns.reached(lively_town, card.job_id, JobState.DONE)
    return card


@pytest_asyncio.fixture(loop_scope="module")
async def unharmed(lively_town: Town, video: Card, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Town]:
    """A town in which afterwards nothing was ordered or removed, and the video was shown nowhere else."""
    before = len(await towns.jobs(lively_town)), len(lively_town.gateways.creates())
    seen = len(lively_town.discord.requests)
    yield lively_town
    assert (len(await towns.jobs(lively_town)), len(lively_town.gateways.creates())) == before
    assert playing(lively_town, video.job_id)
    said = [str(request.payload) for request in lively_town.discord.requests[seen:]]
    assert [one for one in said if SECRET in one] == []
    assert [one.getMessage() for one in caplog.get_records("call") if one.levelno >= logging.ERROR] == []


def forged(town: Town, channel_id: int, kind: InteractionType, data: dict[str, Any], by: str) -> Call:
    """Send an interaction such as no client of Discord's would."""
    world, member = town.discord.world, town.discord.member(by)
    record = send(world, Place(member.id, channel_id), kind, data, size_limit=2**23)
    return Call(world, record, town.discord.transcript)


def pressed(town: Town, channel_id: int, custom_id: str, by: str = "stranger") -> Call:
    """Press a button that stands under no message at all."""
    data = {"custom_id": custom_id, "component_type": 2}
    return forged(town, channel_id, InteractionType.MESSAGE_COMPONENT, data, by)


def filled_in(town: Town, channel_id: int, custom_id: str, by: str = "stranger") -> Call:
    """Send a form that was never opened."""
    field = {"type": 4, "id": 2, "custom_id": "prompt", "value": "A boat of somebody else's"}
    data = {"custom_id": custom_id, "components": [{"type": 18, "id": 1, "component": field}]}
    return forged(town, channel_id, InteractionType.MODAL_SUBMIT, data, by)


def chosen(town: Town, channel_id: int, name: str, card: Card, by: str = "stranger") -> Call:
    """Choose an entry of the menu of a message that is somewhere else."""
    place = Place(town.discord.member(by).id, channel_id)
    entry = synced(town.discord.world, place, name, AppCommandType.MESSAGE)
    message = card.look() | {"content": "", "channel_id": str(channel_id)}
    data = {
        "id": entry["id"],
        "name": name,
        "type": 3,
        "target_id": card.message_id,
        "resolved": {"messages": {card.message_id: message}},
    }
    return forged(town, channel_id, InteractionType.APPLICATION_COMMAND, data, by)


# ------------------------------------------------------------ buttons and forms


@pytest.mark.parametrize(
    "action",
    ["again", "edit", "extend", "mail", "get", "cancel", "delete", "risk", "resend", "dismiss"],
)
async def test_a17_a_forged_button_of_another_server_knows_no_video(
    unharmed: Town, video: Card, den: int, action: str
) -> None:
    """The stranger may manage all messages there: that says nothing of other servers."""
    call = pressed(unharmed, den, f"job:{video.job_id}:{action}")

    assert await private_answer(unharmed, call) == NOT_KNOWN
    assert call.modal() is None


@pytest.mark.parametrize("kind", ["edit", "extend"])
async def test_a17_a_forged_form_of_another_server_takes_no_picture(
    unharmed: Town, video: Card, den: int, kind: str
) -> None:
    call = filled_in(unharmed, den, f"form:{kind}:{video.job_id}")

    assert await private_answer(unharmed, call) == NOT_KNOWN


@pytest.mark.parametrize("kind", ["edit", "extend"])
async def test_a17_a_forged_form_in_direct_messages_takes_no_picture(
    unharmed: Town, video: Card, kind: str
) -> None:
    direct = unharmed.discord.channel_of("dm", unharmed.discord.member("stranger").id)

    call = filled_in(unharmed, direct, f"form:{kind}:{video.job_id}")

    assert await private_answer(unharmed, call) == NOT_KNOWN


async def test_a17_a_form_for_a_picture_belongs_to_the_member_who_opened_it(unharmed: Town) -> None:
    member, channel = unharmed.discord.member("member"), unharmed.discord.channel(CHANNEL)
    posted = await member.send(CHANNEL, "My picture", files=[picture()])
    opened = await member.menu(posted, "Animate this")
    form = await unharmed.discord.until(opened.modal)

    call = filled_in(unharmed, channel, form["custom_id"], by="second")

    assert "no longer have that picture" in await private_answer(unharmed, call)


# ------------------------------------------------------------ menus, reactions, answers


async def test_a17_the_menu_of_another_server_shows_no_details(unharmed: Town, video: Card, den: int) -> None:
    call = chosen(unharmed, den, "Video details", video)

    assert "shows no video of mine" in await private_answer(unharmed, call)


async def test_a17_the_menu_of_another_server_gives_no_words(unharmed: Town, video: Card, den: int) -> None:
    call = chosen(unharmed, den, "Use as prompt", video)

    assert "no words in that message" in await private_answer(unharmed, call)


@pytest.mark.parametrize("emoji", ["🔁", "✉️", "❌", "⭐"])
async def test_a17_a_forged_reaction_of_another_server_does_nothing(
    unharmed: Town, video: Card, den: int, emoji: str
) -> None:
    world, stranger = unharmed.discord.world, unharmed.discord.member("stranger")
    guild_id = world.get_channel(den).guild_id
    reaction = {
        "user_id": str(stranger.id),
        "channel_id": str(den),
        "message_id": video.message_id,
        "guild_id": str(guild_id),
        "emoji": {"id": None, "name": emoji},
        "type": 0,
        "burst": False,
    }
    world.emit("MESSAGE_REACTION_ADD", reaction)

    await handled(unharmed, den)

    assert playing(unharmed, video.job_id, "dm", viewer="stranger") == []


async def test_a17_an_answer_of_another_server_takes_no_picture(
    lively_town: Town, video: Card, den: int
) -> None:
    """The bot is called by name there, so it makes a video of the words, and of nothing else."""
    world, stranger = lively_town.discord.world, lively_town.discord.member("stranger")
    message, number = world.create_message(den, stranger.id, "Nothing yet"), world.snowflake()
    payload: dict[str, Any] = {
        **world.message_json(message, stranger.id),
        "id": str(number),
        "content": f"<@{lively_town.discord.bot_id}> A boat in a storm",
        "guild_id": str(world.get_channel(den).guild_id),
        "type": 19,
        "message_reference": {"message_id": video.message_id, "channel_id": str(den), "type": 0},
    }
    world.emit("MESSAGE_CREATE", payload)

    await lively_town.discord.until(lambda: lively_town.creates("A boat in a storm"))

    (body,) = lively_town.creates("A boat in a storm")
    assert "image" not in body
    assert (await towns.job(lively_town, number)).parent_id is None


async def handled(town: Town, channel_id: int) -> None:
    """Wait until the bot has answered something that came later."""
    call = pressed(town, channel_id, "nonsense")
    assert "I no longer know this button" in await private_answer(town, call)


# ------------------------------------------------------------ what goes on working


async def test_a17_a_copy_in_direct_messages_goes_on_working_for_the_member_who_got_it(
    lively_town: Town, video: Card, den: int
) -> None:
    second = lively_town.discord.member("second")
    await private_answer(lively_town, await second.press(video.look(), "✉️"))
    (copy,) = playing(lively_town, video.job_id, "dm", viewer="second")
    form = await lively_town.discord.until((await second.press(copy, "✏️")).modal)

    again = await card_of(
        lively_town, await second.submit(form, prompt="A boat from a copy"), viewer="second", channel="dm"
    )

    assert clips(await again.plays())
    (body,) = lively_town.creates("A boat from a copy")
    assert "image" in body
    elsewhere = pressed(lively_town, den, f"job:{video.job_id}:edit", by="second")
    assert await private_answer(lively_town, elsewhere) == NOT_KNOWN


async def test_a17_the_requester_may_go_on_anywhere(lively_town: Town, video: Card, den: int) -> None:
    call = filled_in(lively_town, den, f"form:edit:{video.job_id}", by="member")

    shown = await lively_town.discord.until(lambda: call.response() if words(call.response()) else None)

    assert shown["channel_id"] == str(den)
