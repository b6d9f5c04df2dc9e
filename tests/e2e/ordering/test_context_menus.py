from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.model.job import JobState
from core.requests.validation import NEUTRAL_PROMPT
from sandbox.discord import Call
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.files import PAGE, picture
from tests.e2e.harness.scenes import CHANNEL, buttons, card_of, order, private_answer
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")

ANIMATE, USE, DETAILS = "Animate this", "Use as prompt", "Video details"


async def form_of(town: Town, call: Call) -> dict[str, Any]:
    return await town.discord.until(call.modal)


# ------------------------------------------------------------ Animate this


async def test_the_picture_of_any_message_is_animated(lively_town: Town) -> None:
    member, second = lively_town.discord.member("member"), lively_town.discord.member("second")
    posted = await second.send(CHANNEL, "my boat", files=[picture("theirs.png")])

    form = await form_of(lively_town, await member.menu(posted, ANIMATE))
    card = await card_of(lively_town, await member.submit(form, prompt="Their boat moves --ar 9:16"))
    await card.plays()

    (body,) = lively_town.creates("Their boat moves")
    assert "image" in body
    assert body["aspect_ratio"] == "9:16"


async def test_words_may_be_left_out(lively_town: Town) -> None:
    member = lively_town.discord.member("member")
    posted = await member.send(CHANNEL, "", files=[picture()])

    form = await form_of(lively_town, await member.menu(posted, ANIMATE))
    await (await card_of(lively_town, await member.submit(form))).plays()

    assert "image" in lively_town.creates(NEUTRAL_PROMPT)[0]


async def test_a_message_without_a_picture_is_said_to_have_none(lively_town: Town) -> None:
    member = lively_town.discord.member("member")
    posted = await member.send(CHANNEL, "only words")

    told = await private_answer(lively_town, await member.menu(posted, ANIMATE))

    assert "no picture in that message" in told


async def test_what_only_looks_like_a_picture_orders_nothing(lively_town: Town) -> None:
    member = lively_town.discord.member("member")
    posted = await member.send(CHANNEL, "", files=[type(picture())("page.png", PAGE)])
    form = await form_of(lively_town, await member.menu(posted, ANIMATE))

    told = await private_answer(lively_town, await member.submit(form, prompt="A page that moves"))

    assert "not a picture that can be read" in told
    assert lively_town.creates("A page that moves") == []


async def test_after_a_restart_the_form_says_that_the_picture_is_needed_again(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        member = town.discord.member("member")
        posted = await member.send(CHANNEL, "", files=[picture()])
        async with bot_inside(town):
            form = await form_of(town, await member.menu(posted, ANIMATE))
        async with bot_inside(town):
            told = await private_answer(town, await member.submit(form, prompt="A boat that was forgotten"))

        assert "Nothing was ordered" in told
        assert town.gateways.creates() == []


# ------------------------------------------------------------ Use as prompt


async def test_the_words_of_any_message_become_a_prompt(lively_town: Town) -> None:
    member = lively_town.discord.member("member")
    posted = await lively_town.discord.member("second").send(CHANNEL, "A boat of somebody's")

    form = await form_of(lively_town, await member.menu(posted, USE))
    await (await card_of(lively_town, await member.submit(form))).plays()

    assert len(lively_town.creates("A boat of somebody's")) == 1


async def test_a_video_s_own_prompt_is_used(lively_town: Town) -> None:
    message = await (await order(lively_town, "A boat worth repeating")).plays()
    second = lively_town.discord.member("second")

    form = await form_of(lively_town, await second.menu(message, USE))

    assert form["components"][0]["component"]["value"] == "A boat worth repeating"


async def test_a_form_of_words_works_after_a_restart(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        member = town.discord.member("member")
        posted = await member.send(CHANNEL, "A boat with patience")
        async with bot_inside(town):
            form = await form_of(town, await member.menu(posted, USE))
        async with bot_inside(town):
            await (await card_of(town, await member.submit(form))).plays()

        assert len(town.creates("A boat with patience")) == 1


@pytest.mark.parametrize("menu", [ANIMATE, USE])
async def test_a_wrong_flag_in_a_form_is_answered_with_what_is_allowed(lively_town: Town, menu: str) -> None:
    prompt, second = f"A boat astray with {menu}", lively_town.discord.member("second")
    posted = await second.send(CHANNEL, "A boat in words", files=[picture()])
    form = await form_of(lively_town, await second.menu(posted, menu))

    told = await private_answer(lively_town, await second.submit(form, prompt=f"{prompt} --ar wide"))

    assert "16:9" in told
    assert lively_town.creates(prompt) == []


# ------------------------------------------------------------ Video details


async def test_a_video_tells_where_it_comes_from(lively_town: Town) -> None:
    first = await order(lively_town, "A boat with a past")
    second = lively_town.discord.member("second")
    again = await card_of(lively_town, await second.press(await first.plays(), "🔁"), viewer="second")

    told = await private_answer(lively_town, await second.menu(await again.plays(), DETAILS))

    assert f"Made from** job {first.job_id}" in told
    assert "Provider** anyint" in told
    assert f"Job** {again.job_id}" in told


@pytest.mark.parametrize(
    ("viewer", "shown"),
    [
        ("member", ["🔁", "✏️", "⏭️", "✉️", "📥", "🗑️"]),
        ("moderator", ["🔁", "✏️", "⏭️", "✉️", "📥", "🗑️"]),
        ("second", ["🔁", "✏️", "⏭️", "✉️"]),
    ],
)
async def test_a_video_s_details_offer_what_the_viewer_may_do(
    lively_town: Town, viewer: str, shown: list[str]
) -> None:
    card = await order(lively_town, f"A boat that the {viewer} looks into")
    message = await card.plays()
    await towns.reached(lively_town, card.job_id, JobState.DONE)

    call = await lively_town.discord.member(viewer).menu(message, DETAILS)
    told = await lively_town.discord.until(call.response)

    assert buttons(told) == shown


async def test_another_message_has_no_details(lively_town: Town) -> None:
    member = lively_town.discord.member("member")
    posted = await member.send(CHANNEL, "just talking")

    told = await private_answer(lively_town, await member.menu(posted, DETAILS))

    assert "no video of mine" in told
