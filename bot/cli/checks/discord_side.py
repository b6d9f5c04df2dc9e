"""Asks Discord about the token, the connection and the servers, and compares clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, cast

import aiohttp
import discord
import yarl
from discord.http import Route

from bot.cli.checks.finding import Finding, failed, noted, passed
from bot.discord.client import wanted_intents
from bot.settings.settings import Settings
from core.community.prompt_channels import read_prompt_channels
from core.model.errors import StoreError
from core.ports import Clock
from storage.sqlite.database import open_for_reading
from storage.sqlite.notes import SqliteKeyValues

RECOMMENDED: Final = discord.Permissions(274878024768)
"""View, send, send in threads, embed, attach, read history, add reactions."""

MOST_SECONDS_APART: Final = 10.0
_PATIENCE_SECONDS: Final = 10.0
_PAGE: Final = 200
_HELLO: Final = 10
_PRIVILEGED: Final = {
    "members": ("Server Members", 1 << 14 | 1 << 15),
    "presences": ("Presence", 1 << 12 | 1 << 13),
    "message_content": ("Message Content", 1 << 18 | 1 << 19),
}
"""By intent: its name on the Bot page, and the application's flags that grant it (Application Flags)."""


class Silent(Exception):
    """Discord did not answer, or not as it should. The message says how, without the token."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: object
    date: str


@dataclass(frozen=True, slots=True)
class Line:
    """Discord's REST API, with the bot's token."""

    session: aiohttp.ClientSession
    base: str

    async def ask(self, path: str) -> Reply:
        """Ask once. Raise Silent where no answer comes."""
        try:
            async with self.session.get(f"{self.base}{path}") as response:
                body: object = await response.json(content_type=None)
                return Reply(response.status, body, response.headers.get("Date", ""))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Silent(f"it does not answer ({type(error).__name__})") from error

    async def ask_known(self, path: str) -> Any:  # noqa: ANN401 - JSON, read where it is used
        """Ask for something that must be there. Raise Silent."""
        reply = await self.ask(path)
        if reply.status != HTTPStatus.OK:
            raise Silent(f"it answers {path} with HTTP {reply.status}")
        return reply.body


async def check(settings: Settings, clock: Clock) -> list[Finding]:
    """Ask everything, as far as the answers allow."""
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    headers = {"Authorization": f"Bot {token}", "User-Agent": "DiscordBot (matinee, 0.1)"}
    timeout = aiohttp.ClientTimeout(total=_PATIENCE_SECONDS)
    async with aiohttp.ClientSession(headers=headers, timeout=timeout, trust_env=False) as session:
        line = Line(session, settings.discord_api_url or Route.BASE)
        findings: list[Finding] = []
        try:
            me = await line.ask("/users/@me")
            findings.append(_token(me))
            findings.append(_clock(me, clock.now()))
            if me.status == HTTPStatus.OK:
                application: Mapping[str, Any] = await line.ask_known("/oauth2/applications/@me")
                hears_all = await _has_prompt_channels(settings.database_path)
                findings += [_orders(application), _intents(application, hears_all=hears_all)]
                findings.append(await _gateway(line, settings.discord_gateway_url))
                findings += await _servers(line, str(application["id"]))
        except (Silent, KeyError, TypeError, ValueError) as error:
            why = str(error) if isinstance(error, Silent) else "its answer has another shape than documented"
            findings.append(failed("Discord", f"{why}. Check the network and DISCORD_API_URL, or try later."))
        return findings


def _token(me: Reply) -> Finding:
    if me.status == HTTPStatus.OK:
        body = cast("Mapping[str, object]", me.body)
        return passed("token", f"logs in as {body['username']} ({body['id']})")
    if me.status == HTTPStatus.UNAUTHORIZED:
        hint = "Copy it anew from the Bot page of your application into DISCORD_TOKEN."
        return failed("token", f"Discord refuses it. {hint}")
    return failed(
        "token", f"Discord answers HTTP {me.status} instead of saying whose it is. Try again later."
    )


def _clock(me: Reply, now: datetime) -> Finding:
    try:
        apart = (now - parsedate_to_datetime(me.date)).total_seconds()
    except (ValueError, TypeError):
        return noted("clock", "Discord's answer does not say what time it is")
    if abs(apart) > MOST_SECONDS_APART:
        way = "ahead of" if apart > 0 else "behind"
        hint = "Turn on the time synchronisation of this machine."
        return failed("clock", f"{abs(apart):.0f} seconds {way} Discord's. {hint}")
    return passed("clock", "agrees with Discord's")


def _orders(application: Mapping[str, Any]) -> Finding:
    """Find out whether members' commands reach the bot at all."""
    if application.get("interactions_endpoint_url"):
        hint = "Empty “Interactions Endpoint URL” on the General page of your application."
        return failed("commands", f"Discord sends them to a web address instead of the bot. {hint}")
    return passed("commands", "come to the bot")


