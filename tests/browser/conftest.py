from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from bot.cli.local_bot import LocalBot
from bot.cli.sandbox import settings
from sandbox.discord import LocalDiscord
from sandbox.film import Film, Renderer
from sandbox.gateways import LocalGateways, Pace
from sandbox.page import Environment, Page
from sandbox.picture import evening

QUICK = Pace(queued=0.1, rendering=0.2, steps=4)
PATIENT = Pace(queued=0.1, rendering=1.5, steps=10)
"""Long enough to see a card change meanwhile."""
_POLLS = {
    "MATINEE_POLL_FIRST_SECONDS": "0.1",
    "MATINEE_POLL_MIN_SECONDS": "0.1",
    "MATINEE_POLL_MAX_SECONDS": "0.2",  # this is also how often a card may change
}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True, slots=True)
class Place:
    """The whole sandbox, and where its page is."""

    environment: Environment
    url: str


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these tests use one loop, one bot and one browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def found_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is. Without one these tests are left out, except where they are required."""
    found = found_chromium()
    if found is None and not os.environ.get("BROWSER_REQUIRED"):
        pytest.skip("no Chromium on this machine, so the page was not tried in a browser")
    assert found is not None, "Chromium is required here: apt-get install chromium"
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    expect.set_options(timeout=60_000)
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def opened(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """The sandbox with the real bot as a process and one film for all tasks; it serves all of these tests."""
    assert chromium
    clip = await Renderer().render(Film("A paper boat", seconds=5))
    async with LocalDiscord() as discord, LocalGateways(pace=QUICK, clip=clip) as gateways:
        bot = LocalBot({**settings(discord, gateways), **_POLLS}, tmp_path_factory.mktemp("bot"))
        environment = Environment(discord, gateways, bot)
        await bot.start()
        try:
            await discord.bot_ready(timeout=30)
            async with Page(environment, port=0).open() as url:
                yield Place(environment, url)
        finally:
            await bot.stop()


@pytest.fixture
def place(opened: Place) -> Place:
    """The sandbox with empty channels and gateways in a good mood, whatever an earlier test did to them.

    Old videos would be loaded by every new page.
    """
    opened.environment.gateways.faults.clear()
    opened.environment.gateways.pace = QUICK
    world = opened.environment.discord.world
    for channel, messages in world.messages.items():
        for message in list(messages):
            world.delete_message(channel, message)
    return opened


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "evening.png"
    path.write_bytes(evening())
    return path
