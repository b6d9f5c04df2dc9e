"""Asks free questions: httpx's requests over aiohttp's connections, cheap with hundreds of them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import httpx


class Asking:
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

    @asynccontextmanager
    async def get(self, url: httpx.URL | str, headers: Mapping[str, str]) -> AsyncGenerator[httpx.Response]:
        """Send a GET and give its response, the body yet to be read. Raise as httpx's transports do."""
        extensions = {"timeout": self.timeout.as_dict()}
        request = httpx.Request("GET", url, headers={**self._headers, **headers}, extensions=extensions)
        response = await self._transport.handle_async_request(request)
        try:
            yield response
        finally:
            await response.aclose()
