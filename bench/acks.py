"""How soon 1,000 `/video` commands at once are acknowledged, when Discord takes 100 ms for each answer.

The real bot, as a process of its own, on the real discord.py. Discord gives up on a command after 3 seconds.
The straightforward way calls the provider, which takes 1.5 seconds, and answers then.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

import discord
import httpx
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bench.machine import percentile
from bench.report import Report, Target, run
from bench.stands import processes

COMMANDS: Final = 1000
FEWER: Final = 300
"""The straightforward way gets fewer: with more it would only take longer."""

LIMIT_SECONDS: Final = 3.0
STRAIGHTFORWARD: Final = "straightforward"


def measure() -> Report:
    ours = _waits(["bot", "run"], COMMANDS)
    theirs = _waits(["bench.acks", STRAIGHTFORWARD], FEWER)
    rows = [_row("the bot", ours, COMMANDS), _row("the provider first, then an answer", theirs, FEWER)]
    ratio = percentile(theirs, 0.99) / percentile(ours, 0.99)
    targets = [
        Target("acknowledged, p99, seconds", percentile(ours, 0.99), 0.6, is_least=False),
        Target("later than 3 seconds or never", _late(ours, COMMANDS), 0, is_least=False),
        Target("p99 of the provider first, with fewer commands, times ours", ratio, 3, is_least=True),
    ]
    title = f"Acknowledgement of {COMMANDS:,} commands at once"
    return Report(title, ["", "commands", "p50 s", "p99 s", "late"], rows, targets)


def _row(name: str, waited: Sequence[float], count: int) -> list[str | float]:
    return [name, count, median(waited), percentile(list(waited), 0.99), _late(waited, count)]


def _late(waited: Sequence[float], count: int) -> int:
    return count - sum(seconds <= LIMIT_SECONDS for seconds in waited)


def _waits(module: Sequence[str], count: int) -> list[float]:
    """Run a bot against the stand-in, and return how long each command waited."""
    with (
        TemporaryDirectory() as folder,
        processes.start("bench.stands.discord_stub", str(count), "1") as town,
    ):
        answers = iter(town.stdout or ())
        rest, gateway = next(answers).split()
        settings = processes.settings(rest, gateway, folder)
        with processes.start(*module, settings=settings) as bot:
            waited: list[float] = json.loads(next(answers))
            bot.kill()
        town.kill()
    return waited


class Straightforward(discord.Client):
    """A bot as it is first written."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.tree.command(name="video", description="Make a video")(self._video)
        self._http = httpx.AsyncClient(timeout=120, base_url=os.environ["ANYINT_BASE_URL"])

    async def _video(self, interaction: discord.Interaction, prompt: str) -> None:
        reply = await self._http.post("/openai/v1/videos", json={"model": "kling-3.0", "prompt": prompt})
        await interaction.response.send_message(f"Working on it: {reply.json()['id']}")


def _run_straightforward() -> None:
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = URL(os.environ["DISCORD_GATEWAY_URL"])
    Straightforward().run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    if sys.argv[1:] == [STRAIGHTFORWARD]:
        _run_straightforward()
    else:
        sys.exit(run([sys.modules[__name__]]))
