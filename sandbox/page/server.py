"""Serves the page on this machine: its files, what it shows, and what is done on it."""

import asyncio
import errno
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from sandbox.discord import NotPossible
from sandbox.discord.seed import PEOPLE
from sandbox.page import requests as asking
from sandbox.page import traffic_log as wire
from sandbox.page.actions import Actions
from sandbox.page.environment import Environment
from sandbox.page.feed import Bell, stream
from sandbox.page.guard import guard, harden
from sandbox.page.panel import Panel
from sandbox.page.scene import Scene

HOST = "127.0.0.1"
PORT = 8123
_PORTS_TRIED = 20
_STATIC = Path(__file__).parent / "static"
_BIGGEST_BODY = 2**30
_PARTING_SECONDS = 0.1
_SHOWN_IN_PLACE = ("image/", "video/", "audio/")
_HARMLESS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


class Page:
    """`async with Page(environment).open() as url: ...`. Its buttons need the token that the page holds."""

    def __init__(self, environment: Environment, *, port: int = PORT) -> None:
        self.token = secrets.token_urlsafe(24)
        self._environment = environment
        self._port = port
        self._bell = Bell()
        self._scene = Scene(environment)
        self._panel = Panel(environment)
        self._actions = Actions(environment.discord.world).by_name

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[str]:
        """Listen on this port, or on the next that is free, and yield the address.

        Raises:
            OSError: none of the ports can be had.
        """
        runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=_PARTING_SECONDS)
        await runner.setup()
        changes = (self._environment.discord.changes.next, self._environment.gateways.changes.next)
        bells = [asyncio.create_task(self._pass_on(change)) for change in changes]
        try:
            await _listen(runner, self._port)
            yield f"http://{HOST}:{runner.addresses[0][1]}/"
        finally:
            for bell in bells:
                bell.cancel()
            await asyncio.gather(*bells, return_exceptions=True)
            await runner.cleanup()

    async def _pass_on(self, change: Callable[[], Awaitable[None]]) -> None:
        while True:
            await change()
            self._bell.ring()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[guard(self.token)], client_max_size=_BIGGEST_BODY)
        app.on_response_prepare.append(harden)
        app.router.add_get("/", self._index)
        app.router.add_static("/static", _STATIC)
        app.router.add_get("/files/{path:.*}", self._file)
        app.router.add_get("/events", self._events)
        app.router.add_post("/do/{action}", self._do)
        app.router.add_post("/turn/{what}", self._turn)
        return app

    async def _index(self, _request: web.Request) -> web.Response:
        text = (_STATIC / "index.html").read_text(encoding="utf-8")
        return web.Response(text=text.replace("{{token}}", self.token), content_type="text/html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """An attachment, whole or in ranges; what a browser might run is only ever saved."""
        attachments = self._environment.discord.attachments
        path = "/" + request.match_info["path"]
        blob = attachments.find(path)
        if blob is None:
            raise web.HTTPNotFound
        kind = attachments.content_type(path)
        headers = {"Content-Type": kind, **_HARMLESS}
        if not kind.startswith(_SHOWN_IN_PLACE):
            headers |= {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
        return web.FileResponse(blob.path, headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        role, channel = _viewer(request), request.query.get("channel", "dm")
        try:
            channel_id = self._scene.channel_id(role, channel)
        except LookupError as error:
            raise web.HTTPNotFound(text="There is no such channel.") from error

        def parts() -> Mapping[str, object]:
            shown = self._scene.parts(role, channel)
            return shown | self._panel_parts(channel_id) if "panel" in request.query else shown

        return await stream(request, self._bell, parts)

    def _panel_parts(self, channel_id: int) -> dict[str, object]:
        discord, gateways = self._environment.discord, self._environment.gateways
        return {
            "panel": self._panel.shown(channel_id),
            "wire": wire.lines(discord, gateways),
            "bill": wire.bill(gateways),
        }

    async def _do(self, request: web.Request) -> web.Response:
        action = self._actions.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        member = self._environment.discord.member(_viewer(request))
        return await self._answer_with(request, lambda asked: action(member, asked))

    async def _turn(self, request: web.Request) -> web.Response:
        turn = self._panel.by_name.get(request.match_info["what"])
        if turn is None:
            raise web.HTTPNotFound
        return await self._answer_with(request, turn)

    async def _answer_with(
        self, request: web.Request, action: Callable[[asking.Asked], Awaitable[object]]
    ) -> web.Response:
        """Do it and answer with the outcome; where it is not possible, with a sentence for the member."""
        try:
            outcome = await action(await asking.read(request, self._environment.discord.upload_limit))
        except (NotPossible, LookupError, ValueError) as error:
            return web.json_response({"refused": str(error)})
        finally:
            self._bell.ring()
        return web.json_response({} if outcome is None else outcome)


def _viewer(request: web.Request) -> str:
    role = request.query.get("as", "member")
    if role not in PEOPLE:
        raise web.HTTPNotFound(text="Nobody of that name lives here.")
    return role


async def _listen(runner: web.AppRunner, port: int) -> None:
    """Take the first free port from this one on; 0 is any."""
    for offset in range(_PORTS_TRIED):
        try:
            await web.TCPSite(runner, HOST, port + offset if port else 0).start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or offset == _PORTS_TRIED - 1:
                raise
        else:
            return
