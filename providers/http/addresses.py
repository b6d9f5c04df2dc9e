"""Which hosts may be contacted: public ones over https, and the exceptions that the operator listed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from unicodedata import normalize

import httpx

from core.primitives.urls import USUAL_PORTS, host_and_port

Resolver: TypeAlias = Callable[[str, int], Awaitable[list[str]]]

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """A link leads where this program must not go. The message names the host, never more of the link."""


async def system_resolver(host: str, port: int) -> list[str]:
    """Return every address of a host. Raise OSError where it has none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is on the public internet, also where it wraps an IPv4 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public_v4(parsed) if isinstance(parsed, IPv4Address) else _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _is_public_v6(address: IPv6Address) -> bool:
    inner = address.ipv4_mapped or address.sixtofour
    if address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    if inner is not None:
        return _is_public_v4(inner)
    return address in _GLOBAL_UNICAST and address.is_global


def is_literal(host: str) -> bool:
    """Whether a host is an address rather than a name, however it is written.

    The old notations such as 0x7f.1 are addresses, too, and so is what any parser takes for one: digits
    dots of other alphabets, and what is written with percent signs, which no name has.
    """
    plain = normalize("NFKC", host).replace("\u3002", ".").casefold()
    last = plain.rstrip(".").rpartition(".")[2]
    return ":" in plain or "%" in plain or last.isdigit() or last.startswith("0x")


def place(url: httpx.URL) -> str:
    """Return the `host:port` of a URL as operators list it."""
    return host_and_port(url.raw_host.decode("ascii"), url.port, url.scheme)


def origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{place(url)}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """`allowed` lists the exact `host:port` that may be contacted though private or plain http."""

    allowed: frozenset[str] = frozenset()
    resolve: Resolver = system_resolver

    def lists(self, url: httpx.URL) -> bool:
        return url.scheme in USUAL_PORTS and place(url) in self.allowed

    async def of(self, url: httpx.URL) -> list[str]:
        """Return the addresses to connect to, each of them checked.

        Raise AddressRefused, or OSError where the name does not resolve.
        """
        if self.lists(url):
            return [url.host]
        if url.scheme != "https" or url.userinfo:
            raise AddressRefused(f"a link to {url.host} is not plain https")
        found = await self.resolve(url.host, url.port or USUAL_PORTS["https"])
        if not found or not all(map(is_public, found)):
            raise AddressRefused(f"{url.host} is not a public address")
        return found
