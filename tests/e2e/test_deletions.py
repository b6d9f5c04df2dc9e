"""Nobody is sent to a message that is known to be gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.jobs import JobState
from tests.e2e import town as towns
from tests.e2e.bots import bot_inside
from tests.e2e.scenes import Card, Message, order, words
from tests.e2e.town import Town

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


async def is_told(town: Town, said: str) -> str:
    """Ask for the list until this is said of the newest: what was deleted is noted in a moment."""
    async with asyncio.timeout(20):
        while said not in (line := await newest(town)):
            pass
    return line


async def test_a_video_that_a_moderator_removed_is_no_longer_linked(lively_town: Town) -> None:
    card = await finished(lively_town, "A boat that was taken away")
    before = await newest(lively_town)

    await lively_town.discord.member("moderator").delete(card.look())
    after = await is_told(lively_town, GONE)

    assert f"/{card.message_id})" in before
    assert "go there" not in after


async def test_a_video_that_its_requester_deleted_is_no_longer_linked(lively_town: Town) -> None:
    card = await finished(lively_town, "A boat that was thrown away")
    before = await newest(lively_town)

    await lively_town.discord.member("member").press(card.look(), "🗑️")
    after = await is_told(lively_town, GONE)

    assert f"/{card.message_id})" in before
    assert "go there" not in after


async def test_what_was_removed_while_nobody_listened_is_learned_when_it_is_to_be_deleted(
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
            after = await is_told(town, GONE)

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
            await is_told(town, GONE)
        async with bot_inside(town):
            after = await newest(town)

        assert "go there" in before
        assert GONE in after
