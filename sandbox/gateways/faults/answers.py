"""What a faulty gateway may say: other words, other bytes, refusals, and pages for people."""

import json
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from aiohttp import web

from sandbox.gateways.calls import Call, Reply
from sandbox.gateways.faults.fault import Answer, Headers
from sandbox.gateways.orders import Refusal

CAPTIVE_PORTAL = "<!doctype html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>"


def says(
    body: object,
    status: int = 200,
    *,
    headers: Headers | None = None,
    kind: str = "application/json",
) -> Answer:
    """Bytes and text as they are, anything else as JSON."""
    if isinstance(body, str):
        body = body.encode()
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return _replies(lambda _: Reply(status, raw, kind, headers or {}))


def html(status: int = 200) -> Answer:
    """A page for people, as a proxy or a captive portal shows it."""
    return says(CAPTIVE_PORTAL, status, kind="text/html; charset=utf-8")


def refuses(
    status: int,
    code: str | int = "upstream_error",
    message: str = "",
    headers: Headers | None = None,
) -> Answer:
    """An error in the shape of the surface that is asked."""
    refusal = Refusal(status, code, message or str(code).replace("_", " "))
    return _replies(lambda call: Reply.of(call.surface.refused(refusal), status, headers))


def redirects(to: str | None = None, status: int = 302) -> Answer:
    """Elsewhere, or once more to the same link."""
    return _replies(lambda call: Reply(status, b"", headers={"Location": to or str(call.request.url)}))


def usual() -> Answer:
    """What would have been said anyway; the effect must have happened."""
    return _replies(lambda call: call.usual)


def reshaped(change: Callable[[bytes], bytes], headers: Headers | None = None) -> Answer:
    """The usual reply with other bytes and more headers."""

    def reply(call: Call) -> Reply:
        return Reply(call.usual.status, change(call.usual.body), call.usual.content_type, headers or {})

    return _replies(reply)


def changed(change: Callable[[Call, Any], object]) -> Answer:
    """The usual reply with other JSON."""
    return _replies(lambda call: Reply.of(change(call, call.usual.json), call.usual.status))


def gzip_bomb(megabytes: int = 50) -> Answer:
    """JSON that is small on the wire and large once unpacked."""
    headers = {"Content-Encoding": "gzip"}
    return _replies(lambda _: Reply(200, _bomb(megabytes), headers=headers))


def _replies(reply: Callable[[Call], Reply]) -> Answer:
    async def answer(call: Call) -> web.StreamResponse:
        return reply(call).response()

    return answer


@lru_cache(maxsize=2)
def _bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    parts = [packer.compress(b'{"id": "'), *(packer.compress(b"0" * 2**20) for _ in range(megabytes))]
    return b"".join([*parts, packer.compress(b'"}'), packer.flush()])
