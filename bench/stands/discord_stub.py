"""As much of Discord and of a gateway as a burst of commands needs, in a process of its own.

`python -m bench.stands.discord_stub COMMANDS SERVERS`. Once a bot is connected and knows its servers, so many
members type `/video` at the same moment. How long each waited for an acknowledgement goes to standard output.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSMsgType, web

from bench.stands.discord_rest import RestConnection

_AT_ONCE: Final = 20
"""So many commands are sent before a look at what was answered to earlier ones."""

_SETTLE_SECONDS: Final = 2.0
_WAIT_SECONDS: Final = 40.0
_LONGEST_SECONDS: Final = 60.0
_GUILD, _CHANNEL, _BOT, _FIRST = 700, 800, 900, 1_400_000_000_000_000_000
_USER: Final[dict[str, Any]] = {
    "id": str(_BOT),
    "username": "matinee",
    "discriminator": "0",
    "avatar": None,
    "bot": True,
}
_APPLICATION: Final[dict[str, Any]] = {
    "id": str(_BOT),
    "name": "matinee",
    "description": "",
    "icon": None,
    "flags": 0,
    "owner": _USER,
    "bot_public": False,
    "bot_require_code_grant": False,
    "verify_key": "",
}
_PLACE: Final[dict[str, Any]] = {
    "id": str(_CHANNEL),
    "type": 0,
    "name": "ideas",
    "position": 0,
    "permission_overwrites": [],
}
_ROLE: Final[dict[str, Any]] = {
    "permissions": "8",
    "position": 0,
    "color": 0,
    "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
    "hoist": False,
    "managed": False,
    "mentionable": False,
    "flags": 0,
}
_SERVER: Final[dict[str, Any]] = {
    "owner_id": "1",
    **dict.fromkeys(("emojis", "stickers", "features", "threads", "presences", "voice_states"), ()),
    **dict.fromkeys(("stage_instances", "guild_scheduled_events", "soundboard_sounds"), ()),
    **dict.fromkeys(("verification_level", "default_message_notifications", "explicit_content_filter"), 0),
    **dict.fromkeys(("mfa_level", "premium_tier", "system_channel_flags", "nsfw_level", "afk_timeout"), 0),
    "members": [],
    "member_count": 1000,
    "preferred_locale": "en-US",
    "large": False,
    "unavailable": False,
    "premium_progress_bar_enabled": False,
}
_CHANNELS: Final = 20
_ROLES: Final = 10
"""What each server has, @everyone among the roles."""


def _server(number: int) -> dict[str, Any]:
    first = _GUILD + 1000 * number
    ids = [_CHANNEL if number == 0 else first, *range(first + 1, first + _CHANNELS)]
    roles = [{**_ROLE, "id": str(first + one), "name": f"role {one}"} for one in range(_ROLES)]
    channels = [{**_PLACE, "id": str(place), "name": f"room-{place}"} for place in ids]
    return {**_SERVER, "id": str(first), "name": f"town {number}", "roles": roles, "channels": channels}


class Stub:
    def __init__(self, count: int, servers: int) -> None:
        self._count = count
        self._servers = [_server(number) for number in range(servers)]
        self._sent: dict[str, float] = {}
        self._waited: list[float] = []
        self._all = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/gateway", self._gateway)
        return app

    async def burst(self, socket: web.WebSocketResponse) -> None:
        """Let all members type at once, and report how long each of them waited."""
        await asyncio.sleep(_SETTLE_SECONDS)
        typed = [json.dumps(_typed(number)) for number in range(self._count)]
        for number, words in enumerate(typed):
            self._sent[str(_FIRST + number)] = time.perf_counter()
            await socket.send_str(words)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAIT_SECONDS if self._count else 0):
                await self._all.wait()
        print(json.dumps(self._waited), flush=True)

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 40_000}, "s": None, "t": None})
        async with asyncio.TaskGroup() as group:
            async for message in socket:
                said: dict[str, Any] = json.loads(message.data) if message.type is WSMsgType.TEXT else {}
                if said.get("op") == 1:
                    await socket.send_json({"op": 11, "d": None, "s": None, "t": None})
                elif said.get("op") == 2:  # noqa: PLR2004 - identify
                    await socket.send_json(
                        _event("READY", self._ready(str(request.url.host), request.url.port))
                    )
                    for server in self._servers:
                        await socket.send_json(_event("GUILD_CREATE", server))
                    group.create_task(self.burst(socket))
        return socket

    def _ready(self, host: str, port: int | None) -> dict[str, Any]:
        return {
            "v": 10,
            "user": _USER,
            "guilds": [{"id": server["id"], "unavailable": True} for server in self._servers],
            "session_id": "one",
            "resume_gateway_url": f"ws://{host}:{port}/gateway",
            "application": {"id": str(_BOT), "flags": 0},
            "private_channels": [],
        }

    def answer(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Answer a request to the REST API, or to the gateway that makes videos."""
        place = path.removeprefix("/api/v10/").partition("?")[0]
        if place.startswith("interactions"):
            return self._acknowledged(place.split("/")[1])
        if place == "users/@me":
            return _USER
        if place.startswith("/openai"):
            return {"id": f"task-{time.perf_counter_ns()}", "status": "queued"}
        if place.startswith(("oauth2", "applications/@me")):
            return _APPLICATION
        return [] if place.startswith("applications") else _message()

    def _acknowledged(self, interaction: str) -> dict[str, Any]:
        self._waited.append(time.perf_counter() - self._sent[interaction])
        if len(self._waited) == self._count:
            self._all.set()
        return {"interaction": {"id": interaction, "type": 2}, "resource": {"type": 5, "message": _message()}}


