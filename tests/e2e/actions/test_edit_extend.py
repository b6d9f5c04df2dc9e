from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from core.model.job import JobState
from core.model.order_ids import copy_id
from sandbox.discord import Call
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.files import picture
from tests.e2e.harness.scenes import CHANNEL, Card, card_of, clips, order, playing, private_answer, words
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def form_of(town: Town, call: Call) -> dict[str, Any]:
    """Wait for the form that answers a press or a menu."""
    return await town.discord.until(call.modal)


def presets(form: dict[str, Any]) -> dict[str, str]:
    """The value of each field before the member edits it."""
    fields = [label["component"] for label in form["components"]]
    chosen = {
        field["custom_id"]: next((one["value"] for one in field["options"] if one.get("default")), "")
        for field in fields
        if "options" in field
    }
    return {field["custom_id"]: field.get("value", "") for field in fields} | chosen


async def asked_again(town: Town, message: dict[str, Any], button: str, **values: object) -> Card:
    """Let the second member press, fill in the form and send it."""
    second = town.discord.member("second")
    form = await form_of(town, await second.press(message, button))
    return await card_of(town, await second.submit(form, **values), viewer="second")


# ------------------------------------------------------------ ✏️


async def test_a_form_is_filled_in_as_the_video_was_asked_for(lively_town: Town) -> None:
    card = await order(
        lively_town, "A form of boat", duration=10, aspect_ratio="9:16", mode="pro", audio=True
    )
    message = await card.plays()

    form = await form_of(lively_town, await lively_town.discord.member("second").press(message, "✏️"))

    assert presets(form) == {
        "prompt": "A form of boat",
        "model": "kling-v3",
        "duration": "10",
        "aspect_ratio": "9:16",
        "quality": "pro+sound",
    }


async def test_what_is_changed_is_changed_and_the_rest_stays(lively_town: Town) -> None:
    card = await order(lively_town, "A boat to change", image=picture(), duration=10, mode="pro")
    message = await card.plays()

    again = await asked_again(
        lively_town, message, "✏️", prompt="A changed boat", aspect_ratio=["1:1"], quality=["std"]
    )
    await again.plays()

    (body,) = lively_town.creates("A changed boat")
    job = await towns.job(lively_town, again.job_id)
    assert (body["duration"], body["aspect_ratio"], body["mode"]) == ("10", "1:1", "std")
    assert "image" in body
    assert job.parent_id == card.job_id
    assert job.destination.requester_id == lively_town.discord.member("second").id


async def test_flags_may_stand_in_the_words_of_a_form(lively_town: Town) -> None:
    message = await (await order(lively_town, "A boat with flags")).plays()

    again = await asked_again(lively_town, message, "✏️", prompt="A boat with pennants --ar 9:16 --count 2")
    await again.plays()
    await lively_town.discord.until(lambda: playing(lively_town, copy_id(again.job_id, 1)))

    assert [body["aspect_ratio"] for body in lively_town.creates("A boat with pennants")] == ["9:16"] * 2


async def test_another_model_takes_what_it_can_of_the_old_options(lively_town: Town) -> None:
    message = await (await order(lively_town, "A boat of another kind", mode="pro")).plays()

    again = await asked_again(lively_town, message, "✏️", model=["kling-v3-omni"])
    await again.plays()

    assert [body["model"] for body in lively_town.creates("A boat of another kind")] == [
        "kling-3.0",
        "kling-v3-omni",
    ]


async def test_a_form_with_nothing_in_it_orders_nothing(lively_town: Town) -> None:
    message = await (await order(lively_town, "A boat unsaid")).plays()
    second = lively_town.discord.member("second")
    form = await form_of(lively_town, await second.press(message, "✏️"))

    told = await private_answer(lively_town, await second.submit(form, prompt="--ar 16:9"))

    assert "the prompt is empty" in told
    assert len(lively_town.creates("A boat unsaid")) == 1


@pytest.mark.parametrize("button", ["✏️", "⏭️"])
async def test_a_wrong_flag_in_a_form_is_answered_with_what_is_allowed(
    lively_town: Town, button: str
) -> None:
    prompt, second = f"A boat gone astray {button}", lively_town.discord.member("second")
    card = await order(lively_town, "A boat on its course")
    await card.replied()
    message = card.look()
    form = await form_of(lively_town, await second.press(message, button))

    told = await private_answer(lively_town, await second.submit(form, prompt=f"{prompt} --ar wide"))

    assert "16:9" in told
    assert lively_town.creates(prompt) == []


