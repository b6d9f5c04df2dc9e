from __future__ import annotations

import pytest

from core.model.job import JobState
from core.ports import ClipStore
from storage.files.clips import FolderClips
from tests.e2e.harness import town as towns
from tests.e2e.harness.scenes import clips, ids, order, playing, replies_to, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def archive(lively_town: Town) -> ClipStore:
    return FolderClips(lively_town.folder / "videos")


async def test_the_video_comes_though_the_interaction_has_died(lively_town: Town) -> None:
    held = lively_town.keeps_working("A boat that takes its time")
    card = await order(lively_town, "A boat that takes its time")
    await card.says("making it")

    lively_town.discord.expire_tokens()
    held.times = 0
    message = await card.plays()

    assert message["id"] == card.message_id
    await card.replied()


async def test_the_video_comes_once_though_the_card_was_deleted(lively_town: Town) -> None:
    held = lively_town.keeps_working("A boat that lost its card")
    card = await order(lively_town, "A boat that lost its card")
    message = await card.says("making it")

    await lively_town.discord.member("moderator").delete(message)
    held.times = 0
    (result,) = await lively_town.discord.until(lambda: playing(lively_town, card.job_id))
    await lively_town.discord.until(lambda: replies_to(lively_town, result["id"]))

    assert result["id"] != card.message_id
    assert "A boat that lost its card" in words(result)
    assert ids(playing(lively_town, card.job_id)) == [result["id"]]


@pytest.mark.parametrize("loses", ["answer", "connection"])
async def test_an_upload_whose_answer_is_lost_is_not_posted_twice(lively_town: Town, loses: str) -> None:
    prompt, faults = f"A boat whose {loses} is lost", lively_town.discord.faults
    held = lively_town.keeps_working(prompt)
    card = await order(lively_town, prompt)
    await lively_town.discord.member("moderator").delete(await card.says("making it"))
    if loses == "answer":
        fault = faults.answer_after("POST", r"/messages$", 503, when=lambda request: bool(request.files))
    else:
        fault = faults.cut_after("POST", r"/messages$", when=lambda request: bool(request.files))

    held.times = 0
    (result,) = await lively_town.discord.until(lambda: playing(lively_town, card.job_id))
    await lively_town.discord.until(lambda: replies_to(lively_town, result["id"]))

    assert fault.hits == 1
    assert ids(playing(lively_town, card.job_id)) == [result["id"]]


async def test_the_connection_is_taken_up_again_after_a_reset(lively_town: Town) -> None:
    identified, resumed = lively_town.discord.identified, lively_town.discord.resumed
    held = lively_town.keeps_working("A boat in a gale")
    card = await order(lively_town, "A boat in a gale")
    await card.says("making it")

    await lively_town.discord.drop_gateway()
    await lively_town.discord.until(lambda: lively_town.discord.resumed > resumed)
    held.times = 0
    await card.plays()
    await (await order(lively_town, "A boat after the gale")).plays()

    assert lively_town.discord.identified == identified


async def test_a_video_that_is_too_large_is_said_to_be_and_is_kept(
    lively_town: Town, archive: ClipStore
) -> None:
    lively_town.discord.upload_limit = 5_000
    card = await order(lively_town, "A very large boat")

    message = await card.says("Finished, but not delivered", "larger than Discord takes", "It is kept")
    await card.replied()

    lively_town.discord.upload_limit = 20 * 2**20
    job = await towns.job(lively_town, card.job_id)
    assert job.state is JobState.UNDELIVERABLE
    assert job.video is not None
    assert await archive.holds(job.id, job.video)
    assert clips(message) == []


async def test_a_video_waits_until_discord_answers_again(lively_town: Town) -> None:
    fault = lively_town.discord.faults.answer_instead(
        "PATCH", r"/channels/\d+/messages/", 502, when=lambda request: bool(request.files)
    )
    card = await order(lively_town, "A patient boat")

    await card.plays()

    assert fault.hits == 1
    assert len(lively_town.creates("A patient boat")) == 1


async def test_a_place_that_is_closed_in_between_sends_the_video_to_its_requester(lively_town: Town) -> None:
    discord = lively_town.discord
    held = lively_town.keeps_working("A boat without a harbour")
    card = await order(lively_town, "A boat without a harbour", channel="ideas")
    await card.says("making it")

    discord.delete_channel("ideas")
    held.times = 0
    (message,) = await lively_town.discord.until(lambda: playing(lively_town, card.job_id, "dm"))
    job = await towns.reached(lively_town, card.job_id, JobState.DONE)

    assert job.delivery is not None
    assert job.delivery.is_direct
    assert job.delivery.message_id == int(message["id"])
