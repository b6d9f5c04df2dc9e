from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser, expect

from sandbox.gateways import FOREVER
from sandbox.gateways.faults import state_reads
from tests.browser.conftest import PATIENT, Place
from tests.browser.visitor import visitor

_SEEKS = """async (video) => {
  const there = new Promise((resolve) => { video.onseeked = resolve; });
  video.currentTime = 4;
  await there;
  return video.currentTime;
}"""


async def test_a_picture_becomes_a_video_that_plays_and_can_be_sought(
    browser: Browser, place: Place, picture: Path
) -> None:
    place.environment.gateways.pace = PATIENT
    async with visitor(browser, place.url) as member:
        await member.asks_for("A paper boat", picture)

        await expect(member.card("A paper boat")).to_contain_text(
            re.compile(r"The provider is making it · \d+ %")
        )
        video = member.video("A paper boat")
        await expect(video).to_have_attribute("aria-label", "A paper boat")
        played, length = await member.plays("A paper boat")
        assert 0 < played < length == 5
        assert await video.evaluate(_SEEKS) == 4
        assert any(206 in seen for path, seen in member.statuses.items() if path.endswith(".mp4"))
        assert place.environment.gateways.tasks[-1].order.links, "the picture went to the gateway"


async def test_a_button_makes_the_same_video_again(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        await member.asks_for("Again and again")
        await expect(member.video("Again and again")).to_have_count(1)

        await member.card("Again and again").get_by_role("button", name="Re-run").click()

        await expect(member.video("Again and again")).to_have_count(2)
        prompts = [task.order.prompt for task in place.environment.gateways.tasks]
        assert prompts.count("Again and again") == 2


async def test_a_waiting_job_is_cancelled_and_never_sent(browser: Browser, place: Place) -> None:
    place.environment.gateways.faults.add(state_reads("processing"), times=FOREVER)
    async with visitor(browser, place.url) as owner:
        await owner.becomes("owner")
        for name in ("One", "Two", "Three", "One too many"):
            await owner.asks_for(name)

        await owner.card("One too many").get_by_role("button", name="Cancel").click()

        await expect(owner.card("One too many")).to_contain_text("Cancelled")
        place.environment.gateways.faults.clear()
        await expect(owner.video("Three")).to_have_count(1)
    prompts = [task.order.prompt for task in place.environment.gateways.tasks]
    assert "One too many" not in prompts


async def test_a_gateway_that_fails_is_reported_and_costs_nothing(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as member:
        panel = await member.opens_panel()
        await panel.get_by_label("Mood").select_option("failing")

        await member.asks_for("Nothing comes of this")

        await expect(member.card("Nothing comes of this")).to_contain_text("No video")
        task = panel.locator(".task", has_text="Nothing comes of this")
        await expect(task).to_contain_text("$0")
        await expect(panel.locator(".wire")).to_contain_text("anyint")


async def test_a_bot_that_is_killed_in_the_middle_brings_the_video_all_the_same(
    browser: Browser, place: Place
) -> None:
    place.environment.gateways.pace = PATIENT
    async with visitor(browser, place.url) as member:
        panel = await member.opens_panel()
        await member.asks_for("Against all odds")
        await expect(member.card("Against all odds")).to_contain_text("The provider is making it")

        await panel.get_by_role("button", name="kill -9").click()
        await expect(member.page.get_by_text("Matinee is not running")).to_be_visible()
        await member.says("/video prompt that nobody hears")
        await member.page.keyboard.press("Enter")
        await expect(member.page.get_by_role("alert")).to_contain_text("did not respond")
        await panel.get_by_role("button", name="Start").click()

        await expect(member.video("Against all odds")).to_have_count(1)
        prompts = [task.order.prompt for task in place.environment.gateways.tasks]
        assert prompts.count("Against all odds") == 1


async def test_two_members_see_each_other_s_videos_but_not_each_other_s_private_answers(
    browser: Browser, place: Place
) -> None:
    async with visitor(browser, place.url) as first, visitor(browser, place.url) as second:
        await first.becomes("moderator")
        await second.becomes("second")
        await first.asks_for("From the first")
        await second.asks_for("From the second")
        await second.asks_for("Impossible --duration 99")

        for here in (first, second):
            await expect(here.video("From the first")).to_have_count(1)
            await expect(here.video("From the second")).to_have_count(1)
        await expect(second.page.get_by_text("Only you can see this")).to_be_visible()
        await expect(first.page.get_by_text("Only you can see this")).to_have_count(0)


async def test_a_stranger_makes_a_video_in_a_direct_message(browser: Browser, place: Place) -> None:
    async with visitor(browser, place.url) as stranger:
        await stranger.becomes("stranger")
        await expect(stranger.page.get_by_role("heading", name="@Matinee", exact=True)).to_be_visible()
        await stranger.asks_for("Between you and me")

        await expect(stranger.video("Between you and me")).to_have_count(1)
