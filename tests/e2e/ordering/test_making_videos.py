from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import aiohttp
import imageio_ffmpeg
import pytest
from PIL import Image

from core.model.order_ids import copy_id
from core.requests.validation import NEUTRAL_PROMPT
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import (
    CHANNEL,
    buttons,
    card_of,
    clips,
    gallery,
    ids,
    order,
    playing,
    private_answer,
    words,
)
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def fetched(url: str, into: Path) -> Path:
    async with aiohttp.ClientSession() as browser, browser.get(url) as answer:
        answer.raise_for_status()
        into.write_bytes(await answer.read())
    return into


def film_facts(path: Path) -> dict[str, Any]:
    """What ffmpeg reads about a file."""
    reader = cast("Generator[Any]", imageio_ffmpeg.read_frames(path))
    facts: dict[str, Any] = next(reader)
    reader.close()
    return facts


# ------------------------------------------------------------ words


async def test_a_prompt_becomes_one_message_with_the_video_in_it(lively_town: Town) -> None:
    card = await order(lively_town, "A paper boat on a river", duration=10, aspect_ratio="9:16", mode="pro")

    message = await card.plays()

    requester = lively_town.discord.member("member").id
    (shown,) = gallery(message)
    assert message["id"] == card.message_id
    assert [clip["filename"] for clip in clips(message)] == [f"video-{card.job_id}.mp4"]
    assert shown["description"] == "A paper boat on a river"
    assert f"video-{card.job_id}.mp4" in shown["media"]["url"]
    assert "Kling 3.0 · 10 s · 9:16 · pro · took " in words(message)
    assert f"for <@{requester}>" in words(message)
    assert buttons(message) == ["🔁", "✏️", "⏭️", "✉️", "🗑️"]
    assert len(playing(lively_town, card.job_id)) == 1


async def test_what_is_asked_for_is_sent_explicitly(lively_town: Town) -> None:
    card = await order(lively_town, "A quiet boat", duration=10, aspect_ratio="1:1", mode="std", audio=False)

    await card.plays()

    assert lively_town.creates("A quiet boat") == [
        {
            "model": "kling-3.0",
            "prompt": "A quiet boat",
            "duration": "10",
            "aspect_ratio": "1:1",
            "mode": "std",
            "generate_audio": False,
        }
    ]


async def test_the_requester_is_told_once_and_no_other_member(lively_town: Town) -> None:
    requester = lively_town.discord.member("member").id
    card = await order(lively_town, "Wake up @everyone and <@1>")

    reply = await card.replied()
    await (await order(lively_town, "Something after it")).replied()

    posts = lively_town.sent("POST", r"/channels/\d+/messages")
    edits = lively_town.sent("PATCH", rf"/channels/\d+/messages/{card.message_id}")
    about_this = [post for post in posts if card.message_id in str(post.get("message_reference"))]
    assert reply["content"] == f"<@{requester}>, your video is ready."
    assert [user["id"] for user in reply["mentions"]] == [str(requester)]
    assert [post["allowed_mentions"] for post in about_this] == [{"parse": [], "users": [requester]}]
    assert ids(card.replies()) == [reply["id"]]
    assert [edit["allowed_mentions"] for edit in edits] == [{"parse": []}] * len(edits)
    assert not card.look()["mention_everyone"]


async def test_the_film_has_the_ratio_and_length_that_were_asked_for(tmp_path: Path) -> None:
    async with towns.opened(tmp_path / "data", clip=None) as town, bot_inside(town):
        card = await order(town, "A real film", duration=10, aspect_ratio="9:16")
        (clip,) = clips(await card.plays())

        facts = film_facts(await fetched(clip["url"], tmp_path / "film.mp4"))

    assert facts["size"] == (360, 640)
    assert facts["duration"] == pytest.approx(10, abs=0.1)


async def test_options_may_stand_in_the_prompt(lively_town: Town) -> None:
    call = await lively_town.discord.member("member").command(
        CHANNEL, "video", prompt="A tall ship --ar 9:16 --pro"
    )

    message = await (await card_of(lively_town, call)).plays()

    (body,) = lively_town.creates("A tall ship")
    assert (body["aspect_ratio"], body["mode"]) == ("9:16", "pro")
    assert "--" not in words(message)


# ------------------------------------------------------------ pictures


async def test_an_attached_picture_is_the_first_frame(lively_town: Town) -> None:
    card = await order(lively_town, "The boat sails off", image=picture())

    await card.plays()

    (body,) = lively_town.creates("The boat sails off")
    (task,) = lively_town.tasks("The boat sails off")
    assert body["image"].startswith(f"{lively_town.discord.cdn_url}/attachments/")
    assert "boat.png" in body["image"]
    assert task.state == "succeeded"


