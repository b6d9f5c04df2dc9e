"""A person at the page, in a real browser: what they type and press, and what they see."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Response, expect

_PLAYS = """async (video) => {
  video.muted = true;
  await video.play();
  await new Promise((resolve) => { video.ontimeupdate = () => video.currentTime > 0.2 && resolve(); });
  video.pause();
  return [video.currentTime, video.duration];
}"""


@dataclass(eq=False)  # Playwright marks the object whose method listens
class Visitor:
    """`trouble` is what must stay empty: errors of the page, and requests that leave this machine."""

    page: Page
    trouble: list[str] = field(default_factory=list[str])
    statuses: dict[str, set[int]] = field(default_factory=dict[str, set[int]])

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.trouble.append(message.text)

    def answered(self, response: Response) -> None:
        self.statuses.setdefault(urlsplit(response.url).path, set()).add(response.status)

    @property
    def messages(self) -> Locator:
        return self.page.locator("#messages > li")

    @property
    def last(self) -> Locator:
        return self.messages.last

    def card(self, prompt: str) -> Locator:
        """The messages with this prompt in a box."""
        return self.messages.filter(has=self.page.locator(".container", has_text=prompt))

    def video(self, prompt: str) -> Locator:
        return self.card(prompt).locator("video")

    async def plays(self, prompt: str) -> tuple[float, float]:
        """Play a video for a moment; return how far it came, and its length, in seconds."""
        played, length = await self.video(prompt).evaluate(_PLAYS)
        return played, length

    async def types(self, text: str) -> None:
        await self.page.locator("#text").press_sequentially(text)

    async def says(self, text: str) -> None:
        await self.types(text)
        await self.page.keyboard.press("Enter")

    async def asks_for(self, prompt: str, picture: Path | None = None) -> None:
        """Send `/video` by keyboard; a picture goes into its option by its file picker."""
        await self.types("/video ")
        await self.page.get_by_role("combobox", name="prompt").press_sequentially(prompt)
        if picture is not None:
            await self.page.get_by_role("option", name="image The picture").click()
            await self.page.locator('[data-option="image"] input').set_input_files(picture)
        await self.page.keyboard.press("Enter")

    async def opens_panel(self) -> Locator:
        await self.page.get_by_role("button", name="Control panel", exact=True).click()
        panel = self.page.get_by_role("complementary", name="Control panel")
        await expect(panel.get_by_text("Running as process")).to_be_visible()
        return panel

    async def becomes(self, role: str) -> None:
        await self.page.get_by_label("You are").select_option(role)

    async def enters(self, channel: str) -> None:
        await self.page.get_by_role("navigation").get_by_role("link", name=channel).click()


@asynccontextmanager
async def visitor(browser: Browser, url: str) -> AsyncGenerator[Visitor]:
    """Open the page in a browser of one's own; leaving it, nothing may have been wrong with it."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(15_000)
    here = Visitor(page)
    page.on("console", here.hear)
    page.on("pageerror", lambda error: here.trouble.append(str(error)))
    page.on("request", lambda request: here.trouble.extend(_left(request.url)))
    page.on("response", here.answered)
    await page.goto(url)
    await expect(page.get_by_text("Matinee is online")).to_be_visible()
    yield here
    await context.close()
    if here.trouble:
        raise AssertionError(here.trouble)


def _left(url: str) -> list[str]:
    address = urlsplit(url)
    is_here = address.scheme in {"data", "blob"} or address.hostname == "127.0.0.1"
    return [] if is_here else [f"left this machine for {url}"]
