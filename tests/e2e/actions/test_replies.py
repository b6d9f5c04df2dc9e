from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.files import PAGE, picture
from tests.e2e.harness.scenes import CHANNEL, Card, Message, clips, order, playing, replies_to, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def called(lively_town: Town) -> AsyncIterator[str]:
    """How the bot is called by name."""
    yield f"<@{lively_town.discord.bot_id}>"


async def answer_to(town: Town, message: Message, channel: str = CHANNEL, viewer: str = "second") -> Card:
    """Wait for the card that answers a message; the message's number is the job's."""
    found = await town.discord.until(lambda: replies_to(town, message["id"], channel, viewer))
    return Card(town, int(message["id"]), channel, found[0]["id"], viewer)


async def said_to(town: Town, message: Message) -> str:
    """Wait for the short words that answer a message."""
    found = await town.discord.until(lambda: replies_to(town, message["id"]))
    return words(found[0])


# ------------------------------------------------------------ answers to a video


async def test_an_answer_to_a_video_is_its_new_prompt(lively_town: Town, called: str) -> None:
    card = await order(lively_town, "A boat to talk about", duration=10, mode="pro", image=picture())
    message = await card.plays()

    second = lively_town.discord.member("second")
    posted = await second.send(CHANNEL, f"{called} A boat answered --ar 9:16", reply_to=message)
    await (await answer_to(lively_town, posted)).plays()

    (body,) = lively_town.creates("A boat answered")
    job = await towns.job(lively_town, int(posted["id"]))
    assert (body["duration"], body["mode"], body["aspect_ratio"]) == ("10", "pro", "9:16")
    assert "image" in body
    assert job.parent_id == card.job_id
    assert job.destination.requester_id == second.id


async def test_an_answer_to_a_video_that_no_command_ordered_needs_no_name(
    lively_town: Town, called: str
) -> None:
    second = lively_town.discord.member("second")
    first = await second.send(CHANNEL, f"{called} A boat by name")
    message = await (await answer_to(lively_town, first)).plays()

    posted = await second.send(CHANNEL, "A boat without a name", reply_to=message)
    await (await answer_to(lively_town, posted)).plays()

    assert (await towns.job(lively_town, int(posted["id"]))).parent_id == int(first["id"])


