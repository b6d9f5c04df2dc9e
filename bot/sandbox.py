"""`matinee sandbox`: a local Discord, local gateways and the unchanged bot, all on this machine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from bot.exits import Exit
from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways, Pace
from sandbox.terminal import chat
from sandbox.visit import visit

BRISK: Final = Pace(queued=1.0, rendering=4.0, steps=4)
"""A demonstration is shorter than the real thing, whose videos take minutes."""

_STOPPING_SECONDS: Final = 30.0
_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT", "COVERAGE_PROCESS_START")
"""What the bot inherits: never settings, so that no real token or key is used here."""


async def demo(port: int, output: Path) -> int:
    """Do one `/video` with a picture as a member would, and save what arrives."""
    async with (
        LocalDiscord(port=port) as discord,
        LocalGateways(pace=BRISK) as gateways,
        _bot(discord, gateways),
    ):
        try:
            await visit(discord, output, _say)
        except AssertionError as error:
            print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
            return Exit.FAILED
    return Exit.DONE


async def play(port: int) -> int:
    """Keep everything running until interrupted, and let the terminal be the channel."""
    async with (
        LocalDiscord(port=port) as discord,
        LocalGateways(pace=BRISK) as gateways,
        _bot(discord, gateways),
    ):
        _say(_directions(discord, gateways))
        await chat(discord, _say)
    return Exit.DONE


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the sandbox shows what happens


def _directions(discord: LocalDiscord, gateways: LocalGateways) -> str:
    settings = "\n".join(f"  {name}={value}" for name, value in _settings(discord, gateways).items())
    return (
        "Everything runs on this machine. Another bot process can use it with these settings:\n"
        f"{settings}\n\nYou are a member in #general:"
    )


def _settings(discord: LocalDiscord, gateways: LocalGateways) -> Mapping[str, str]:
    places = map(_place, (discord.cdn_url, gateways.anyint_url, gateways.worldrouter_url))
    return {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_CDN_URL": discord.cdn_url,
        "ANYINT_API_KEY": gateways.anyint_key,
        "ANYINT_BASE_URL": gateways.anyint_url,
        "WORLDROUTER_API_KEY": gateways.worldrouter_key,
        "WORLDROUTER_BASE_URL": gateways.worldrouter_url,
        "MATINEE_PROVIDERS": "anyint",
        "MATINEE_ALLOW_PRIVATE_HOSTS": ",".join(places),
        "MATINEE_POLL_FIRST_SECONDS": "1",
        "MATINEE_POLL_MIN_SECONDS": "1",
        "MATINEE_POLL_MAX_SECONDS": "5",
    }


def _place(url: str) -> str:
    return urlsplit(url).netloc


@asynccontextmanager
async def _bot(discord: LocalDiscord, gateways: LocalGateways) -> AsyncGenerator[None]:
    """Run the bot as a process of its own, ready when this is entered, drained when it is left."""
    with TemporaryDirectory(prefix="matinee-sandbox-") as folder:
        inherited = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment = {**inherited, **_settings(discord, gateways), "MATINEE_DATA_DIR": folder}
        environment |= {"MATINEE_LOG_LEVEL": os.environ.get("MATINEE_LOG_LEVEL", "warning")}
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=environment, cwd=folder, start_new_session=True
        )
        try:
            await discord.bot_ready(timeout=30)
            yield
        finally:
            await _stopped(bot)


async def _stopped(bot: asyncio.subprocess.Process) -> None:
    if bot.returncode is not None:
        return
    bot.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(_STOPPING_SECONDS):
            _ = await bot.wait()
    except TimeoutError:
        bot.kill()
        _ = await bot.wait()
