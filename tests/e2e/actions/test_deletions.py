"""No member is linked to a message that is known to be gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core.model.job import Job, JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.scenes import Card, Message, ids, order, playing, replies_to, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

GONE = "its message was deleted"


async def finished(town: Town, prompt: str, channel: str = "general") -> Card:
    card = await order(town, prompt, channel=channel)
    await towns.reached(town, card.job_id, JobState.DONE)
    return card


async def asked(town: Town, command: str, **options: object) -> Message:
    call = await town.discord.member("member").command("general", command, **options)
    return await town.discord.until(call.response)


async def newest(town: Town) -> str:
    """What the list of the member's videos says of the newest, above its prompt."""
    return words(await asked(town, "jobs")).splitlines()[0]


async def newest_says(town: Town, said: str) -> str:
    """Ask for the list until this is said of the newest: what was deleted is noted in a moment."""
    async with asyncio.timeout(20):
        while said not in (line := await newest(town)):
            pass
    return line


async def test_a_video_that_a_moderator_removed_is_no_longer_linked(lively_town: Town) -> None:
    card = await finished(lively_town, "A boat that was taken away")
    before = await newest(lively_town)

    await lively_town.discord.member("moderator").delete(card.look())
    after = await newest_says(lively_town, GONE)

    assert f"/{card.message_id})" in before
    assert "go there" not in after


async def test_a_video_that_its_requester_deleted_is_no_longer_linked(lively_town: Town) -> None:
    card = await finished(lively_town, "A boat that was thrown away")
    before = await newest(lively_town)

    await lively_town.discord.member("member").press(card.look(), "🗑️")
    after = await newest_says(lively_town, GONE)

    assert f"/{card.message_id})" in before
    assert "go there" not in after


async def test_a_removal_while_the_bot_was_away_is_noticed_at_the_next_deletion(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        async with bot_inside(town):
            card = await finished(town, "A boat that left unseen")
            details = await asked(town, "job", id=str(card.job_id))
        await town.discord.member("moderator").delete(card.look())
        async with bot_inside(town):
            before = await newest(town)
            await town.discord.member("member").press(details, "🗑️")
            after = await newest_says(town, GONE)

        assert "go there" in before
        assert "go there" not in after


async def test_videos_go_with_their_channel_and_that_is_known_after_a_restart(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        async with bot_inside(town):
            await finished(town, "A boat in a closed harbour", channel="announcements")
            before = await newest(town)
            town.discord.delete_channel("announcements")
            await newest_says(town, GONE)
        async with bot_inside(town):
            after = await newest(town)

        assert "go there" in before
        assert GONE in after


# ------------------------------------------------------------ the notice


async def throw_away(town: Town, card: Card) -> None:
    await town.discord.member("member").press(card.look(), "🗑️")


async def react_with_a_cross(town: Town, card: Card) -> None:
    await town.discord.member("member").react(card.look(), "❌")


@pytest.mark.parametrize("delete", [throw_away, react_with_a_cross])
async def test_the_notice_goes_with_the_video(
    lively_town: Town, delete: Callable[[Town, Card], Awaitable[None]]
) -> None:
    card = await finished(lively_town, f"A boat to {delete.__name__}")
    notice = await card.replied()

    await delete(lively_town, card)
    await lively_town.discord.until(lambda: not replies_to(lively_town, card.message_id))

    assert "your video is ready" in words(notice)
    assert playing(lively_town, card.job_id) == []


async def throw_away_wholly(town: Town, card: Card) -> None:
    """Delete a video from its details, which say so when all is done."""
    details = await asked(town, "job", id=str(card.job_id))
    call = await town.discord.member("member").press(details, "🗑️")
    await town.discord.until(lambda: "no longer work" in words(call.response()))


async def test_what_else_answered_the_video_stays(lively_town: Town) -> None:
    card = await finished(lively_town, "A boat with children")
    await card.replied()
    await lively_town.discord.member("second").react(card.look(), "🔁")
    again = await towns.written(lambda: made_again(lively_town, card))

    await throw_away_wholly(lively_town, card)

    (shown,) = playing(lively_town, again.id)
    assert ids(replies_to(lively_town, card.message_id)) == [shown["id"]]


async def made_again(town: Town, card: Card) -> Job | None:
    found = (job for job in await towns.jobs(town) if job.parent_id == card.job_id)
    return next((job for job in found if job.state is JobState.DONE), None)


async def test_a_video_is_deleted_all_the_same_where_the_bot_may_not_read_the_history(
    lively_town: Town,
) -> None:
    card = await finished(lively_town, "A boat with a past", channel="ideas")
    refused = lively_town.discord.faults.answer_instead("GET", r"^/channels/\d+/messages$", 403, 50001)

    await throw_away_wholly(lively_town, card)

    assert refused.hits == 1
    assert playing(lively_town, card.job_id, "ideas") == []
    assert (await towns.job(lively_town, card.job_id)).video is None
    assert len(card.replies()) == 1
