"""Bounds connections: so many at once, none that is idle for long, none that reads too slowly."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from aiohttp import web

from core.ports import Clock
from web.rate_limit import is_near, network

log = logging.getLogger(__name__)

_ONE_LINE_SECONDS: Final = 60.0
_MOST_CONNECTIONS: Final = 500
_SHARE: Final = 4
_LINUX_TCP_INFO: Final = 11
_BYTES_ACKED: Final = struct.Struct("@120xQ")
"""Where Linux shows how many bytes a peer has confirmed (`tcpi_bytes_acked` of `struct tcp_info`)."""

_Transport: TypeAlias = asyncio.BaseTransport


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a connection may be idle or be sending its headers, and the least rate of a reader."""

    idle_seconds: float = 15.0
    window_seconds: float = 30.0
    bytes_per_second: float = 8_000.0
    look_seconds: float = 1.0


@dataclass(slots=True)
class _Reader:
    """A visitor who is sent a file: `limit` ends that, `since` is the beginning of the window."""

    limit: asyncio.Timeout
    since: float
    acked: int | None


class Connections:
    """The connections of a server, at most `most`, and at most `most_each` from one address abroad.

    When all are taken, a new visitor gets the place of the one that has been idle longest. A proxy beside us
    stands for many visitors, so near addresses have no bound of their own.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        most: int | None = None,
        most_each: int = 40,
        patience: Patience | None = None,
    ) -> None:
        self._clock = clock
        self._most = most or most_connections()
        self._most_each = most_each
        self._patience = patience or Patience()
        self._idle: dict[_Transport, float] = {}
        self._busy: dict[_Transport, None] = {}
        self._readers: dict[_Transport, _Reader] = {}
        self._logged_at = float("-inf")

    @property
    def count(self) -> int:
        return len(self._idle) + len(self._busy)

    def protocol(self, server: web.Server) -> asyncio.Protocol:
        """Return the protocol of the next connection to the server."""
        return _Entrance(self, server)

    def admit(self, transport: asyncio.Transport) -> bool:
        """Count a new connection; False where there is no room for it."""
        self._forget_closed()
        if not self._has_room_for(transport):
            self._log_once()
            return False
        self._idle[transport] = self._clock.monotonic()
        return True

    @contextmanager
    def answering(self, request: web.BaseRequest) -> Generator[None]:
        """Count the request's connection as busy, so that it is not closed as idle."""
        transport = request.transport
        if transport is None or transport in self._busy:
            yield
            return
        self._idle.pop(transport, None)
        self._busy[transport] = None
        try:
            yield
        finally:
            self._busy.pop(transport, None)
            if not transport.is_closing():
                self._idle[transport] = self._clock.monotonic()

    @contextmanager
    def reading(self, request: web.BaseRequest, limit: asyncio.Timeout) -> Generator[None]:
        """Let `limit` expire as soon as the visitor reads too slowly."""
        transport = request.transport
        if transport is None:
            yield
            return
        self._readers[transport] = _Reader(limit, self._clock.monotonic(), bytes_acked(transport))
        try:
            with self.answering(request):
                yield
        finally:
            del self._readers[transport]

    async def run(self) -> None:
        """Close idle connections and end slow readers, until cancelled."""
        while True:
            await self._clock.sleep(self._patience.look_seconds)
            self._close_idle()
            for transport, reader in self._readers.items():
                self._look_at(transport, reader)

    def _has_room_for(self, transport: asyncio.Transport) -> bool:
        peer = _peer(transport)
        if not is_near(peer) and self._count_of(peer) >= self._most_each:
            return False
        return self.count < self._most or self._makes_room()

    def _makes_room(self) -> bool:
        """Close the connection that has been idle longest, if there is one."""
        oldest = next(iter(self._idle), None)
        if oldest is not None:
            self._log_once()
            self._close(oldest)
        return oldest is not None

    def _count_of(self, peer: str) -> int:
        household = network(peer)
        return sum(network(_peer(known)) == household for known in (*self._idle, *self._busy))

    def _forget_closed(self) -> None:
        for transport in [known for known in self._idle if known.is_closing()]:
            del self._idle[transport]

    def _close_idle(self) -> None:
        self._forget_closed()
        latest = self._clock.monotonic() - self._patience.idle_seconds
        for transport in [known for known, since in self._idle.items() if since <= latest]:
            self._close(transport)

    def _close(self, transport: _Transport) -> None:
        del self._idle[transport]
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()

    def _look_at(self, transport: _Transport, reader: _Reader) -> None:
        passed = self._clock.monotonic() - reader.since
        if passed < self._patience.window_seconds:
            return
        acked = bytes_acked(transport)
        if acked is None or reader.acked is None:
            return
        if acked - reader.acked < self._patience.bytes_per_second * passed and not reader.limit.expired():
            reader.limit.reschedule(asyncio.get_running_loop().time())
        reader.since, reader.acked = self._clock.monotonic(), acked

    def _log_once(self) -> None:
        """Write one line of a flood, not one of each connection."""
        now = self._clock.monotonic()
        if now - self._logged_at >= _ONE_LINE_SECONDS:
            self._logged_at = now
            log.warning("too many connections to the web server; some are refused or closed")


CONNECTIONS: Final = web.AppKey("connections", Connections)


class _Entrance(asyncio.Protocol):
    """Accepts connections: passes each on to the server, or closes it."""

    def __init__(self, connections: Connections, server: web.Server) -> None:
        self._connections = connections
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport) or not self._connections.admit(transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
            return
        handler = self._server()
        transport.set_protocol(handler)
        handler.connection_made(transport)


def bytes_acked(transport: _Transport) -> int | None:
    """Return how much of what was sent the peer has confirmed; None where the system does not show it."""
    connection = transport.get_extra_info("socket")
    if connection is None or not hasattr(socket, "TCP_INFO"):
        return None
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, _LINUX_TCP_INFO, _BYTES_ACKED.size)
        (count,) = _BYTES_ACKED.unpack(info)
    except (OSError, struct.error):
        return None
    return int(count)


def _peer(transport: _Transport) -> str:
    peer: object = transport.get_extra_info("peername")
    return str(cast("tuple[object, ...]", peer)[0]) if isinstance(peer, tuple) and peer else ""


def most_connections() -> int:
    """Return how many connections the web server takes: a share of the descriptors, so that work goes on."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, soft // _SHARE)
