"""`matinee sandbox`: a local Discord, local gateways and the unchanged bot, all on this machine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, cast
from urllib.parse import urlsplit

from bot.cli.exit_codes import Exit
from bot.cli.local_bot import LocalBot
from core.primitives.tasks import OwnedTasks
from sandbox.demo import run_demo
from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways, Pace
from sandbox.page import Environment, Page
from sandbox.terminal import chat

BRISK: Final = Pace(queued=1.0, rendering=4.0, steps=4)
"""A demonstration is shorter than the real thing, whose videos take minutes."""

PAGE_PORT: Final = 8123
_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


async def demo(port: int, output: Path) -> int:
    """Send one `/video` with a picture as a member would, and save what arrives."""
    async with _environment(port) as environment:
        try:
            await run_demo(environment.discord, output, _say)
        except AssertionError as error:
            print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
            return Exit.FAILED
    return Exit.DONE


async def talk(port: int) -> int:
    """Keep everything running until interrupted; the terminal is the channel."""
    async with _environment(port) as environment:
        _say(_directions(environment))
        _say("You are a member in #general:")
        await chat(environment.discord, _say)
    return Exit.DONE


async def show(port: int) -> int:
    """Keep everything running until interrupted; a page in the browser is the channel."""
    async with _environment(0) as environment, Page(environment, port=port).open() as url:
        if port and urlsplit(url).port != port:
            _say(f"Port {port} is taken by another program, so the page is on the next free one.")
        _say(_directions(environment))
        _say(f"Open {url} in a browser and type /video. Ctrl-C ends everything.")
        if _is_desktop():
            _ = await asyncio.to_thread(webbrowser.open, url)
        await _wait_for_interrupt()
        _say("\nGood-bye.")
    return Exit.DONE


@asynccontextmanager
async def _environment(port: int) -> AsyncGenerator[Environment]:
    """Everything on this machine, with a bot that is ready; the bot is drained when the context is left.

    Ctrl-C or SIGTERM leave it. One more signal ends the bot at once, so that it is never left running alone.
    """
    async with LocalDiscord(port=port) as discord, LocalGateways(pace=BRISK) as gateways:
        with TemporaryDirectory(prefix="matinee-sandbox-") as folder:
            bot = LocalBot(settings(discord, gateways), Path(folder))
            try:
                _at_signals(_canceller(), bot.cut_off)
                await bot.start()
                await _ready(discord, bot)
                yield Environment(discord, gateways, bot)
            finally:
                _at_signals(bot.cut_off)
                await bot.stop()


class NotReady(Exception):
    """The bot did not come up; the message is for the person at the terminal."""


async def _ready(discord: LocalDiscord, bot: LocalBot) -> None:
    """Wait until the bot can be used. Raise NotReady if it ends instead."""
    tasks = OwnedTasks()
    ready, ended = tasks.start(discord.bot_ready(timeout=30)), tasks.start(bot.ended())
    try:
        await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done() or ready.exception() is not None:
            raise NotReady("The bot did not come up; what it said stands above. Nothing was ordered.")
    finally:
        await tasks.cancel()


def settings(discord: LocalDiscord, gateways: LocalGateways) -> Mapping[str, str]:
    """Return the settings with which a bot finds this Discord and these gateways, and nothing else."""
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
        "MATINEE_CREATE_READ_TIMEOUT_SECONDS": "15",
    }


def _place(url: str) -> str:
    return urlsplit(url).netloc


def _directions(environment: Environment) -> str:
    own = "\n".join(
        f"  {name}={value}" for name, value in settings(environment.discord, environment.gateways).items()
    )
    return f"Everything runs on this machine. Another bot process can use it with these settings:\n{own}\n"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the sandbox shows what happens


def _is_desktop() -> bool:
    """Whether a person sits at this machine who would see a browser open."""
    if os.environ.get("CI"):
        return False
    return sys.platform in {"darwin", "win32"} or any(os.environ.get(name) for name in _DISPLAYS)


def _at_signals(*deeds: Callable[[], object]) -> None:
    """Run these one after the other at Ctrl-C or SIGTERM, the last again at each further one."""
    coming = chain(deeds, repeat(deeds[-1]))

    def came() -> None:
        next(coming)()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, came)


def _canceller() -> Callable[[], object]:
    """Return what ends the task that runs here, so that the bot is drained."""
    return cast("asyncio.Task[object]", asyncio.current_task()).cancel


async def _wait_for_interrupt() -> None:
    """Wait for Ctrl-C or SIGTERM, which is how this command is meant to end."""
    with suppress(asyncio.CancelledError):
        _ = await asyncio.Event().wait()
