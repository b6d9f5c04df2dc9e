"""The three HTTP clients: one for paid creates, one for free questions, one for files."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from core.ports import Clock
from providers.http import wire
from providers.http.addresses import Addresses
from providers.http.decompression import check_size, unpack_body
from providers.http.lenient_headers import LenientTransport
from providers.http.polling_client import PollingTransport

CREATE_READ_TIMEOUT_SECONDS = 120.0
_CREATE_EXTRA_SECONDS = 30.0  # for connecting and sending, on top of the wait for an answer
_POLL_CONNECTIONS = 256
_MANNERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Matinee"}
_SENDS_ONCE = {"x-litellm-num-retries": "0"}
"""Forbids a LiteLLM gateway to send a create again by itself, as it does up to three times after a dropped
connection, 500, 503 or 429 (LiteLLM 1.108.7). The first may have made a task and the last be refused for
that very task: the gateway then says no to what was paid for. Other gateways pass over the header."""
_LATE_END_SECONDS = 2.0  # how long the end of a body is waited for that is a whole JSON object by then
_BODY_CAP = 1_000_000
_FIRST_BYTE_SECONDS = 120.0  # some gateways read the whole clip before they send its first byte


@dataclass(frozen=True, slots=True)
class Limits:
    """The longest waits, and the most bytes that are read. A file's rate is checked once a window."""

    asking_seconds: float = 30.0
    file_bytes: int = 512 * 1024 * 1024
    file_seconds: float = 900.0
    window_seconds: float = 30.0
    least_bytes_per_second: float = 20_000.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `broken` is why the body is not whole, where it is not.

    A JSON object can be complete all the same. More might have followed it, so what it names counts, but it
    never proves that nothing was made.
    """

    status: int
    headers: httpx.Headers
    body: bytes
    broken: Exception | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - the range of success


@dataclass(frozen=True, slots=True)
class Network:
    """How this program reaches the outside. No client carries a key, a cookie or a proxy of its own."""

    paying: httpx.AsyncClient
    asking: PollingTransport
    fetching: httpx.AsyncClient
    addresses: Addresses
    clock: Clock
    create_total_seconds: float
    limits: Limits = Limits()

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Send a paid request once. Whatever is raised comes from httpx's own transport, as it is."""
        sent = {**headers, **_SENDS_ONCE, "Content-Type": "application/json"}
        async with (
            asyncio.timeout(self.create_total_seconds) as limit,
            self.paying.stream("POST", url, content=body, headers=sent) as response,
        ):
            return await _read_body(response, _BODY_CAP, limit)

    async def get(self, url: httpx.URL | str, headers: dict[str, str]) -> Answer:
        """Ask a free question, within a limit for the whole of it."""
        async with asyncio.timeout(self.limits.asking_seconds) as limit:
            response = await self._ask(httpx.URL(url), headers)
            try:
                return await _read_body(response, _BODY_CAP, limit)
            finally:
                await response.aclose()

    async def _ask(self, url: httpx.URL, headers: dict[str, str]) -> httpx.Response:
        """Ask by aiohttp; where it cannot read the head of the answer, ask again by the lenient client."""
        try:
            return await self.asking.get(url, headers)
        except aiohttp.ClientResponseError:
            return await self.fetching.send(
                self.fetching.build_request("GET", url, headers=headers), stream=True
            )


@asynccontextmanager
async def open_network(
    *,
    clock: Clock,
    allowed_hosts: Collection[str] = (),
    create_read_timeout: float = CREATE_READ_TIMEOUT_SECONDS,
) -> AsyncGenerator[Network]:
    """Open the clients and close them at the end. `allowed_hosts` are exact `host:port`."""
    _keep_links_out_of_logs()
    tls = _load_certificates()
    async with (
        _create_client(tls, create_read_timeout) as paying,
        _poll_client(tls) as asking,
        _download_client(tls) as fetching,
    ):
        yield Network(
            paying=paying,
            asking=asking,
            fetching=fetching,
            addresses=Addresses(frozenset(host.strip().lower() for host in allowed_hosts)),
            clock=clock,
            create_total_seconds=create_read_timeout + _CREATE_EXTRA_SECONDS,
        )


@cache
def _load_certificates() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once: they are many."""
    return httpx.create_ssl_context(trust_env=False)


def _create_client(tls: ssl.SSLContext, read_seconds: float) -> httpx.AsyncClient:
    """Return the client for creates: httpx's own transport, whose exceptions tell sent from unsent."""
    return _client(_fresh_connections(tls), httpx.Timeout(read_seconds, connect=10.0, write=30.0))


def _poll_client(tls: ssl.SSLContext) -> PollingTransport:
    """Return the client for status questions, which stays cheap with hundreds of connections."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0, limit_per_host=_POLL_CONNECTIONS, ssl=tls, keepalive_timeout=30.0
        )
        return aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
        )

    transport = AiohttpTransport(verify=tls, trust_env=False, client=session)
    return PollingTransport(transport, httpx.Timeout(20.0, connect=10.0, pool=30.0), _MANNERS)


def _download_client(tls: ssl.SSLContext) -> httpx.AsyncClient:
    """Return the client for files: httpx's own transport sends a signed link byte for byte."""
    return _client(_fresh_connections(tls), httpx.Timeout(_FIRST_BYTE_SECONDS, connect=10.0))


def _fresh_connections(tls: ssl.SSLContext) -> LenientTransport:
    """Return a transport with a connection for each request.

    A kept-alive connection that dies under a paid request leaves its outcome unknown; one that stays open for
    an address would serve another host at that address without a new check of the certificate.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return LenientTransport(verify=tls, limits=limits)


def _client(transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=transport,
        timeout=timeout,
        headers=_MANNERS,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        trust_env=False,
    )


def _keep_links_out_of_logs() -> None:
    """Quieten libraries that write whole links, signed ones too, and headers into the log."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def _read_body(response: httpx.Response, cap: int, limit: asyncio.Timeout) -> Answer:
    """Read a body of at most `cap` bytes, until `limit`; what arrived of a broken one is returned.

    A JSON object that is complete counts, also where the end of its body is late or missing:
    no beginning of an object is one.
    """
    body, encoding = bytearray(), response.headers.get("Content-Encoding", "")
    until, loop = limit.when(), asyncio.get_running_loop()
    limit.reschedule(None)  # what has arrived by then is not thrown away
    plain: bytes | None = None
    broken: Exception | None = None
    try:
        async with asyncio.timeout_at(until) as patience:
            async for chunk in cast("httpx.AsyncByteStream", response.stream):
                body += chunk
                check_size(body, cap)
                late = loop.time() + _LATE_END_SECONDS
                is_there = wire.whole_object(bytes(body), encoding, cap) is not None
                patience.reschedule(min(late, until or late) if is_there else until)
        plain, is_whole = unpack_body(bytes(body), encoding, cap)
        broken = None if is_whole else EOFError("the packed body ends too early")
    except Exception as error:  # noqa: BLE001 - whatever broke the body, what arrived of it is returned
        plain, broken = wire.whole_object(bytes(body), encoding, cap), error
    return Answer(response.status_code, response.headers, bytes(body) if plain is None else plain, broken)
