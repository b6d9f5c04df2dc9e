from __future__ import annotations

from typing import Any

import pytest

from sandbox.discord import Upload
from tests.e2e.harness import town as towns
from tests.e2e.harness.files import PAGE, picture
from tests.e2e.harness.scenes import CHANNEL, private_answer
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a duration that is not made": (
        {"prompt": "A boat", "duration": 7},
        "Kling 3.0 makes clips of 5 or 10 seconds, not 7.",
    ),
    "a ratio that is not made": (
        {"prompt": "A boat --ar 4:3"},
        "Kling 3.0 offers 16:9, 9:16 or 1:1 as aspect ratio, not 4:3.",
    ),
    "a mode for a model without modes": (
        {"prompt": "A boat", "model": "kling-v3-omni", "mode": "pro"},
        "Kling 3.0 Omni has one mode only. Leave the mode out.",
    ),
    "a reference for a model that takes none": (
        {"prompt": "A boat", "model": "kling-v3", "reference": picture()},
        "Kling 3.0 takes no reference picture. Choose kling-v3-omni for that.",
    ),
    "an unknown model": (
        {"prompt": "A boat", "model": "sora"},
        "There is no model “sora” here.",
    ),
    "no prompt and no picture": ({}, "the prompt is empty."),
    "an empty prompt": ({"prompt": " \u200b "}, "the prompt is empty."),
    "a prompt that is too long": (
        {"prompt": "boat " * 500 + "!"},
        "The prompt has 2,501 characters; 2,500 is the most that Kling takes.",
    ),
    "a flag that does not exist": ({"prompt": "A boat --slow"}, "There is no option --slow."),
    "a flag with a wrong value": (
        {"prompt": "A boat --count 9"},
        "--count takes a number from 1 to 4, not “9”.",
    ),
    "a page that is called a picture": (
        {"prompt": "A boat", "image": Upload("boat.png", PAGE)},
        "That file is not a picture that can be read. Use a JPEG, PNG, WebP or GIF.",
    ),
    "a file that is no picture": (
        {"prompt": "A boat", "image": Upload("boat.txt", b"a boat")},
        "boat.txt is not a picture.",
    ),
    "a picture that is too small": (
        {"prompt": "A boat", "image": picture(width=200, height=400)},
        "The picture has 200 by 400 pixels. Kling needs at least 300 on each side.",
    ),
    "a link without encryption": (
        {"prompt": "A boat", "image_url": "http://pictures.example.org/boat.png"},
        "The link must start with",
    ),
    "a picture and a link": (
        {"prompt": "A boat", "image": picture(), "image_url": "https://pictures.example.org/boat.png"},
        "Give image or image_url, not both.",
    ),
    "a picture and a reference": (
        {"prompt": "A boat", "image": picture(), "reference": picture("hero.png")},
        "Give a picture to start from or a reference, not both.",
    ),
}


@pytest.mark.parametrize(("options", "answer"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_cannot_be_made_is_answered_privately_and_costs_nothing(
    lively_town: Town, options: dict[str, Any], answer: str
) -> None:
    call = await lively_town.discord.member("member").command(CHANNEL, "video", **options)

    told = await private_answer(lively_town, call)

    assert answer in told.replace("\\", "")
    await lively_town.discord.until(lambda: lively_town.discord.messages(CHANNEL, viewer="second") == [])
    assert lively_town.gateways.requests == []
    assert await towns.jobs(lively_town) == []


async def test_a_picture_that_discord_does_not_hand_over_is_asked_for_again(lively_town: Town) -> None:
    lively_town.discord.faults.answer_instead("GET", "^/cdn/", 503)
    call = await lively_town.discord.member("member").command(
        CHANNEL, "video", prompt="A boat", image=picture()
    )

    told = await private_answer(lively_town, call)

    assert told == "Discord did not hand me the picture. Nothing was ordered; attach it again."
    assert await towns.jobs(lively_town) == []


async def test_words_of_a_member_cannot_ping_or_format_in_an_answer(lively_town: Town) -> None:
    call = await lively_town.discord.member("member").command(
        CHANNEL, "video", prompt="A boat", model="**@everyone**"
    )

    told = await private_answer(lively_town, call)

    assert "@everyone" not in told
    assert "**" not in told.replace("\\*", "")