def _event(name: str, what: dict[str, Any]) -> dict[str, Any]:
    return {"op": 0, "s": 1, "t": name, "d": what}


def _typed(number: int) -> dict[str, Any]:
    user = {"id": str(10_000 + number), "username": f"m{number}", "discriminator": "0", "avatar": None}
    member: dict[str, Any] = {"user": user, "roles": [], "joined_at": "2025-01-01T00:00:00+00:00", "flags": 0}
    options = [{"name": "prompt", "type": 3, "value": f"a paper boat, number {number}"}]
    return _event(
        "INTERACTION_CREATE",
        {
            "id": str(_FIRST + number),
            "application_id": str(_BOT),
            "type": 2,
            "token": f"token-{number}",
            "version": 1,
            "guild_id": str(_GUILD),
            "channel_id": str(_CHANNEL),
            "channel": _PLACE,
            "member": {**member, "permissions": "8", "deaf": False, "mute": False},
            "data": {"id": "5", "name": "video", "type": 1, "options": options},
            "entitlements": [],
            "authorizing_integration_owners": {},
            "context": 0,
            "app_permissions": "8",
            "attachment_size_limit": 10_485_760,
            "locale": "en-US",
            "guild_locale": "en-US",
        },
    )


def _message() -> dict[str, Any]:
    return {
        "id": str(time.time_ns()),
        "channel_id": str(_CHANNEL),
        "author": _USER,
        "content": "",
        "type": 0,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "pinned": False,
        **dict.fromkeys(("mentions", "mention_roles", "attachments", "embeds", "components"), ()),
        "mention_everyone": False,
        "flags": 0,
    }


async def _serve(count: int, servers: int) -> None:
    stub = Stub(count, servers)
    rest = await asyncio.get_running_loop().create_server(
        lambda: RestConnection(stub.answer), "127.0.0.1", 0, backlog=2048
    )
    runner = web.AppRunner(stub.app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(rest.sockets[0].getsockname()[1], runner.addresses[0][1], flush=True)
    await asyncio.sleep(_LONGEST_SECONDS)


if __name__ == "__main__":
    asyncio.run(_serve(*map(int, sys.argv[1:])))