async def _has_prompt_channels(database: Path) -> bool:
    """Whether the bot needs the text of all messages. A broken database has its own finding."""
    if not await asyncio.to_thread(database.exists):
        return False
    try:
        async with open_for_reading(database) as opened:
            return bool(await read_prompt_channels(SqliteKeyValues(opened)))
    except StoreError:
        return False


def _intents(application: Mapping[str, Any], *, hears_all: bool) -> Finding:
    """Compare what the bot will ask for with what the application may have."""
    flags, intents = int(application.get("flags", 0)), wanted_intents(hears_all=hears_all)
    wanted = [named for intent, named in _PRIVILEGED.items() if getattr(intents, intent)]
    lacking = [title for title, granted_by in wanted if not flags & granted_by]
    if lacking:
        hint = "Switch it on at the Bot page of your application."
        unanswered = " In prompt channels the bot hears only what calls it by name." if hears_all else ""
        return failed("intents", f"the application lacks {' and '.join(lacking)}.{unanswered} {hint}")
    if not wanted:
        return passed("intents", "none is needed that Discord would have to grant")
    return passed("intents", f"{' and '.join(title for title, _ in wanted)} granted")


async def _gateway(line: Line, address: str | None) -> Finding:
    """Open a connection and read Discord's hello, without logging in: that would use up a login."""
    start: Mapping[str, Any] = await line.ask_known("/gateway/bot")
    limit = start["session_start_limit"]
    if limit["remaining"] == 0:
        hours = limit["reset_after"] / 3_600_000
        hint = "Find out what restarts the bot so often."
        return failed("gateway", f"no logins left for {hours:.0f} hours. {hint}")
    url = yarl.URL(address or start["url"]).with_query(v="10", encoding="json")
    try:
        async with line.session.ws_connect(url) as socket, asyncio.timeout(_PATIENCE_SECONDS):
            hello: Mapping[str, Any] = await socket.receive_json()
    except (aiohttp.ClientError, OSError, ValueError, TypeError) as error:
        hint = "Check the network and DISCORD_GATEWAY_URL; a proxy must let WebSockets through."
        return failed("gateway", f"{url.host} cannot be reached ({type(error).__name__}). {hint}")
    if hello.get("op") != _HELLO:
        return failed("gateway", f"{url.host} is not Discord's gateway. Check DISCORD_GATEWAY_URL.")
    return passed("gateway", f"reachable, {limit['remaining']} of {limit['total']} logins left")


async def _servers(line: Line, application_id: str) -> list[Finding]:
    """Name each server that does not let the bot do what it is installed for."""
    invitation = discord.utils.oauth_url(int(application_id), permissions=RECOMMENDED)
    servers = await _all_servers(line)
    if not servers:
        return [noted("servers", f"the bot is in none yet. Invite it: {invitation}")]
    findings = [
        failed(
            "servers",
            f"in {server['name']} the bot lacks {', '.join(lacking)}. "
            f"Allow it there, or invite it again: {invitation}",
        )
        for server in servers
        if (lacking := _lacking(server))
    ]
    return findings or [passed("servers", f"{len(servers)}, with every permission that the bot needs")]


async def _all_servers(line: Line) -> list[Mapping[str, Any]]:
    servers: list[Mapping[str, Any]] = []
    while True:
        after = servers[-1]["id"] if servers else "0"
        page: list[Mapping[str, Any]] = await line.ask_known(f"/users/@me/guilds?limit={_PAGE}&after={after}")
        servers += page
        if len(page) < _PAGE:
            return servers


def _lacking(server: Mapping[str, Any]) -> list[str]:
    held = discord.Permissions(int(server["permissions"]))
    if held.administrator:
        return []
    missing = discord.Permissions(RECOMMENDED.value & ~held.value)
    return [name.replace("_", " ").title() for name, is_missing in missing if is_missing]