async def test_an_answer_after_a_restart_and_with_a_dead_link_works(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        async with bot_inside(town):
            message = await (await order(town, "A boat with a long memory", image=picture())).plays()
        town.discord.expire_links()
        async with bot_inside(town):
            text = f"<@{town.discord.bot_id}> A boat remembered"
            posted = await town.discord.member("second").send(CHANNEL, text, reply_to=message)
            await (await answer_to(town, posted)).plays()

        assert len(town.creates("A boat remembered")) == 1


async def test_an_answer_that_cannot_be_read_is_told_how_it_could_be(lively_town: Town) -> None:
    message = await (await order(lively_town, "A boat behind glass")).plays()

    posted = await lively_town.discord.member("second").send(CHANNEL, "Make it blue", reply_to=message)
    told = await said_to(lively_town, posted)

    assert "Mention me in your answer" in told
    assert lively_town.creates("Make it blue") == []


async def test_a_wrong_flag_is_answered_with_what_is_allowed(lively_town: Town, called: str) -> None:
    message = await (await order(lively_town, "A boat with a wrong flag")).plays()

    posted = await lively_town.discord.member("second").send(
        CHANNEL, f"{called} A boat astray --ar wide", reply_to=message
    )
    told = await said_to(lively_town, posted)

    assert "16:9" in told
    assert lively_town.creates("A boat astray") == []


@pytest.mark.parametrize("talk", ["// nice one", "(I like it)"])
async def test_talk_is_left_alone(lively_town: Town, called: str, talk: str) -> None:
    message = await (await order(lively_town, f"A boat worth talking of {talk[:2]}")).plays()
    second, before = lively_town.discord.member("second"), len(lively_town.gateways.creates())

    posted = await second.send(CHANNEL, f"{called} {talk}", reply_to=message)
    after = await second.send(CHANNEL, f"{called} A boat after {talk[:2]}".replace("//", "words"))
    await (await answer_to(lively_town, after)).plays()

    assert replies_to(lively_town, posted["id"]) == []
    assert len(lively_town.gateways.creates()) == before + 1


# ------------------------------------------------------------ calls by name


async def test_a_member_who_calls_the_bot_by_name_gets_a_video(lively_town: Town, called: str) -> None:
    second = lively_town.discord.member("second")

    posted = await second.send(CHANNEL, f"{called} A boat that was called for --pro --count 2")
    await (await answer_to(lively_town, posted)).plays()
    await lively_town.discord.until(
        lambda: (
            len(replies_to(lively_town, posted["id"])) == 2
            and all(clips(reply) for reply in replies_to(lively_town, posted["id"]))
        )
    )

    assert [body["mode"] for body in lively_town.creates("A boat that was called for")] == ["pro", "pro"]


async def test_a_picture_goes_with_the_call(lively_town: Town, called: str) -> None:
    posted = await lively_town.discord.member("second").send(
        CHANNEL, f"{called} The boat here moves", files=[picture()]
    )

    await (await answer_to(lively_town, posted)).plays()

    assert "image" in lively_town.creates("The boat here moves")[0]


async def test_a_call_that_says_nothing_is_told_what_to_say(lively_town: Town, called: str) -> None:
    posted = await lively_town.discord.member("member").send(CHANNEL, called)

    assert "Write after my name" in await said_to(lively_town, posted)


async def test_a_call_with_what_is_no_picture_orders_nothing(lively_town: Town, called: str) -> None:
    page = type(picture())("page.png", PAGE)

    posted = await lively_town.discord.member("moderator").send(
        CHANNEL, f"{called} A page on the move", files=[page]
    )
    told = await said_to(lively_town, posted)

    assert "not a picture that can be read" in told
    assert lively_town.creates("A page on the move") == []


async def test_a_call_works_in_direct_messages(lively_town: Town, called: str) -> None:
    posted = await lively_town.discord.member("second").send("dm", f"{called} A boat between us two")

    card = await answer_to(lively_town, posted, "dm")
    await card.plays()

    assert len(playing(lively_town, card.job_id, "dm", "second")) == 1


async def test_a_private_call_is_answered_in_direct_messages(lively_town: Town, called: str) -> None:
    posted = await lively_town.discord.member("second").send(CHANNEL, f"{called} A boat in secret --private")

    await lively_town.discord.until(lambda: playing(lively_town, int(posted["id"]), "dm", "second"))

    assert playing(lively_town, int(posted["id"])) == []


async def test_where_the_bot_may_not_speak_nothing_is_ordered(lively_town: Town, called: str) -> None:
    second, before = lively_town.discord.member("second"), len(lively_town.gateways.creates())

    await second.send("announcements", f"{called} A boat unheard")
    posted = await second.send(CHANNEL, f"{called} A boat heard")
    await (await answer_to(lively_town, posted)).plays()

    assert len(lively_town.gateways.creates()) == before + 1
    assert lively_town.creates("A boat unheard") == []


async def test_what_members_say_to_each_other_is_left_alone(lively_town: Town) -> None:
    member, second = lively_town.discord.member("member"), lively_town.discord.member("second")
    talk = await member.send(CHANNEL, "look at my boat", files=[picture()])

    posted = await second.send(CHANNEL, "what a boat", reply_to=talk, files=[picture()])
    card = await order(lively_town, "A boat after the talk")
    await card.plays()

    assert replies_to(lively_town, posted["id"]) == []
    assert "what a boat" not in {job.request.prompt for job in await towns.jobs(lively_town)}


async def test_a_message_that_arrives_twice_makes_one_video(lively_town: Town, called: str) -> None:
    world, heard = lively_town.discord.world, list[Message]()
    world.listeners.append(lambda event, shown: heard.append(shown) if event == "MESSAGE_CREATE" else None)
    posted = await lively_town.discord.member("second").send(CHANNEL, f"{called} A boat and its echo")
    world.listeners.pop()
    first = next(shown for shown in heard if shown["id"] == posted["id"])
    card = await answer_to(lively_town, posted)

    world.emit("MESSAGE_CREATE", first)
    await card.plays()
    await towns.reached(lively_town, card.job_id, JobState.DONE)

    assert len(lively_town.creates("A boat and its echo")) == 1