async def test_a_linked_picture_is_the_first_frame(lively_town: Town) -> None:
    posted = await lively_town.discord.member("second").send(CHANNEL, "look", files=[picture()])
    link = posted["attachments"][0]["url"]
    card = await order(lively_town, "The linked boat sails off", image_url=f"<{link}>")

    await card.plays()

    assert [body["image"] for body in lively_town.creates("The linked boat sails off")] == [link]


async def test_a_reference_goes_to_the_omni_model(lively_town: Town) -> None:
    card = await order(lively_town, "The boat in a bottle", reference=picture("hero.jpeg"))

    message = await card.plays()

    (body,) = lively_town.creates("The boat in a bottle")
    assert body["model"] == "kling-v3-omni"
    assert "hero.jpeg" in body["input_reference"]
    assert body["frame_images"] == [{"url": body["input_reference"], "role": "first_frame"}]
    assert "mode" not in body
    assert "Kling 3.0 Omni" in words(message)


async def test_a_picture_needs_no_words(lively_town: Town) -> None:
    call = await lively_town.discord.member("member").command(CHANNEL, "animate", image=picture("quiet.png"))

    await (await card_of(lively_town, call)).plays()

    (body,) = lively_town.creates(NEUTRAL_PROMPT)
    assert "quiet.png" in body["image"]


async def test_a_picture_in_another_format_is_converted_and_still_fetched(
    lively_town: Town, tmp_path: Path
) -> None:
    card = await order(lively_town, "The web boat sails off", image=picture("boat.webp"))

    message = await card.plays()

    (body,) = lively_town.creates("The web boat sails off")
    (task,) = lively_town.tasks("The web boat sails off")
    with Image.open(await fetched(body["image"], tmp_path / "kept")) as kept:
        assert kept.format == "JPEG"
    assert task.state == "succeeded"
    assert [file["filename"] for file in message["attachments"]] == [f"video-{card.job_id}.mp4"]


# ------------------------------------------------------------ choosing


async def test_models_are_suggested_by_their_names(lively_town: Town) -> None:
    member = lively_town.discord.member("member")

    every = await member.autocomplete(CHANNEL, "video", "model", "")
    some = await member.autocomplete(CHANNEL, "animate", "model", "omni", image=picture())

    assert {choice["value"] for choice in every} >= {"kling-v3", "kling-v3-omni"}
    assert [choice["value"] for choice in some] == ["kling-v3-omni"]


async def test_durations_are_suggested_as_the_model_offers_them(lively_town: Town) -> None:
    member = lively_town.discord.member("member")

    choices = await member.autocomplete(CHANNEL, "video", "duration", "1", model="kling-v3")

    assert [(choice["name"], choice["value"]) for choice in choices] == [("10 seconds", 10)]


# ------------------------------------------------------------ several, and private ones


async def test_a_count_of_three_makes_three_videos_with_a_card_each(lively_town: Town) -> None:
    first = await order(lively_town, "Three boats", count=3)

    await lively_town.discord.until(
        lambda: all(playing(lively_town, copy_id(first.job_id, ordinal)) for ordinal in range(3))
    )

    messages = [playing(lively_town, copy_id(first.job_id, ordinal)) for ordinal in range(3)]
    assert [len(found) for found in messages] == [1, 1, 1]
    assert len({found[0]["id"] for found in messages}) == 3
    assert len(lively_town.tasks("Three boats")) == 3


async def test_a_private_video_comes_by_direct_message_alone(lively_town: Town) -> None:
    call = await lively_town.discord.member("member").command(
        CHANNEL, "video", prompt="A secret boat", private=True
    )

    told = await private_answer(lively_town, call)
    (message,) = await lively_town.discord.until(lambda: playing(lively_town, call.interaction_id, "dm"))

    assert "direct message" in told
    assert "A secret boat" in words(message)
    seen_by_others = lively_town.discord.messages(CHANNEL, viewer="second")
    assert not any("A secret boat" in words(seen) for seen in seen_by_others)
    assert playing(lively_town, call.interaction_id) == []


async def test_a_private_video_is_refused_where_direct_messages_are_closed(lively_town: Town) -> None:
    lively_town.discord.close_dm("second")
    call = await lively_town.discord.member("second").command(
        CHANNEL, "video", prompt="A boat that nobody sees", private=True
    )

    told = await private_answer(lively_town, call)

    lively_town.discord.close_dm("second", closed=False)
    assert "Nothing was ordered" in told
    assert lively_town.creates("A boat that nobody sees") == []
    assert call.interaction_id not in {job.id for job in await towns.jobs(lively_town)}
