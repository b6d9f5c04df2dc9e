"""Two ways to run the real bot: inside the test, and as a process that can be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import discord
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.app import run
from bot.settings.settings import Settings
from core.ports import Clock
from tests.e2e.harness.town import Town

PROJECT = Path(__file__).parents[3]
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "COVERAGE_PROCESS_START", "COVERAGE_FILE")
_READY_SECONDS = 40
_HASTE_BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


@asynccontextmanager
async def bot_inside(town: Town, clock: Clock | None = None) -> AsyncGenerator[None]:
    """Run the bot in this event loop, ready when this is entered, drained when it is left."""
    stop = asyncio.Event()
    with pytest.MonkeyPatch.context() as patch:
        _keep_discord_py(patch)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(run(_settings(town), stop, clock))
            try:
                await town.discord.bot_ready(_READY_SECONDS)
                yield
            finally:
                stop.set()
                await running


def _keep_discord_py(patch: pytest.MonkeyPatch) -> None:
    """Put back afterwards what the bot changes in discord.py for the whole process."""
    patch.setattr(Route, "BASE", Route.BASE)
    patch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    patch.setattr(discord.Asset, "BASE", discord.Asset.BASE)


def _settings(town: Town) -> Settings:
    """Read the town's settings as the program does, with nothing of this machine's own in them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in Settings.model_fields:
            patch.delenv(name.upper(), raising=False)
            patch.delenv(f"{name.upper()}_FILE", raising=False)
        for name, value in town.environment.items():
            patch.setenv(name, value)
        town.folder.mkdir(parents=True, exist_ok=True)
        patch.chdir(town.folder)
        return Settings.load(["discord", "provider"])


class HastyClock:
    """A clock on which time passes so many times as fast, for waits that are long in real life."""

    def __init__(self, times: float = 30) -> None:
        self._times = times
        self._start = time.monotonic()

    def now(self) -> datetime:
        return _HASTE_BEGAN + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._start) * self._times

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds / self._times):
                await event.wait()


@dataclass(frozen=True, slots=True)
class BotProcess:
    """`python -m bot run`, and the file that its standard error goes to."""

    process: asyncio.subprocess.Process
    output: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.output.read_text()

    async def says(self, word: str, seconds: float = 60) -> None:
        """Wait until this stands in what it wrote."""
        async with asyncio.timeout(seconds):
            while word not in self.said():  # noqa: ASYNC110 - another process writes it, no event tells
                await asyncio.sleep(0.02)

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        await self.process.wait()

    async def ended(self, seconds: float = 30) -> int:
        """Wait for its end and return its exit code."""
        async with asyncio.timeout(seconds):
            return await self.process.wait()


async def started(town: Town, **changes: str) -> BotProcess:
    """Start the bot as a process with the town's settings, some of them changed."""
    town.folder.mkdir(parents=True, exist_ok=True)
    output = town.folder.parent / f"{town.folder.name}.log"
    with output.open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=_inherited() | dict(town.environment) | changes,
            cwd=town.folder,
            stderr=file,
        )
    return BotProcess(process, output)


def _inherited() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": str(PROJECT)}


@asynccontextmanager
async def bot_process(town: Town, **changes: str) -> AsyncGenerator[BotProcess]:
    """Run the bot as a process, ready when this is entered, gone when it is left."""
    before = town.discord.identified
    bot = await started(town, **changes)
    try:
        await town.discord.until(lambda: town.discord.identified > before, timeout=_READY_SECONDS)
        await town.discord.bot_ready()
        yield bot
    finally:
        if bot.process.returncode is None:
            await bot.kill()
