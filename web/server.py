"""The web server itself: how it behaves and where it listens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from aiohttp import HttpVersion11, web
from aiohttp.typedefs import Handler, Middleware

from core.ports import Clock
from core.primitives.tasks import running
from web.connections import CONNECTIONS, Connections, Patience
from web.links.video_links import PREFIX

log = logging.getLogger(__name__)

NOTHING: Final = "There is nothing here."
CLOSING_SECONDS: Final = 2.0

_PROXIED: Final = frozenset({"Forwarded", "Via", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP", "CF-Ray"})
_PROXIED_BEGINNING: Final = "X-FORWARDED-"
"""Headers that a proxy between the world and us adds; one that adds none mostly speaks HTTP/1.0."""

_MANNERS: Final = {
    "Server": "Matinee",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
"""Headers of every answer that does not say otherwise itself."""


class AddressTaken(Exception):
    """The address cannot be listened at. The message says why."""


@asynccontextmanager
async def serving(
    address: str,
    routes: Sequence[web.RouteDef],
    clock: Clock,
    *,
    public_url: str | None = None,
    most: int | None = None,
    patience: Patience | None = None,
) -> AsyncGenerator[str]:
    """Serve at `host:port`, and yield the address; port 0 takes a free one. Raise AddressTaken.

    A visitor by the public address finds only the links to videos. At most `most` connections
    are open, by default a share of what the process may open.
    """
    app = web.Application(middlewares=[_manners, _guard(urlsplit(public_url or "").netloc)])
    connections = app[CONNECTIONS] = Connections(clock, most=most, patience=patience)
    app.add_routes(routes)
    # Without an access log: its lines would hold links that open a video.
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=CLOSING_SECONDS)
    await runner.setup()
    try:
        host, _, port = address.rpartition(":")
        async with (
            running(connections.run),
            _listening(runner, connections, host.strip("[]"), int(port)) as number,
        ):
            log.info("web server listens", extra={"address": f"{host}:{number}"})
            yield f"{host}:{number}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _listening(
    runner: web.AppRunner, connections: Connections, host: str, port: int
) -> AsyncGenerator[int]:
    """Take connections, and yield the port. Raise AddressTaken."""
    if runner.server is None:
        raise RuntimeError("the runner is not set up")
    protocol = partial(connections.protocol, runner.server)
    try:
        listener = await asyncio.get_running_loop().create_server(protocol, host, port)
    except OSError as error:
        raise AddressTaken(f"cannot listen there ({error.strerror or type(error).__name__})") from error
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


@web.middleware
async def _manners(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error in one way: plain words, the same headers, nothing of our insides."""
    try:
        with request.app[CONNECTIONS].answering(request):
            answer = await handler(request)
    except web.HTTPMethodNotAllowed:
        answer = web.Response(
            status=405, text="Only GET and HEAD are answered.", headers={"Allow": "GET, HEAD"}
        )
    except web.HTTPNotFound:
        answer = web.Response(status=404, text=NOTHING)
    except web.HTTPException as error:
        answer = web.Response(status=error.status, text=error.text, headers=_retry_after_header(error))
    except ConnectionError:
        raise
    except Exception:
        log.exception("a web request went wrong")
        answer = web.Response(status=500, text="Something went wrong. It was written down.")
    for name, value in _MANNERS.items():
        answer.headers.setdefault(name, value)
    return answer


def _guard(public: str) -> Middleware:
    """Answer health and metrics only to clients that reach the server directly."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_from_outside = request.host == public or _is_proxied(request)
        if is_from_outside and not request.path.startswith(PREFIX):
            raise web.HTTPNotFound
        return await handler(request)

    return guarded


def _is_proxied(request: web.Request) -> bool:
    if request.version < HttpVersion11 or not _PROXIED.isdisjoint(request.headers):
        return True
    return any(name.upper().startswith(_PROXIED_BEGINNING) for name in request.headers)


def _retry_after_header(error: web.HTTPException) -> dict[str, str]:
    wait = error.headers.get("Retry-After")
    return {} if wait is None else {"Retry-After": wait}
