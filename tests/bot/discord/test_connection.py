"""How the bot gets to Discord."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping

import discord.http
import pytest
from aiohttp import web

from bot.discord.client import Client
from bot.discord.connection import log_in
from bot.process.clock import SystemClock
from bot.settings.settings import Settings
from storage.memory.stores import MemoryKeyValues

ME = {"id": "9", "username": "matinee", "discriminator": "0", "avatar": None}
APPLICATION = {
    **dict.fromkeys(("name", "description", "verify_key"), "matinee"),
    **dict.fromkeys(("bot_public", "bot_require_code_grant"), False),
    "id": "9",
    "icon": None,
    "owner": ME,
}


class Discord(SystemClock):
    """Is away at first, and there when the bot has waited for it."""

    def __init__(self) -> None:
        app = web.Application()
        app.router.add_get("/users/@me", self._me)
        app.router.add_get("/oauth2/applications/@me", self._application)
        self.runner = web.AppRunner(app)
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            self.port: int = nobody.getsockname()[1]
        self.waits = 0

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        del event, seconds
        self.waits += 1
        if self.waits == 2:
            await self.runner.setup()
            await web.TCPSite(self.runner, "127.0.0.1", self.port).start()

    async def _me(self, _: web.Request) -> web.Response:
        return _json(ME)

    async def _application(self, _: web.Request) -> web.Response:
        return _json(APPLICATION)


def _json(value: Mapping[str, object]) -> web.Response:
    answer = web.json_response(value)
    answer.headers["Content-Type"] = "application/json"
    return answer


@pytest.fixture
async def away(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    monkeypatch.setenv("DISCORD_TOKEN", "a.b.c")
    place = Discord()
    monkeypatch.setattr(discord.http.Route, "BASE", f"http://127.0.0.1:{place.port}")
    yield place
    await place.runner.cleanup()


async def test_a_discord_that_is_away_at_first_is_waited_for(away: Discord) -> None:
    client = Client(notes=MemoryKeyValues(), on_error=_ignore_error)

    is_in = await log_in(client, Settings.load(), away, asyncio.Event())

    assert (is_in, away.waits) == (True, 2)
    assert client.user is not None
    await client.close()


async def _ignore_error(interaction: discord.Interaction, error: BaseException) -> None:
    raise AssertionError(f"{interaction}: {error}")
