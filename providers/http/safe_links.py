"""Opens a link to a file: only public addresses, the key only at its own gateway, redirects by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from core.model.errors import FetchFailed
from providers.http.access import Access
from providers.http.addresses import AddressRefused
from providers.http.clients import Network

_MOST_REDIRECTS: Final = 3
_RESOLVE_SECONDS: Final = 10.0
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Source:
    """A link to a file; a gateway's key is sent only where the source says so and the link leads there."""

    link: str
    gateway: Access | None = None
    with_key: bool = False

    def is_renewable(self) -> bool:
        """Whether the link is the gateway's own route, which gives a fresh way to the clip each time."""
        return self.with_key and self.is_gateway(_parse(self.link))

    def is_gateway(self, url: httpx.URL) -> bool:
        return self.gateway is not None and self.gateway.owns(url)

    def headers(self, url: httpx.URL) -> dict[str, str]:
        return self.gateway.headers(url) if self.with_key and self.gateway is not None else {}


class Unreachable(FetchFailed):
    """No answer, or none to its end: trying again may help."""


@asynccontextmanager
async def open_source(source: Source, network: Network) -> AsyncGenerator[tuple[httpx.Response, httpx.URL]]:
    """Follow a link to its response, and to the address that gave it.

    Raise FetchFailed, or Unreachable where it may work another time. No message holds a link.
    """
    url = _parse(source.link)
    for _ in range(_MOST_REDIRECTS + 1):
        response = await _send(url, source, network)
        try:
            if response.status_code not in _REDIRECTS:
                yield response, url
                return
            url = _next(url, response)
        finally:
            await response.aclose()
    raise FetchFailed(f"{url.host} sends from one place to another without end")


def _parse(link: str) -> httpx.URL:
    try:
        return httpx.URL(link)
    except httpx.InvalidURL:
        raise FetchFailed("the link to the clip is not a link") from None


def _next(url: httpx.URL, response: httpx.Response) -> httpx.URL:
    try:
        return url.join(response.headers["Location"])
    except (KeyError, httpx.InvalidURL, ValueError):
        raise FetchFailed(f"{url.host} redirects to nowhere") from None


async def _send(url: httpx.URL, source: Source, network: Network) -> httpx.Response:
    """Connect to a checked address of the URL's host: the address that was checked is the one used."""
    problem: Exception | None = None
    for address in await _addresses(url, source, network):
        request = _request(url, address, source, network)
        try:
            return await network.fetching.send(request, stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            problem = error
        except httpx.HTTPError as error:
            raise Unreachable(f"{url.host} broke off ({type(error).__name__})") from error
    raise Unreachable(f"{url.host} could not be reached") from problem


async def _addresses(url: httpx.URL, source: Source, network: Network) -> list[str]:
    """Return where to connect to; the operator named the gateway itself, so it is not checked again."""
    if source.is_gateway(url):
        return [url.host]
    try:
        async with asyncio.timeout(_RESOLVE_SECONDS):
            return await network.addresses.of(url)
    except AddressRefused as error:
        raise FetchFailed(f"the link to the clip is not followed: {error}") from error
    except (OSError, UnicodeError) as error:
        raise Unreachable(f"{url.host} does not resolve") from error


def _request(url: httpx.URL, address: str, source: Source, network: Network) -> httpx.Request:
    headers = source.headers(url)
    if address == url.host:
        return network.fetching.build_request("GET", url, headers=headers)
    return network.fetching.build_request(
        "GET",
        url.copy_with(host=address),
        headers={**headers, "Host": url.netloc.decode("ascii")},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )
