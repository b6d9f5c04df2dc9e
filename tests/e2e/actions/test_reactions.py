from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.model.job import Job, JobState
from sandbox.discord.clients.members import Member
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import CHANNEL, Message, order, playing, replies_to, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def made_of(town: Town, parent_id: int, *, count: int = 1) -> list[Job]:
    """Wait until so many jobs were made from another one and have brought their videos."""
    async with asyncio.timeout(20):
        while True:
            children = [job for job in await towns.jobs(town) if job.parent_id == parent_id]
            if [job.state for job in children].count(JobState.DONE) >= count:
                return children
            await asyncio.sleep(0.05)


async def answered_by(town: Town, member: Member, emoji: str) -> None:
    """Let a member react to another video, and wait until the bot acts: earlier ones were read by then."""
    card = await order(town, f"A buoy for {member.name} {emoji}")
    await member.react(await card.plays(), emoji)
    await made_of(town, card.job_id)


def slips(town: Town, message: Message) -> list[str]:
    return [words(reply) for reply in replies_to(town, message["id"])]


async def test_a_reaction_runs_a_video_again_on_the_reactor_s_account(lively_town: Town) -> None:
    card = await order(lively_town, "A boat that pleases", duration=10, image=picture())
    message = await card.plays()

    await lively_town.discord.member("second").react(message, "🔁")
    (job,) = await made_of(lively_town, card.job_id)

    (shown,) = playing(lively_town, job.id)
    assert job.destination.requester_id == lively_town.discord.member("second").id
    assert job.request == (await towns.job(lively_town, card.job_id)).request
    assert shown["id"] in {reply["id"] for reply in replies_to(lively_town, message["id"])}
    assert len(lively_town.creates("A boat that pleases")) == 2


async def test_a_reaction_that_is_given_again_at_once_buys_nothing(lively_town: Town) -> None:
    card = await order(lively_town, "A boat for the fickle")
    message, second = await card.plays(), lively_town.discord.member("second")

    for _ in range(5):
        await second.react(message, "🔁")
        await second.unreact(message, "🔁")
    await made_of(lively_town, card.job_id)
    await answered_by(lively_town, lively_town.discord.member("moderator"), "🔁")

    assert len(lively_town.creates("A boat for the fickle")) == 2


async def test_it_buys_nothing_after_a_restart_either(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        second = town.discord.member("second")
        async with bot_inside(town):
            card = await order(town, "A boat for the patient")
            message = await card.plays()
            await second.react(message, "🔁")
            await made_of(town, card.job_id)
        await second.unreact(message, "🔁")
        async with bot_inside(town):
            await second.react(message, "🔁")
            await town.discord.member("member").react(message, "🔁")
            await made_of(town, card.job_id, count=2)

        assert len(town.creates("A boat for the patient")) == 3


async def test_a_copy_comes_by_direct_message(lively_town: Town) -> None:
    card = await order(lively_town, "A boat in the post")

    await lively_town.discord.member("second").react(await card.plays(), "✉️")

    (copy,) = await lively_town.discord.until(lambda: playing(lively_town, card.job_id, "dm", "second"))
    assert "A boat in the post" in words(copy)


async def test_a_member_who_takes_no_direct_messages_is_told_for_a_while_and_no_member_is_pinged(
    lively_town: Town,
) -> None:
    message = await (await order(lively_town, "A boat in the wrong post")).plays()
    lively_town.discord.close_dm("second")

    await lively_town.discord.member("second").react(message, "✉️")
    told = await lively_town.discord.until(
        lambda: [slip for slip in slips(lively_town, message) if "cannot send you direct" in slip]
    )

    lively_town.discord.close_dm("second", closed=False)
    posts = lively_town.sent("POST", r"/channels/\d+/messages")
    assert told[0].startswith(f"<@{lively_town.discord.member('second').id}>")
    assert [post["allowed_mentions"] for post in posts if told[0] in str(post)] == [{"parse": []}]


async def test_the_requester_takes_a_video_away_and_a_stranger_does_not(lively_town: Town) -> None:
    card = await order(lively_town, "A boat to take away")
    message = await card.plays()
    await card.replied()

    await lively_town.discord.member("second").react(message, "❌")
    await answered_by(lively_town, lively_town.discord.member("second"), "🔁")
    still_there = playing(lively_town, card.job_id)
    await lively_town.discord.member("member").react(message, "❌")
    await lively_town.discord.until(lambda: not playing(lively_town, card.job_id))

    assert len(still_there) == 1


async def test_a_moderator_takes_a_video_away(lively_town: Town) -> None:
    card = await order(lively_town, "A boat against the rules")
    message = await card.plays()
    await card.replied()

    await lively_town.discord.member("moderator").react(message, "❌")

    await lively_town.discord.until(lambda: not playing(lively_town, card.job_id))


async def test_what_is_too_late_to_cancel_is_said_to_be_so(lively_town: Town) -> None:
    held = lively_town.keeps_working("A boat at sea")
    card = await order(lively_town, "A boat at sea")
    message = await card.says("making it")

    await lively_town.discord.member("member").react(message, "❌")
    told = await lively_town.discord.until(lambda: slips(lively_town, message))

    held.times = 0
    await card.plays()
    assert "already working on this video" in told[0]


async def test_reactions_elsewhere_and_of_the_bot_itself_mean_nothing(lively_town: Town) -> None:
    second, before = lively_town.discord.member("second"), len(lively_town.gateways.creates())
    talk = await second.send(CHANNEL, "a message of mine")
    card = await order(lively_town, "A boat with a mirror")
    message = await card.plays()
    reply = await card.replied()
    world = lively_town.discord.world

    for emoji in ("🔁", "❌", "✉️"):
        await second.react(talk, emoji)
        await second.react(reply, emoji)
    await second.react(message, "👍")
    channel_id, message_id = lively_town.discord.channel(CHANNEL), int(message["id"])
    world.set_reaction(channel_id, message_id, "🔁", lively_town.discord.bot_id, reacted=True)
    await answered_by(lively_town, lively_town.discord.member("moderator"), "🔁")

    assert len(lively_town.gateways.creates()) == before + 3


async def test_a_hundred_reactions_at_once_are_borne(lively_town: Town) -> None:
    card = await order(lively_town, "A boat in a storm")
    message = await card.plays()
    second = lively_town.discord.member("second")

    for emoji in ["🔁", "👍", "🔥", "❌", "🎉"] * 20:
        await second.react(message, emoji)
        await second.unreact(message, emoji)
    await made_of(lively_town, card.job_id)
    await answered_by(lively_town, lively_town.discord.member("member"), "🔁")

    assert len(lively_town.creates("A boat in a storm")) == 2
    assert len(playing(lively_town, card.job_id)) == 1
