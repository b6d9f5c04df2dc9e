"""Tells each open page what has changed, as it happens: server-sent events, one viewer and channel each."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from aiohttp import web

_AT_MOST_EVERY_SECONDS = 0.05
_SIGN_OF_LIFE_SECONDS = 1.0


class Bell:
    """`ring` is called at every change; a caller that took `next` before looking misses none."""

    def __init__(self) -> None:
        self.next = asyncio.Event()

    def ring(self) -> None:
        rung, self.next = self.next, asyncio.Event()
        rung.set()


async def stream(
    request: web.Request, bell: Bell, parts: Callable[[], Mapping[str, object]]
) -> web.StreamResponse:
    """Send all parts, then those that change, until the page is closed. The first event is `fresh`."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    with suppress(ConnectionError):
        await _tell(response, bell, parts)
    return response


async def _tell(response: web.StreamResponse, bell: Bell, parts: Callable[[], Mapping[str, object]]) -> None:
    """Go on until the connection is gone."""
    sent: dict[str, str] = {}
    while True:
        rung = bell.next
        now = {name: json.dumps(part) for name, part in parts().items()}
        await response.write(_event(sent, now))
        sent = now
        try:
            async with asyncio.timeout(_SIGN_OF_LIFE_SECONDS):
                await rung.wait()
        except TimeoutError:
            continue
        await asyncio.sleep(_AT_MOST_EVERY_SECONDS)


def _event(sent: Mapping[str, str], now: Mapping[str, str]) -> bytes:
    """What differs, as one event; a comment when nothing does."""
    changed = [f"{json.dumps(name)}:{part}" for name, part in now.items() if sent.get(name) != part]
    changed += [f"{json.dumps(name)}:null" for name in sent if name not in now]
    if not changed:
        return b": still here\n\n"
    kind = "parts" if sent else "fresh"
    return f"event: {kind}\ndata: {{{','.join(changed)}}}\n\n".encode()
