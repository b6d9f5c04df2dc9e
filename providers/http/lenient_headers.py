"""Reads answers whose head has lines that no HTTP parser takes: such a line is left out, the rest counts.

A gateway's proxy may add a header that is no header. h11, which httpx reads with, refuses the whole answer
then, each time: a clip that is paid for would never arrive.
"""

from __future__ import annotations

import re
import ssl
from typing import Any, Final, cast

import httpcore
import httpx

_END: Final = re.compile(rb"\r?\n\r?\n")
_LINE_END: Final = re.compile(rb"\r?\n")
_INTERIM: Final = re.compile(rb"HTTP/1\.[01] 1\d\d")
_HEADER: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*")
_OLD: Final = re.compile(rb"transfer-encoding:\s*identity\s*", re.IGNORECASE)
_LONGEST_HEAD: Final = 65_536
_READ_AT_ONCE: Final = 65_536


class LenientTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport over connections that leave out what is no header."""

    def __init__(self, *, verify: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=verify, trust_env=False, limits=limits, retries=0)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=verify,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            network_backend=_Backend(),
        )


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self) -> None:
        # httpcore declares this class twice, the second time for where anyio is missing.
        self._own = cast("httpcore.AsyncNetworkBackend", cast("object", httpcore.AnyIOBackend()))

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Any = None,  # noqa: ANN401 - as in httpcore, which does not export its type
    ) -> httpcore.AsyncNetworkStream:
        stream = await self._own.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream)

    async def sleep(self, seconds: float) -> None:
        await self._own.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection; what comes after something was sent begins with a head."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self._is_in_head = True
        self._waiting = self._after = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's
        if self._is_in_head and not self._waiting:
            await self._read_head(timeout)
        if not self._waiting:
            return await self._stream.read(max_bytes, timeout)
        given, self._waiting = self._waiting[:max_bytes], self._waiting[max_bytes:]
        return given

    async def _read_head(self, seconds: float | None) -> None:
        """Read up to the end of a head, or as much of it as comes. After an interim head comes another."""
        received, self._after = self._after, b""
        while (end := _END.search(received)) is None and len(received) < _LONGEST_HEAD:
            piece = await self._stream.read(_READ_AT_ONCE, seconds)
            received += piece
            if not piece:
                break
        if end is None:
            self._is_in_head, self._waiting = False, received
            return
        head, rest = _clean(received[: end.end()]), received[end.end() :]
        self._is_in_head = _INTERIM.match(head) is not None
        self._waiting, self._after = (head, rest) if self._is_in_head else (head + rest, b"")

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's
        self._is_in_head = True
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as in httpcore
        return self._stream.get_extra_info(info)


def _clean(head: bytes) -> bytes:
    """Return a head without the lines that are no headers, and without what continues them."""
    status, *lines = _LINE_END.split(head.rstrip(b"\r\n"))
    kept = [status]
    was_kept = True
    for line in lines:
        if not line.startswith((b" ", b"\t")):
            was_kept = _HEADER.fullmatch(line) is not None and _OLD.fullmatch(line) is None
        if was_kept:
            kept.append(line)
    return b"\r\n".join(kept) + b"\r\n\r\n"
