from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.prompting import managing, newcomers
from tests.e2e.harness.scenes import Card, Message, clips, gallery, order, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

WALL = "gallery"


@pytest_asyncio.fixture(loop_scope="module")
async def wall(lively_town: Town) -> Town:
    """A town with a gallery where two votes are enough."""
    await managing(lively_town, "gallery", channel=lively_town.discord.channel(WALL), threshold=2)
    return lively_town


@pytest_asyncio.fixture(loop_scope="module")
async def loved(wall: Town) -> AsyncIterator[Card]:
    """A video of a member, delivered and announced."""
    card = await order(wall, "A statue that dances")
    await card.plays()
    await card.replied()
    yield card


async def voted(card: Card, *voters: str) -> None:
    message = card.look()
    for voter in voters:
        await card.town.discord.member(voter).react(message, "⭐")


def copies(town: Town, card: Card) -> list[Message]:
    """The messages of the gallery that lead back to a video."""
    shown = town.discord.messages(WALL, viewer="owner")
    return [message for message in shown if f"/{card.message_id})" in words(message)]


async def test_votes_of_enough_different_members_copy_a_clip_with_credit_and_a_link_back(
    wall: Town, loved: Card
) -> None:
    await voted(loved, "second", "moderator")

    (copy,) = await wall.discord.until(lambda: copies(wall, loved))

    assert clips(copy)[0]["size"] == clips(loved.look())[0]["size"]
    assert gallery(copy)[0]["description"] == "A statue that dances"
    assert f"<@{wall.discord.member('member').id}>" in words(copy)
    (sent,) = wall.sent("POST", f"/channels/{wall.discord.channel(WALL)}/messages")
    assert sent["allowed_mentions"]["parse"] == []


async def test_a_clip_is_copied_once_however_many_vote_at_once(wall: Town, loved: Card) -> None:
    message = loved.look()

    for person in newcomers(wall, 10):
        await person.react(message, "⭐")
    await wall.discord.until(lambda: copies(wall, loved))
    await voted(loved, "second", "moderator", "owner")
    await settled(wall)

    assert len(copies(wall, loved)) == 1


async def test_the_requesters_own_vote_does_not_count_nor_does_the_same_vote_twice(
    wall: Town, loved: Card
) -> None:
    await voted(loved, "member", "second")
    await wall.discord.member("second").unreact(loved.look(), "⭐")
    await voted(loved, "second")

    await settled(wall)

    assert copies(wall, loved) == []


async def test_other_reactions_and_other_messages_are_no_votes(wall: Town, loved: Card) -> None:
    talk = await wall.discord.member("member").send("general", "What a statue")
    for voter in ("second", "moderator"):
        await wall.discord.member(voter).react(loved.look(), "🔥")
        await wall.discord.member(voter).react(talk, "⭐")

    await settled(wall)

    assert copies(wall, loved) == []


async def test_a_clip_of_an_age_restricted_channel_stays_there(wall: Town) -> None:
    card = await order(wall, "A statue at night", channel="late-night")
    await card.plays()

    await voted(card, "second", "moderator", "owner")
    await settled(wall)

    assert copies(wall, card) == []


async def test_where_the_gallery_is_closed_to_the_bot_nothing_is_lost(wall: Town, loved: Card) -> None:
    wall.discord.set_permissions(WALL, send_messages=False)
    await voted(loved, "second", "moderator")
    await wall.discord.until(lambda: refused_posts(wall))
    wall.discord.set_permissions(WALL, send_messages=True)

    await voted(loved, "owner")
    await wall.discord.until(lambda: copies(wall, loved))

    assert len(copies(wall, loved)) == 1


def refused_posts(town: Town) -> int:
    """How often the bot was not allowed to post in the gallery."""
    path = f"/channels/{town.discord.channel(WALL)}/messages"
    return sum(one.refused for one in town.discord.requests if (one.method, one.path) == ("POST", path))


async def test_a_copy_whose_answer_was_lost_is_found_again(wall: Town, loved: Card) -> None:
    lost = wall.discord.faults.cut_after("POST", rf"^/channels/{wall.discord.channel(WALL)}/messages$")

    await voted(loved, "second", "moderator")
    await wall.discord.until(lambda: lost.hits)
    await settled(wall)
    await voted(loved, "owner")
    await settled(wall)

    assert len(copies(wall, loved)) == 1


async def test_a_gallery_that_takes_no_files_shows_where_the_clip_is(wall: Town, loved: Card) -> None:
    refused = wall.discord.faults.answer_instead(
        "POST",
        rf"^/channels/{wall.discord.channel(WALL)}/messages$",
        413,
        40005,
        times=None,
        when=lambda request: bool(request.files),
    )

    await voted(loved, "second", "moderator")
    (copy,) = await wall.discord.until(lambda: copies(wall, loved))
    wall.discord.faults.clear()

    assert refused.hits > 0
    assert (clips(copy), gallery(copy)) == ([], [])


async def settled(town: Town) -> None:
    """Wait until a vote for another video, given after everything else, has brought that one there."""
    card = await order(town, "A statue to compare with")
    await card.plays()
    await card.replied()
    await voted(card, "second", "moderator", "owner")
    await town.discord.until(lambda: copies(town, card))


async def test_votes_while_the_bot_was_away_count_with_the_next_one_and_the_copy_stays_one(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        async with bot_inside(town):
            await managing(town, "gallery", channel=town.discord.channel(WALL), threshold=3)
            card = await order(town, "A statue that waits")
            await card.plays()
            await card.replied()
        await voted(card, "second", "moderator")

        async with bot_inside(town):
            await voted(card, "owner")
            await town.discord.until(lambda: copies(town, card))
        async with bot_inside(town):
            (late,) = newcomers(town, 1)
            await late.react(card.look(), "⭐")
            await settled(town)

        assert len(copies(town, card)) == 1
