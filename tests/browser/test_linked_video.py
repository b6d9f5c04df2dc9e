"""A linked video in a real browser: it plays, and one can seek in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser, Page, Request

from sandbox.film import Film, Renderer
from tests.web import screen as screens
from tests.web.screen import Screen

SECONDS = 8


@pytest_asyncio.fixture(loop_scope="session")
async def screen(tmp_path: Path) -> AsyncIterator[Screen]:
    film = await Renderer().render(Film("A paper boat", seconds=SECONDS))
    async with screens.opened(tmp_path, film) as opened:
        yield opened


async def visited(browser: Browser, screen: Screen) -> tuple[Page, list[str], list[Request]]:
    """Open the link; also return what the browser complains of and what it asks for from then on."""
    page = await browser.new_page()
    complaints: list[str] = []
    requests: list[Request] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright marks what listens
    await page.goto(f"{screen.address}{await screen.path()}")
    return page, complaints, requests


async def test_a_browser_plays_the_video_and_seeks_in_it(browser: Browser, screen: Screen) -> None:
    page, complaints, requests = await visited(browser, screen)
    await page.wait_for_function("document.querySelector('video').readyState >= 2")

    duration = await page.evaluate("document.querySelector('video').duration")
    shown = await page.evaluate(
        """async () => {
            const video = document.querySelector('video');
            video.currentTime = 6;
            await new Promise(done => video.addEventListener('seeked', done, { once: true }));
            const sought = video.currentTime;
            video.muted = true;
            await video.play();
            await new Promise(done => video.addEventListener('timeupdate', done, { once: true }));
            return { sought, width: video.videoWidth, error: video.error };
        }"""
    )
    await page.wait_for_function("document.querySelector('video').currentTime > 6.2")

    assert duration == SECONDS or abs(duration - SECONDS) < 1
    assert shown["sought"] == 6
    assert shown["width"] > 0
    assert shown["error"] is None
    assert complaints == []
    assert any("range" in request.headers for request in requests)
    assert {request.url.partition("/v/")[0] for request in requests} == {screen.address}
    await page.close()


async def test_the_page_reads_well_on_a_phone(browser: Browser, screen: Screen) -> None:
    page, complaints, _ = await visited(browser, screen)
    await page.set_viewport_size({"width": 360, "height": 640})
    await page.wait_for_function("document.querySelector('video').readyState >= 1")

    overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")

    assert overflow <= 0
    assert await page.title() == "a paper boat"
    assert await page.get_attribute("video", "aria-label") == "a paper boat"
    assert complaints == []
    await page.close()


async def test_a_link_that_is_wrong_says_so_in_plain_words(browser: Browser, screen: Screen) -> None:
    page = await browser.new_page()

    answer = await page.goto(f"{screen.address}/v/{'A' * 76}")

    assert answer is not None
    assert answer.status == 404
    assert await page.inner_text("body") == "There is nothing here."
    await page.close()
