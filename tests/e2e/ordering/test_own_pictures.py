from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.model.job import JobState
from core.requests.stored_pictures import own_copy
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.deliveries import show_to_the_world
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import card_of, clips, order, playing, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fetched(body: dict[str, Any]) -> bytes:
    """What lay where the paid request said that its picture was."""
    async with aiohttp.ClientSession() as browser, browser.get(body["image"]) as answer:
        answer.raise_for_status()
        return await answer.read()


def stored_pictures(folder: Path) -> Iterator[bytes]:
    return (file.read_bytes() for file in (folder / "pictures").iterdir())


async def test_a_picture_is_kept_once_however_often_it_is_used(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town, bot_inside(town):
        first = await order(town, "A boat", image=picture())
        await first.plays()
        second = await order(town, "Another boat", image=picture("same.png"))
        await second.plays()

        requests = [(await towns.job(town, card.job_id)).request for card in (first, second)]

        assert list(stored_pictures(town.folder)) == [picture().data]
        assert own_copy(requests[0]) == own_copy(requests[1])


async def test_a_video_is_made_again_after_discord_s_link_has_died(lively_town: Town) -> None:
    card = await order(lively_town, "An old boat", image=picture())
    message = await card.plays()
    lively_town.discord.expire_links()

    call = await lively_town.discord.member("second").press(message, "🔁")
    again = await card_of(lively_town, call, viewer="second")
    shown = await again.plays()

    before, after = lively_town.creates("An old boat")
    assert before["image"] != after["image"]
    assert await fetched(after) == picture().data
    assert [file["filename"] for file in shown["attachments"]] == [f"video-{again.job_id}.mp4"]


async def test_it_is_made_again_after_a_restart_too(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        async with bot_inside(town):
            message = await (await order(town, "A boat of yore", image=picture())).plays()
        town.discord.expire_links()
        async with bot_inside(town):
            call = await town.discord.member("second").press(message, "🔁")
            again = await card_of(town, call, viewer="second")
            await again.plays()

        assert len(town.creates("A boat of yore")) == 2
        assert clips(again.look())


async def test_a_picture_is_shown_in_the_answer_where_nothing_may_be_attached(lively_town: Town) -> None:
    card = await order(lively_town, "A boat on the wall", image=picture(), channel="announcements")
    message = await card.plays()
    held = lively_town.keeps_working("A boat on the wall")
    lively_town.discord.set_permissions("announcements", attach_files=False)
    lively_town.discord.expire_links()

    call = await lively_town.discord.member("second").press(message, "🔁")
    again = await card_of(lively_town, call, viewer="second", channel="announcements")
    await lively_town.discord.until(lambda: len(lively_town.creates("A boat on the wall")) > 1)
    found = await fetched(lively_town.creates("A boat on the wall")[1])

    lively_town.discord.set_permissions("announcements", attach_files=True)
    held.times = 0
    await again.plays()
    assert found == picture().data


async def test_a_job_whose_picture_cannot_be_fetched_any_more_costs_nothing(lively_town: Town) -> None:
    card = await order(lively_town, "A boat in the dark", image=picture("dark.png", 700))
    message = await card.plays()
    for file in (lively_town.folder / "pictures").iterdir():
        file.unlink()

    call = await lively_town.discord.member("second").press(message, "🔁")
    told = await lively_town.discord.until(lambda: call.followups() or None)

    assert "no longer keep the picture" in words(told[0])
    assert len(lively_town.creates("A boat in the dark")) == 1


async def test_a_job_that_has_lost_its_card_says_that_its_picture_is_lost(lively_town: Town) -> None:
    card = await order(lively_town, "A boat without a berth", image=picture())
    message = await card.plays()
    lively_town.discord.faults.answer_instead("PATCH", r"^/channels/\d+/messages/\d+$", 404, 10008, times=1)

    call = await lively_town.discord.member("second").press(message, "🔁")
    again = await card_of(lively_town, call, viewer="second")
    told = await again.says("could not show the picture", "Nothing was charged")

    job = await towns.job(lively_town, again.job_id)
    assert job.state is JobState.REJECTED
    assert len(lively_town.creates("A boat without a berth")) == 1
    assert words(told)


async def test_a_hiccup_of_discord_only_delays_the_picture(lively_town: Town) -> None:
    card = await order(lively_town, "A patient boat", image=picture())
    message = await card.plays()
    lively_town.discord.faults.answer_instead("PATCH", r"^/channels/\d+/messages/\d+$", 403, 40333, times=1)

    call = await lively_town.discord.member("second").press(message, "🔁")
    again = await card_of(lively_town, call, viewer="second")
    await again.plays()

    assert len(lively_town.creates("A patient boat")) == 2


async def test_a_video_is_made_again_from_our_own_link_once_neither_of_discord_s_is_left(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        show_to_the_world(town)
        town.changes.update(MATINEE_MEMBER_RUNNING="1")
        async with bot_inside(town):
            first = await (await order(town, "A boat from memory", image=picture())).plays()
            held = town.keeps_working("A boat in the way")
            await (await order(town, "A boat in the way", by="second")).says("making it")
            call = await town.discord.member("second").press(first, "🔁")
            waiting = await card_of(town, call, viewer="second")
            await waiting.says("Waiting for its turn")

            await town.discord.member("moderator").delete(waiting.look())
            town.discord.expire_links()
            held.times = 0
            await town.discord.until(lambda: playing(town, waiting.job_id))

            _, again = town.creates("A boat from memory")
            assert again["image"].startswith(f"{town.changes['MATINEE_PUBLIC_URL']}/v/")
            assert await fetched(again) == picture().data
