"""A server of HTTP/1.1 on loopback that can also be late, cut an answer off, and reset a connection."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from tests.stranger.made_up.answers import Answer, Way

LATE_SECONDS: Final = 900.0
"""Longer than any client waits for an answer."""

_END_OF_HEAD: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is as it was sent, without the query; `segments` are its decoded parts."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def segments(self) -> list[str]:
        return [unquote(part) for part in self.path.split("/")[1:]]


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer with its real bytes in the place of the body."""

    answer: Answer
    content: bytes


class Server:
    """Answers every connection by `answering`. `silent` counts requests that are purposely kept waiting."""

    def __init__(self, answering: Callable[[Request], Sent]) -> None:
        self.answering = answering
        self.silent = 0
        self.connections: set[Connection] = set()
        self._listening: asyncio.Server | None = None

    async def listen(self) -> str:
        """Start; return `http://host:port`."""
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: Connection(self), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.close()
        for connection in [*self.connections]:
            connection.drop()
        await asyncio.sleep(0)


class Connection(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server = server
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._server.connections.discard(self)
        self._transport = None
        if self._late is not None:
            self._late.cancel()
            self._late = None
            self._server.silent -= 1

    def drop(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._late is None and (request := self._next()) is not None:
            self._send(self._server.answering(request))

    def _next(self) -> Request | None:
        end = self._buffer.find(_END_OF_HEAD)
        if end < 0:
            return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        start = end + len(_END_OF_HEAD)
        whole = start + int(headers.get("content-length", "0"))
        if len(self._buffer) < whole:
            return None
        body = bytes(self._buffer[start:whole])
        del self._buffer[:whole]
        method, target, _ = first.split(" ")
        return Request(method, target.partition("?")[0], headers, body)

    def _send(self, sent: Sent) -> None:
        transport = self._transport
        if transport is None:
            return
        match sent.answer.way:
            case Way.RESET:
                self._reset()
            case Way.CLOSED:
                transport.close()
            case Way.LATE:
                self._server.silent += 1
                loop = asyncio.get_running_loop()
                self._late = loop.call_later(LATE_SECONDS, self._send_late, sent)
            case Way.CUT | Way.CUT_CHUNKS:
                transport.write(_written(sent)[: -_cut(sent)])
                transport.close()
            case Way.RESET_WITHIN:
                transport.write(_written(sent)[: -_cut(sent)])
                asyncio.get_running_loop().call_soon(self._reset)
            case Way.WHOLE | Way.CHUNKED | Way.INTERIM:
                transport.write(_written(sent))

    def _reset(self) -> None:
        """End the connection by a reset, not by a polite end."""
        if self._transport is not None:
            self._transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
            )
            self._transport.abort()

    def _send_late(self, sent: Sent) -> None:
        self._late = None
        self._server.silent -= 1
        if self._transport is not None:
            self._transport.write(_written(sent))


def _cut(sent: Sent) -> int:
    """How many bytes at the end are never sent: at least one, so that what arrives is not whole."""
    return max(1, len(sent.content) // 2) if sent.content else 3


def _written(sent: Sent) -> bytes:
    answer, content = sent.answer, sent.content
    is_bodiless = answer.status == 204 or answer.status < 200
    head = [f"HTTP/1.1 {answer.status} {answer.what.encode('ascii', 'replace').decode()}"]
    head += [f"{name}: {value}" for name, value in answer.headers]
    if answer.media_type and content:
        head.append(f"Content-Type: {answer.media_type}")
    if answer.way in {Way.CHUNKED, Way.CUT_CHUNKS} and not is_bodiless:
        head.append("Transfer-Encoding: chunked")
        half = len(content) // 2
        parts = [part for part in (content[:half], content[half:]) if part]
        content = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    elif not is_bodiless:
        head.append(f"Content-Length: {len(content)}")
    interim = b"HTTP/1.1 103 Early Hints\r\n\r\n" if answer.way is Way.INTERIM else b""
    return interim + "\r\n".join(head).encode("latin-1") + _END_OF_HEAD + content
