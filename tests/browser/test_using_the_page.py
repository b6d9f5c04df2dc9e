from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.conftest import Place
from tests.browser.visitor import visitor

_OVERFLOWING = """() => [...document.querySelectorAll('body *')]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .filter((one) => getComputedStyle(one).visibility !== 'hidden')
  .map((one) => one.outerHTML.slice(0, 80))"""
_COVERED = """() => {
  const box = document.querySelector('#notice').getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return top.closest('#notice') ? null : top.outerHTML;
}"""
_FROM_THE_END = "(scroll) => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight"
_UNNAMED = """() => [...document.querySelectorAll('button, a, input, select, textarea')]
  .filter((one) => !one.closest('[hidden]'))
  .filter((one) => !(one.textContent.trim() || one.ariaLabel || one.title || one.labels?.length))
  .map((one) => one.outerHTML)"""


async def test_what_people_write_is_never_code(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        await member.says("<img src=x onerror=alert(1)> **bold** ||hidden|| `code` [x](javascript:alert(1))")

        await expect(member.last.locator(".text")).to_contain_text("<img src=x onerror=alert(1)> bold")
        await expect(member.last.locator("strong")).to_have_text("bold")
        await expect(member.last.locator("img, a[href^=javascript]")).to_have_count(0)
        await member.last.get_by_role("button", name="Spoiler").click()
        await expect(member.last.locator(".spoiler")).to_have_attribute("aria-expanded", "true")


async def test_a_message_is_edited_answered_reacted_to_and_deleted(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        await member.enters("gallery")
        await member.says("First words")
        await member.last.click(button="right")
        await member.page.get_by_role("menuitem", name="Edit message").click()
        await member.page.locator("#text").fill("Better words")
        await member.page.keyboard.press("Enter")
        await expect(member.last).to_contain_text("Better words")
        await expect(member.last).to_contain_text("(edited)")

        await member.last.get_by_role("button", name="Add a reaction").click()
        await member.page.get_by_role("menuitem", name="⭐").click()
        await member.last.get_by_role("button", name="⭐ 1", pressed=True).click()
        await expect(member.last.get_by_role("button", name="⭐")).to_have_count(0)
        await member.last.get_by_role("button", name="Add a reaction").click()
        await member.page.get_by_role("textbox", name="Any emoji").fill("🦊")
        await member.page.keyboard.press("Enter")
        await expect(member.last.get_by_role("button", name="🦊 1", pressed=True)).to_be_visible()
        await expect(member.page.get_by_role("menu")).to_be_hidden()

        await member.last.get_by_role("button", name="Reply").click()
        await member.says("An answer")
        await expect(member.last.get_by_role("button", name="Better words")).to_be_visible()
        await member.last.click(button="right")
        await member.page.get_by_role("menuitem", name="Delete message").click()
        await expect(member.messages).to_have_count(1)


async def test_choices_suggestions_and_wrong_values_are_as_in_a_client(
    browser: Browser, place: Place
) -> None:
    async with visitor(browser, place.url) as member:
        await member.types("/video ")
        await member.page.get_by_role("option", name="model Which").click()
        await expect(member.page.get_by_role("option", name="Kling 3.0")).not_to_have_count(0)
        await member.page.keyboard.type("omni")
        await member.page.get_by_role("option", name="Omni").first.click()
        await member.page.get_by_role("option", name="count How many").click()
        await member.page.keyboard.type("9")
        await member.page.keyboard.press("Enter")

        await expect(member.page.get_by_role("alert")).to_contain_text(
            "Input a valid integer (1\N{EN DASH}4)"
        )
        assert await member.page.evaluate(_COVERED) is None
        await member.page.keyboard.press("Escape")
        await expect(member.page.locator("#text")).to_be_focused()
        await expect(member.page.get_by_role("alert")).to_be_empty()


async def test_a_command_without_options_is_sent_and_its_answer_comes_into_view(
    browser: Browser, place: Place
) -> None:
    async with visitor(browser, place.url) as member:
        await member.page.set_viewport_size({"width": 700, "height": 360})
        for _ in range(2):
            await member.says("/help ")
            await expect(member.last).to_contain_text("Only you can see this")
        scroll = member.page.locator("#scroll")
        await scroll.evaluate("(scroll) => { scroll.scrollTop = 0; }")

        await member.says("/usage ")

        await expect(member.last).to_contain_text("Prices are estimates")
        await expect(member.last.get_by_role("button", name="Add a reaction")).to_have_count(0)
        assert await scroll.evaluate(_FROM_THE_END) < 1
        await expect(member.page.locator("#text")).to_be_focused()


async def test_every_option_of_a_command_is_offered_though_none_is_needed(
    browser: Browser, place: Place
) -> None:
    async with visitor(browser, place.url) as member:
        await member.types("/settings ")
        await expect(member.page.get_by_role("button", name="+8 more")).to_be_focused()
        await member.page.keyboard.press("ArrowDown")
        await member.page.keyboard.press("ArrowDown")
        await member.page.keyboard.press("Enter")

        await expect(member.page.get_by_role("combobox", name="duration")).to_be_focused()
        await member.page.keyboard.press("Escape")
        await expect(member.page.get_by_role("group")).to_be_hidden()


async def test_two_slashes_are_talk_and_one_is_a_command(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        await member.says("// only talk")
        await expect(member.last).to_contain_text("// only talk")

        await member.says("/nothing of the kind")

        await expect(member.page.get_by_role("alert")).to_contain_text("There is no command /nothing")


async def test_a_file_is_pasted_and_another_is_dropped(browser: Browser, place: Place) -> None:
    hand_over = """([kind, name]) => {
      const data = new DataTransfer();
      data.items.add(new File(['not really a picture'], name, {type: 'text/plain'}));
      const event = kind === 'paste' ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true})
        : new DragEvent('drop', {dataTransfer: data, bubbles: true});
      document.querySelector('#composer').dispatchEvent(event);
    }"""
    async with visitor(browser, place.url) as member:
        await member.enters("gallery")
        await member.page.evaluate(hand_over, ["paste", "pasted.txt"])
        await member.page.evaluate(hand_over, ["drop", "dropped.txt"])
        await member.says("Two files")

        await expect(member.last.get_by_role("link", name="pasted.txt")).to_be_visible()
        await expect(member.last.get_by_role("link", name="dropped.txt")).to_be_visible()


async def test_nothing_is_cut_off_or_nameless_on_a_phone_and_on_a_desk(
    browser: Browser, place: Place
) -> None:
    async with visitor(browser, place.url) as member:
        await member.says("A" * 300)
        await member.types("/video ")
        await expect(member.page.get_by_role("option", name="model Which")).to_be_visible()

        for width in (360, 768, 1280):
            await member.page.set_viewport_size({"width": width, "height": 700})
            assert await member.page.evaluate(_OVERFLOWING) == []
        panel = await member.opens_panel()
        await expect(panel.locator(".line").first).to_be_visible()
        for width in (1280, 768, 360):
            await member.page.set_viewport_size({"width": width, "height": 700})
            assert await member.page.evaluate(_OVERFLOWING) == []

        assert await member.page.evaluate(_UNNAMED) == []


async def test_the_keyboard_alone_is_enough(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        await member.page.keyboard.press("Tab")
        await expect(member.page.get_by_text("Skip to the message box")).to_be_focused()
        await member.page.keyboard.press("Enter")
        await member.page.keyboard.type("/anim")
        await member.page.keyboard.press("Enter")

        await expect(member.page.get_by_role("group", name="/animate")).to_be_visible()
        await expect(member.page.locator('[data-option="image"] input')).to_be_focused()
        await member.page.keyboard.press("Enter")
        await expect(member.page.get_by_role("alert")).to_contain_text("This option is required")
