"""Takes the pictures of the documents; `make screenshots` runs it."""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.cli.local_bot import LocalBot
from bot.cli.sandbox import settings
from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways, Pace
from sandbox.page import Environment
from sandbox.page import Page as SandboxPage
from sandbox.picture import evening
from tests.browser.conftest import FLAGS, found_chromium
from tests.browser.visitor import Visitor

PROMPT = "A paper boat sails at dusk"
_PACE = Pace(queued=0.5, rendering=4, steps=20)
_LARGEST_BYTES = 200_000
_STILL_SECONDS = 0.4
_LOADED = """([video, at]) => {
  if (video.preload !== 'auto') { video.preload = 'auto'; video.currentTime = at; }
  return video.readyState >= 4 && video.paused && !video.seeking && video.currentTime === at;
}"""
_MIDDLE_SECONDS = 2.5


class Camera:
    """Takes pictures of one page, small enough for a document."""

    def __init__(self, page: Page, folder: Path) -> None:
        self._page = page
        self._folder = folder

    async def takes(self, name: str, of: Locator | None = None) -> None:
        await self._page.mouse.move(0, 0)
        videos = await self._page.locator("video").element_handles()
        for video in videos:
            _ = await self._page.wait_for_function(_LOADED, arg=[video, _MIDDLE_SECONDS])
        path, shown = self._folder / f"{name}.png", of or self._page
        with Image.open(io.BytesIO(await (self._still(shown) if videos else shown.screenshot()))) as picture:
            picture.convert("RGB").save(path, optimize=True)
        size = path.stat().st_size
        print(f"{path} {size / 1000:.0f} kB")  # noqa: T201 - for the person who makes the pictures
        if size >= _LARGEST_BYTES:
            raise ValueError(f"{path} has {size} bytes; {_LARGEST_BYTES} are the most.")

    async def _still(self, of: Locator | Page) -> bytes:
        """Wait until nothing moves any more, such as a player's wheel."""
        before, taken = b"", await of.screenshot()
        while before != taken:
            await asyncio.sleep(_STILL_SECONDS)
            before, taken = taken, await of.screenshot()
        return taken


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[tuple[Environment, str]]:
    """The sandbox as `make sandbox` starts it, with films that are really rendered."""
    async with LocalDiscord() as discord, LocalGateways(pace=_PACE) as gateways:
        bot = LocalBot({**settings(discord, gateways), "MATINEE_POLL_MAX_SECONDS": "1"}, folder)
        environment = Environment(discord, gateways, bot)
        await bot.start()
        try:
            await discord.bot_ready(timeout=30)
            async with SandboxPage(environment, port=0).open() as url:
                yield environment, url
        finally:
            await bot.stop()


@asynccontextmanager
async def seated(
    browser: Browser,
    url: str,
    *,
    width: int = 1080,
    height: int = 700,
    look: Literal["dark", "light"] = "dark",
) -> AsyncGenerator[Visitor]:
    context = await browser.new_context(viewport={"width": width, "height": height}, color_scheme=look)
    page = await context.new_page()
    await page.goto(url)
    await expect(page.get_by_text("Matinee is online")).to_be_attached()
    yield Visitor(page)
    await context.close()


async def the_member(browser: Browser, url: str, folder: Path, picture: Path) -> None:
    """From the first look to the finished video, and the same on a phone in daylight."""
    async with seated(browser, url) as member:
        camera = Camera(member.page, folder)
        await expect(member.page.get_by_role("button", name="Start with /video")).to_be_visible()
        await camera.takes("member-start")
        await member.types("/video ")
        await member.page.get_by_role("combobox", name="prompt").press_sequentially(PROMPT)
        await member.page.get_by_role("option", name="image The picture").click()
        await member.page.locator('[data-option="image"] input').set_input_files(picture)
        await camera.takes("member-command")
        await member.page.keyboard.press("Enter")
        await expect(member.card(PROMPT)).to_contain_text(
            re.compile(r"making it · [4-9]\d %"), timeout=20_000
        )
        await camera.takes("member-waiting", member.card(PROMPT))
        await expect(member.page.get_by_text("your video is ready").first).to_be_visible(timeout=30_000)
        await camera.takes("video-card")
    async with seated(browser, url, width=390, height=720, look="light") as member:
        await expect(member.video(PROMPT)).to_be_visible()
        await Camera(member.page, folder).takes("member-phone")


async def the_moderator(browser: Browser, url: str, folder: Path) -> None:
    """What moderators are offered, and an answer that only one member sees."""
    async with seated(browser, url) as moderator:
        camera = Camera(moderator.page, folder)
        await moderator.becomes("moderator")
        await expect(moderator.card(PROMPT)).to_have_count(1)
        await moderator.types("/studio")
        await expect(moderator.page.get_by_role("option")).not_to_have_count(0)
        await camera.takes("moderator-commands")
        await moderator.page.locator("#text").fill("")
        await moderator.messages.first.locator(".head").click(button="right")
        await camera.takes("moderator-menu")
        await moderator.page.keyboard.press("Escape")
        await moderator.asks_for("Sixty seconds of rain --duration 60")
        await expect(moderator.page.get_by_text("Only you can see this")).to_be_visible()
        await camera.takes("moderator-refusal", moderator.last)


async def the_operator(browser: Browser, url: str, folder: Path) -> None:
    """The control panel: gateways in a bad mood, a bot that is gone, the wire and the bill."""
    async with seated(browser, url, width=1240, height=750) as operator:
        camera = Camera(operator.page, folder)
        panel = await operator.opens_panel()
        await panel.get_by_label("Mood").select_option("poor")
        await operator.asks_for("A lighthouse in the fog")
        await expect(operator.card("A lighthouse in the fog")).to_be_visible()
        await expect(panel.locator(".line.bad").first).to_be_visible(timeout=20_000)
        await camera.takes("operator-panel")
        await panel.locator(".sum").evaluate("(sum) => sum.parentElement.scrollIntoView()")
        await camera.takes("operator-wire", panel)
        await panel.get_by_role("button", name="kill -9").click()
        await expect(operator.page.get_by_text("Matinee is not running")).to_be_visible()
        await operator.page.get_by_role("button", name="Close the control panel").click()
        await operator.asks_for("Is anybody there?")
        await expect(operator.page.get_by_role("alert")).to_contain_text("did not respond")
        await camera.takes("operator-gone")


async def take_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="matinee-pictures-") as scratch:
        picture = Path(scratch) / "evening.png"
        picture.write_bytes(evening())
        async with opened(Path(scratch)) as (_, url), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found_chromium(), args=FLAGS)
            await the_member(browser, url, folder, picture)
            await the_moderator(browser, url, folder)
            await the_operator(browser, url, folder)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1])))
