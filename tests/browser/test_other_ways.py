"""The ways to a video besides `/video`: a reaction, a form, and a message in a prompt channel."""

from __future__ import annotations

import base64
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.browser.conftest import PATIENT, Place
from tests.browser.visitor import visitor

_DROPS = """(encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], 'evening.png', {type: 'image/png'}));
  const event = new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
  document.querySelector('#messages').dispatchEvent(event);
}"""


async def test_a_reaction_makes_the_same_video_again(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        await member.asks_for("Once more by reaction")
        await expect(member.video("Once more by reaction")).to_have_count(1)

        await member.card("Once more by reaction").get_by_role("button", name="Add a reaction").click()
        await member.page.get_by_role("menuitem", name="🔁").click()

        await expect(member.video("Once more by reaction")).to_have_count(2)
        await expect(
            member.card("Once more by reaction").get_by_role("button", name="🔁 1", pressed=True)
        ).to_have_count(1)
    prompts = [task.order.prompt for task in place.environment.gateways.tasks]
    assert prompts.count("Once more by reaction") == 2


async def test_a_form_that_is_filled_in_makes_a_video_in_other_words(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        await member.asks_for("A ship as it was")
        await expect(member.video("A ship as it was")).to_have_count(1)

        await member.card("A ship as it was").get_by_role("button", name="Edit", exact=True).click()
        form = member.page.get_by_role("dialog")
        prompt = form.get_by_role("textbox", name="What happens in the video")
        await expect(prompt).to_be_focused()
        await expect(prompt).to_have_value("A ship as it was")
        await member.page.evaluate(_DROPS, base64.b64encode(b"no picture").decode())
        await prompt.fill("A boat in other words")
        await expect(form.get_by_label("Length")).to_have_value("5")
        await form.get_by_label("Shape").select_option("9:16")
        await form.get_by_role("button", name="Submit").click()

        await expect(form).to_be_hidden()
        await expect(member.page.get_by_role("list", name="Files to send")).to_be_empty()
        await expect(member.video("A boat in other words")).to_have_count(1)
        await expect(member.video("A ship as it was")).to_have_count(1)
    order = place.environment.gateways.tasks[-1].order
    assert (order.prompt, order.ratio) == ("A boat in other words", "9:16")


async def test_a_message_with_a_picture_becomes_a_video_in_a_prompt_channel(
    browser: Browser, place: Place, picture: Path
) -> None:
    place.environment.gateways.pace = PATIENT
    async with visitor(browser, place.url) as moderator, visitor(browser, place.url) as member:
        await moderator.becomes("moderator")
        await moderator.enters("ideas")
        await moderator.types("/studio channel add ")
        await moderator.page.get_by_role("combobox", name="channel").press_sequentially("#ideas")
        await moderator.page.keyboard.press("Enter")
        await expect(moderator.last).to_contain_text("is a prompt from now on")
        await member.enters("ideas")

        await member.page.evaluate(_DROPS, base64.b64encode(picture.read_bytes()).decode())
        await expect(member.page.get_by_role("list", name="Files to send")).to_contain_text("evening.png")
        await member.says("A lamp is lit at dusk")

        prompt = member.messages.first
        await expect(prompt.get_by_role("button", name="⏳ 1")).to_be_visible()
        await expect(prompt.get_by_role("button", name="✅ 1")).to_be_visible()
        await expect(prompt.get_by_role("button", name="⏳")).to_have_count(0)
        played, length = await member.plays("A lamp is lit at dusk")
        assert 0 < played < length == 5
    order = place.environment.gateways.tasks[-1].order
    assert order.prompt == "A lamp is lit at dusk"
    assert order.links, "the picture went to the gateway"
