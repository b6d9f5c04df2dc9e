from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.model.job import JobState
from sandbox.discord import LocalDiscord
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_process
from tests.e2e.harness.deliveries import UPLOAD, everywhere, noisy_film, show_to_the_world, ways
from tests.e2e.harness.scenes import CHANNEL, clips, gallery, ids, order, words
from tests.e2e.harness.town import Town


@pytest.fixture
async def film_town(tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose films take a while to be made smaller, in a place that takes small ones."""
    film = noisy_film(1)
    async with towns.opened(tmp_path / "data", clip=film) as town:
        town.discord.upload_limit = len(film) // 3
        yield town


def is_encoding(town: Town) -> bool:
    return any(town.folder.glob("videos/*.fitted.*.part"))


def has_encoded(town: Town) -> bool:
    return any(town.folder.glob("videos/*.fitted"))


@pytest.mark.parametrize("moment", [is_encoding, has_encoded], ids=["encoding", "encoded"])
async def test_a_kill_around_the_encoder_leaves_one_video(
    film_town: Town, moment: Callable[[Town], bool]
) -> None:
    film_town.discord.faults.delay("PATCH", UPLOAD, 0.5, when=lambda request: bool(request.files))
    async with bot_process(film_town) as bot:
        card = await order(film_town, "A boat on the anvil")
        await watched(film_town, moment)
        await bot.kill()

        async with bot_process(film_town):
            await card.plays()
            await card.replied()

    assert ids(everywhere(film_town, card.job_id)) == [card.message_id]
    assert ways(film_town, card.job_id) == ["fit"]
    assert len(film_town.creates("A boat on the anvil")) == 1


async def watched(town: Town, moment: Callable[[Town], bool]) -> None:
    """Wait for something in the folder of clips, of which no event tells."""
    async with asyncio.timeout(20):
        while not moment(town):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("arrives", [True, False], ids=["the answer is lost", "the upload is lost"])
async def test_a_kill_while_the_smaller_video_is_uploaded_leaves_one_video(
    film_town: Town, *, arrives: bool
) -> None:
    faults = film_town.discord.faults
    lost = (
        faults.delay("PATCH", UPLOAD, 0.5, when=lambda request: bool(request.files))
        if arrives
        else faults.cut_before("PATCH", UPLOAD, when=lambda request: bool(request.files))
    )
    async with bot_process(film_town) as bot:
        card = await order(film_town, "A boat over the bar")
        await film_town.discord.until(lambda: lost.hits)
        await bot.kill()

        async with bot_process(film_town):
            await card.replied()

    assert ids(everywhere(film_town, card.job_id)) == [card.message_id]
    assert len(card.replies()) == 1


async def test_a_kill_on_the_way_to_a_direct_message_leaves_one_video(town: Town) -> None:
    town.discord.set_permissions(CHANNEL, attach_files=False)
    slow = town.discord.faults.delay("POST", UPLOAD, 0.5, when=lambda request: bool(request.files))
    async with bot_process(town) as bot:
        card = await order(town, "A boat by night")
        await town.discord.until(lambda: slow.hits)
        await bot.kill()

        async with bot_process(town):
            await towns.reached(town, card.job_id, JobState.DONE)

    (message,) = everywhere(town, card.job_id)
    assert message["channel_id"] == str(town.discord.channel_of("dm", town.discord.member("member").id))


async def test_a_kill_after_it_was_kept_leaves_it_kept_and_told_once(town: Town) -> None:
    town.discord.set_permissions(CHANNEL, attach_files=False)
    town.discord.close_dm("member")
    told = town.discord.faults.delay(
        "PATCH", UPLOAD, 0.5, when=lambda request: "not delivered" in str(request.payload)
    )
    async with bot_process(town) as bot:
        card = await order(town, "A boat in dry dock")
        await town.discord.until(lambda: told.hits)
        await bot.kill()

        async with bot_process(town):
            await card.says("Finished, but not delivered")
            job = await towns.reached(town, card.job_id, JobState.UNDELIVERABLE)

    assert job.video is not None
    assert (town.folder / "videos" / job.video.file).exists()
    assert everywhere(town, card.job_id) == []


async def test_a_kill_while_a_link_is_shown_leaves_one_link(town: Town) -> None:
    show_to_the_world(town)
    town.discord.upload_limit = 2_000
    slow = town.discord.faults.delay(
        "PATCH", UPLOAD, 0.5, when=lambda request: "Open the video" in str(request.payload)
    )
    async with bot_process(town) as bot:
        card = await order(town, "A boat on a chart")
        await town.discord.until(lambda: slow.hits)
        await bot.kill()

        async with bot_process(town):
            await card.says("Open the video")
            await card.replied()

    shown = [words(message) for message in town.discord.messages(CHANNEL)]
    assert sum("Open the video" in text for text in shown) == 1
    assert ways(town, card.job_id) == ["fit", "link after not_fitted"]
    assert len(card.replies()) == 1


@pytest.mark.parametrize("is_linked", [True, False], ids=["a link", "a file"])
async def test_a_kill_while_posting_again_leaves_one_message_even_if_discord_has_forgotten_the_nonce(
    tmp_path: Path, clip: bytes, *, is_linked: bool
) -> None:
    forgetful = LocalDiscord(nonce_window=timedelta(seconds=-1))
    async with towns.opened(tmp_path / "data", clip=clip, discord=forgetful) as town:
        show_to_the_world(town)
        town.discord.upload_limit = 2_000 if is_linked else 20 * 2**20
        held = town.keeps_working("A boat without papers")
        slow = town.discord.faults.delay(
            "POST", UPLOAD, 0.5, when=lambda request: ":mail" in str(request.payload)
        )
        async with bot_process(town) as bot:
            card = await order(town, "A boat without papers")
            await town.discord.member("moderator").delete(await card.says("making it"))
            held.times = 0
            await town.discord.until(lambda: slow.hits)
            await bot.kill()
            await town.discord.until(lambda: [one for one in town.discord.messages(CHANNEL) if gallery(one)])

            async with bot_process(town):
                await towns.reached(town, card.job_id, JobState.DONE)

        shown = [message for message in town.discord.messages(CHANNEL) if gallery(message)]

    assert len(town.creates("A boat without papers")) == 1
    assert [bool(clips(message)) for message in shown] == [not is_linked]


async def test_a_kill_while_the_requester_is_told_tells_once_even_if_discord_has_forgotten_the_nonce(
    tmp_path: Path, clip: bytes
) -> None:
    forgetful = LocalDiscord(nonce_window=timedelta(seconds=-1))
    async with towns.opened(tmp_path / "data", clip=clip, discord=forgetful) as town:
        slow = town.discord.faults.delay(
            "POST", UPLOAD, 0.5, when=lambda request: "is ready" in str(request.payload)
        )
        async with bot_process(town) as bot:
            card = await order(town, "A boat that is announced")
            await town.discord.until(lambda: slow.hits)
            await bot.kill()
            await card.replied()

            async with bot_process(town):
                await towns.reached(town, card.job_id, JobState.DONE)

        assert len(card.replies()) == 1
        assert ids(everywhere(town, card.job_id)) == [card.message_id]


async def test_a_kill_while_a_kept_video_is_handed_over_leaves_it_to_be_had(town: Town) -> None:
    town.discord.set_permissions(CHANNEL, attach_files=False)
    town.discord.close_dm("member")
    member = town.discord.member("member")
    lost = town.discord.faults.cut_before("PATCH", "@original", when=lambda request: bool(request.files))
    async with bot_process(town) as bot:
        card = await order(town, "A boat handed over")
        await card.says("Finished, but not delivered")
        await member.press(card.look(), "📥")
        await town.discord.until(lambda: lost.hits)
        await bot.kill()

        async with bot_process(town):
            await member.press(card.look(), "📥")
            await card.plays()
            await towns.reached(town, card.job_id, JobState.DONE)

    assert ids(everywhere(town, card.job_id)) == [card.message_id]
    assert len(town.creates("A boat handed over")) == 1
