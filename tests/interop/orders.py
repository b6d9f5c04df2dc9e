"""Orders that go through LiteLLM: by `matinee generate`, and by the bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from tests.bot.command_line import Ran, process
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_process
from tests.e2e.harness.scenes import Card, clips
from tests.e2e.harness.town import Town
from tests.interop.proxy import KEY
from tests.interop.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Way:
    """A gateway that LiteLLM is, by its address, with the upstream behind it."""

    upstream: Upstream
    gateway: str
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        return {
            "ANYINT_API_KEY": KEY,
            "ANYINT_BASE_URL": self.gateway,
            "MATINEE_PROVIDERS": "anyint",
            "MATINEE_POLL_FIRST_SECONDS": "0.1",
            "MATINEE_POLL_MIN_SECONDS": "0.1",
            "MATINEE_POLL_MAX_SECONDS": "0.5",
        }

    async def generate(self, prompt: str, model: str = "kling-3.0", **changes: str) -> Ran:
        """Run `matinee generate` as a process, to its end."""
        words = ("generate", prompt, "--model", model, "--json", "-o", str(self.file))
        host = urlsplit(self.gateway).netloc
        return await process(
            *words, environment=self.settings | {"MATINEE_ALLOW_PRIVATE_HOSTS": host} | changes
        )

    @property
    def file(self) -> Path:
        return self.folder / "clip.mp4"

    @asynccontextmanager
    async def town(self, **changes: str) -> AsyncGenerator[Town]:
        """Run the bot as a process in a local Discord, with this gateway and no other."""
        async with towns.opened(self.folder / "data", clip=b"") as town:
            hosts = (self.gateway, town.discord.cdn_url)
            town.changes.update(self.settings | changes)
            town.changes["MATINEE_ALLOW_PRIVATE_HOSTS"] = ",".join(urlsplit(url).netloc for url in hosts)
            async with bot_process(town):
                yield town
            assert town.gateways.requests == [], "nothing was asked of another gateway"


async def played(card: Card, seconds: float = 60) -> bytes:
    """Wait for the clip in the card and return its bytes."""
    found = await card.town.discord.until(lambda: clips(card.look()), timeout=seconds)
    async with aiohttp.ClientSession() as browser, browser.get(found[0]["url"]) as answer:
        answer.raise_for_status()
        return await answer.read()


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for what another process brings about: no event tells."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.02)
