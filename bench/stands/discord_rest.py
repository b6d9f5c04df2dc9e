"""Discord's REST API and a gateway's create, as far as a burst of commands needs them: plain asyncio.

The real ones are other machines, so this stand-in takes as little of this machine as it can.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

REST_SECONDS: Final = 0.1
CREATE_SECONDS: Final = 1.5
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"

Answer = Callable[[str], Any]
"""What is answered to a path, as JSON."""


class RestConnection(asyncio.Protocol):
    """One connection of a client that sends the next request after the last answer."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(_END)
        if not end or len(body) < _length(head):
            return
        self._received = b""
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        wait = CREATE_SECONDS if path.startswith("/openai") and method == "POST" else REST_SECONDS
        asyncio.get_running_loop().call_later(wait, self._send, path)

    def _send(self, path: str) -> None:
        body = json.dumps(self._answer(path)).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(head.encode() + body)


def _length(head: bytes) -> int:
    """Return how long the body of a request is; 0 where its head does not say."""
    _, found, rest = head.lower().partition(_LENGTH)
    return int(rest.partition(b"\r\n")[0]) if found else 0
