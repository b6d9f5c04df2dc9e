"""Lets in only this page: no other site in the same browser, and no foreign host name that leads here."""

import hmac

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_OPEN = ("/", "/static/")
_OWN_NAMES = {"127.0.0.1", "localhost"}


def guard(token: str) -> Middleware:
    """Refuse foreign hosts and origins; beyond the page itself, ask for the token that stands in it."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_for_us(request):
            raise web.HTTPForbidden(text="This page answers on its own address only.")
        if not _is_open(request.path) and not (_is_from_us(request) and _knows(request, token)):
            raise web.HTTPForbidden(text="This belongs to another page. Reload it.")
        return await handler(request)

    return check


async def harden(_request: web.Request, response: web.StreamResponse) -> None:
    """Let the page run nothing and reach nothing but what comes from here."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _is_for_us(request: web.Request) -> bool:
    """Whether the browser thinks that it talks to this machine: a foreign name may lead here, too."""
    transport = request.transport
    port = transport.get_extra_info("sockname")[1] if transport is not None else None
    return request.host in {f"{name}:{port}" for name in _OWN_NAMES}


def _is_open(path: str) -> bool:
    return path == _OPEN[0] or path.startswith(_OPEN[1])


def _is_from_us(request: web.Request) -> bool:
    origin = request.headers.get("Origin", f"http://{request.host}")
    return (
        origin == f"http://{request.host}" and request.headers.get("Sec-Fetch-Site", "none") != "cross-site"
    )


def _knows(request: web.Request, token: str) -> bool:
    given = request.headers.get("X-Sandbox-Token") or request.query.get("token", "")
    return hmac.compare_digest(given.encode(), token.encode())
