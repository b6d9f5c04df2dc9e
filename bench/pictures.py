"""What heavy pictures cost: 16 black PNGs of 7000 by 7000 pixels, 190 kB each, sent to the bot at once.

The real bot, as a process of its own, in the local Discord. The straightforward way decodes each picture in
a thread of the bot, and writes down what it was answered in another.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import urlsplit

from PIL import Image, ImageFilter, ImageOps

from bench.machine import percentile, watch_memory
from bench.report import Report, Target, run
from sandbox.discord import LocalDiscord, Upload
from sandbox.gateways import LocalGateways, Pace

HEAVY: Final = 16
TRIES: Final = 5
"""How many orders without a picture, and with a light one, are sent while the heavy ones are converted."""

_ROLES: Final = ("member", "second", "moderator", "owner")
_STRAIGHTFORWARD: Final = "straightforward"
_PATIENCE: Final = 600.0
_ENDLESS: Final = Pace(queued=3600)
"""No order here is finished: what is measured is the way to the gateway."""


@dataclass(frozen=True, slots=True)
class Found:
    """Megabytes over idle, with children, and seconds until an order was sent: without and with a picture."""

    megabytes: float
    plain: list[float]
    light: list[float]


def measure() -> Report:
    ours = asyncio.run(_ours())
    command = [sys.executable, "-m", "bench.pictures", _STRAIGHTFORWARD]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this module
    theirs = Found(**json.loads(answer.stdout))
    rows = [_row("the bot", ours), _row("a thread each", theirs)]
    targets = [
        Target("peak memory over idle, children included, MB", ours.megabytes, 400, is_least=False),
        Target("an order without a picture is sent, seconds", max(ours.plain), 1, is_least=False),
        Target("an order with 12 megapixels is sent, seconds", max(ours.light), 4, is_least=False),
        Target("memory of a thread each, times ours", theirs.megabytes / ours.megabytes, 3, is_least=True),
    ]
    headings = ["", "peak MB", "plain p50 s", "plain worst s", "12 MP p50 s", "12 MP worst s"]
    return Report(f"{HEAVY} pictures of 49 megapixels at once", headings, rows, targets)


def _row(name: str, found: Found) -> list[str | float]:
    halves = [
        figure for times in (found.plain, found.light) for figure in (percentile(times, 0.5), max(times))
    ]
    return [name, found.megabytes, *halves]


def black() -> bytes:
    """A file of 190 kB that takes 196 MB decoded."""
    return _written(Image.new("RGBA", (7000, 7000), "black"), "PNG")


def photograph() -> bytes:
    """A JPEG of 12 megapixels, as a telephone takes it: lying on its side."""
    grain = Image.frombytes("RGB", (250, 188), random.Random(1).randbytes(250 * 188 * 3))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = grain.filter(ImageFilter.GaussianBlur(2)).resize((4000, 3000), Image.Resampling.BICUBIC)
    return _written(picture, "JPEG", exif=exif, quality=90)


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    into = io.BytesIO()
    picture.save(into, kind, **options)
    return into.getvalue()


# ------------------------------------------------------------ the bot


async def _ours() -> Found:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        discord = await stack.enter_async_context(LocalDiscord())
        gateways = await stack.enter_async_context(LocalGateways(pace=_ENDLESS, clip=b""))
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=_settings(discord, gateways, folder),
            stderr=asyncio.subprocess.DEVNULL,
        )
        stack.push_async_callback(bot.wait)
        stack.callback(bot.kill)
        await discord.bot_ready(_PATIENCE)
        return await Members(discord, gateways).order(bot.pid)


@dataclass(frozen=True, slots=True)
class Members:
    """Four members who send heavy pictures, and one of them who also orders other things."""

    discord: LocalDiscord
    gateways: LocalGateways

    async def order(self, pid: int) -> Found:
        heavy, light, found = (
            Upload("black.png", black()),
            Upload("photo.jpg", photograph()),
            Found(0, [], []),
        )
        async with watch_memory(pid) as seen:
            idle = seen[-1]
            for number in range(HEAVY):
                await self._send(f"Night {number}", _ROLES[number % len(_ROLES)], heavy)
            for number in range(TRIES):
                found.plain.append(await self._timed(f"Plain {number}"))
                found.light.append(await self._timed(f"Light {number}", light))
            for number in range(HEAVY):
                await self._arrival(f"Night {number}")
        return replace(found, megabytes=max(seen) - idle)

    async def _send(self, prompt: str, role: str, picture: Upload | None = None) -> None:
        options = {} if picture is None else {"image": picture}
        await self.discord.member(role).command("general", "video", prompt=prompt, **options)

    async def _timed(self, prompt: str, picture: Upload | None = None) -> float:
        """Return how long it takes until the paid request of an order is at the gateway."""
        began = time.perf_counter()
        await self._send(prompt, _ROLES[0], picture)
        await self._arrival(prompt)
        return time.perf_counter() - began

    async def _arrival(self, prompt: str) -> None:
        await self.gateways.until(
            lambda: any(exchange.json["prompt"] == prompt for exchange in self.gateways.creates()), _PATIENCE
        )


def _settings(discord: LocalDiscord, gateways: LocalGateways, folder: str) -> dict[str, str]:
    places = (urlsplit(url).netloc for url in (discord.cdn_url, gateways.anyint_url))
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "DISCORD_CDN_URL": discord.cdn_url,
        "ANYINT_API_KEY": gateways.anyint_key,
        "ANYINT_BASE_URL": gateways.anyint_url,
        "MATINEE_PROVIDERS": "anyint",
        "MATINEE_ALLOW_PRIVATE_HOSTS": ",".join(places),
        "MATINEE_DATA_DIR": folder,
        "MATINEE_LOG_LEVEL": "error",
        **dict.fromkeys(("MATINEE_MEMBER_OPEN_JOBS", "MATINEE_MEMBER_VIDEOS_PER_DAY"), "1000"),
        **dict.fromkeys(("MATINEE_MEMBER_RUNNING", "MATINEE_PROVIDER_RUNNING"), "100"),
        "MATINEE_BUDGET_USD_PER_DAY": "1000",
    }


# ------------------------------------------------------------ the straightforward way


async def _straightforward() -> Found:
    heavy, light, found = black(), photograph(), Found(0, [], [])
    async with watch_memory(os.getpid()) as seen:
        idle = seen[-1]
        async with asyncio.TaskGroup() as group:
            for _ in range(HEAVY):
                group.create_task(asyncio.to_thread(_decoded, heavy))
            for _ in range(TRIES):
                found.plain.append(await _timed(asyncio.to_thread(int)))
                found.light.append(await _timed(asyncio.to_thread(_decoded, light)))
    return replace(found, megabytes=max(seen) - idle)


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def _decoded(data: bytes) -> bytes:
    """Make a JPEG of any picture, as it is first written."""
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright)
    flat.thumbnail((4096, 4096))
    return _written(flat, "JPEG", quality=92)


if __name__ == "__main__":
    if sys.argv[1:] == [_STRAIGHTFORWARD]:
        print(json.dumps(asdict(asyncio.run(_straightforward()))))
    else:
        sys.exit(run([sys.modules[__name__]]))
