"""Asks free questions: httpx's requests over aiohttp's connections, cheap with hundreds of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Final, Self

import httpx

_NOTHING: Final = httpx.ByteStream(b"")


class PollingTransport:
    """What a whole client of httpx would add costs half as much again: cookies, redirects, authentication.

    None of it is wanted here, so requests go straight to the transport. `timeout` is for each phase.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, timeout: httpx.Timeout, headers: Mapping[str, str]
    ) -> None:
        self.timeout = timeout
        self._transport = transport
        self._headers = dict(headers)

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def get(self, url: httpx.URL, headers: Mapping[str, str]) -> httpx.Response:
        """Send a GET. Return its response, yet to be read and closed. Raise as httpx's transports do."""
        extensions = {"timeout": self.timeout.as_dict()}
        request = httpx.Request("GET", url, stream=_NOTHING, extensions=extensions)
        request.read()
        request.headers = _prepare(url.netloc, *self._headers.items(), *headers.items())
        return await self._transport.handle_async_request(request)


@lru_cache(maxsize=64)
def _prepare(host: bytes, *headers: tuple[str, str]) -> httpx.Headers:
    """Return the headers that all questions to a gateway share."""
    return httpx.Headers({"Host": host.decode("ascii"), **dict(headers)})