async def test_a_form_that_is_sent_after_a_restart_still_works(tmp_path: Path, clip: bytes) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        member = town.discord.member("member")
        async with bot_inside(town):
            card = await order(town, "A boat between lives")
            form = await form_of(town, await member.press(await card.plays(), "✏️"))
        async with bot_inside(town):
            call = await member.submit(form, prompt="A boat in its second life")
            await (await card_of(town, call)).plays()

        assert len(town.creates("A boat in its second life")) == 1


@pytest.mark.parametrize(
    "forged", ["form:edit:1", "form:edit:99999999999999999999", "form:sink:1", "nonsense"]
)
async def test_a_forged_form_is_answered_and_orders_nothing(lively_town: Town, forged: str) -> None:
    message = await (await order(lively_town, f"A boat and {forged}")).plays()
    second = lively_town.discord.member("second")
    call = await second.press(message, "✏️")
    form = await form_of(lively_town, call)
    before = len(lively_town.gateways.creates())
    form["custom_id"] = forged

    told = await private_answer(lively_town, await second.submit(form))

    assert "no longer know" in told
    assert len(lively_town.gateways.creates()) == before


# ------------------------------------------------------------ ⏭️


async def test_a_video_goes_on_from_its_last_picture(lively_town: Town) -> None:
    card = await order(lively_town, "A boat that goes on", duration=10)
    message = await card.plays()

    again = await asked_again(lively_town, message, "⏭️", prompt="The boat lands")
    await again.plays()

    (body,) = lively_town.creates("The boat lands")
    async with aiohttp.ClientSession() as browser, browser.get(body["image"]) as answer:
        shown = Image.open(io.BytesIO(await answer.read()))
    job = await towns.job(lively_town, again.job_id)
    assert shown.format == "PNG"
    assert body["duration"] == "10"
    assert job.parent_id == card.job_id


async def test_a_video_whose_file_is_gone_cannot_go_on_and_says_so(lively_town: Town) -> None:
    card = await order(lively_town, "A boat without a wake")
    message = await card.plays()
    await card.replied()
    await towns.reached(lively_town, card.job_id, JobState.DONE)
    (lively_town.folder / "videos" / f"video-{card.job_id}.mp4").unlink()
    second = lively_town.discord.member("second")

    told = await private_answer(lively_town, await second.press(message, "⏭️"))
    mailed = await private_answer(lively_town, await second.press(message, "✉️"))

    assert "no longer keep the file" in told
    assert "Nothing was charged" in told or "nothing was charged" in told
    assert "no longer keep the file" in mailed


# ------------------------------------------------------------ ✉️


async def test_the_member_who_presses_gets_a_copy_by_direct_message(lively_town: Town) -> None:
    card = await order(lively_town, "A boat for everybody")
    message = await card.plays()

    told = await private_answer(lively_town, await lively_town.discord.member("second").press(message, "✉️"))
    copy = await lively_town.discord.until(lambda: playing(lively_town, card.job_id, "dm", "second"))

    assert "I sent you a copy" in told
    assert [clip["filename"] for clip in clips(copy[0])] == [f"video-{card.job_id}.mp4"]
    assert len(playing(lively_town, card.job_id)) == 1


async def test_a_member_who_takes_no_direct_messages_is_told(lively_town: Town) -> None:
    message = await (await order(lively_town, "A boat for a hermit")).plays()
    lively_town.discord.close_dm("second")

    told = await private_answer(lively_town, await lively_town.discord.member("second").press(message, "✉️"))

    lively_town.discord.close_dm("second", closed=False)
    assert "cannot send you direct messages" in told


async def test_a_copy_can_be_run_again_from_the_direct_messages(lively_town: Town) -> None:
    card = await order(lively_town, "A boat taken home")
    second = lively_town.discord.member("second")
    await second.press(await card.plays(), "✉️")
    (copy,) = await lively_town.discord.until(lambda: playing(lively_town, card.job_id, "dm", "second"))

    again = await card_of(lively_town, await second.press(copy, "🔁"), viewer="second", channel="dm")
    await again.plays()

    assert "A boat taken home" in words(again.look())
    assert again.channel != CHANNEL
