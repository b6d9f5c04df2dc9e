"""How often a visitor may send requests to the web server: a few at once, then a steady rate."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from aiohttp import web

from core.ports import Clock
from core.primitives.bounded import BoundedDict

AT_ONCE: Final = 120
PER_SECOND: Final = 10.0
MOST_KNOWN: Final = 10_000
_HASTY: Final = "Too many requests. Try again in a moment."


class RateLimit:
    """Counts by address. The visitor who was away longest is forgotten first."""

    def __init__(self, clock: Clock, *, at_once: int = AT_ONCE, per_second: float = PER_SECOND) -> None:
        self._clock = clock
        self._at_once = at_once
        self._per_second = per_second
        self._left: BoundedDict[str, tuple[float, float]] = BoundedDict(MOST_KNOWN)

    def welcome(self, request: web.BaseRequest) -> None:
        """Count a visit. Raise the answer to a visitor who has come too often."""
        if not self.may_come_in(visitor(request)):
            raise web.HTTPTooManyRequests(text=_HASTY, headers={"Retry-After": "1"})

    def may_come_in(self, visitor: str) -> bool:
        """Count a visit; False where there have been too many."""
        now = self._clock.monotonic()
        left, seen = self._left.pop(visitor, (float(self._at_once), now))
        left = min(float(self._at_once), left + (now - seen) * self._per_second)
        is_welcome = left >= 1
        self._left[visitor] = (left - 1 if is_welcome else left, now)
        return is_welcome


def visitor(request: web.BaseRequest) -> str:
    """Return the visitor's address: the peer's, or the one that a proxy beside us names.

    Only the last entry of X-Forwarded-For is the proxy's; the visitor may have written the others.
    """
    peer = request.remote or ""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    if forwarded and is_near(peer):
        peer = _without_port(forwarded[-1].rpartition(",")[2].strip())
    return network(peer)


def _without_port(address: str) -> str:
    """Take off what some proxies add: `192.0.2.7:50312`, `[2001:db8::7]:50312`."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def household(request: web.BaseRequest) -> str | None:
    """Return the visitor's network; None for a proxy beside us that names no visitor: it stands for many."""
    is_unnamed = is_near(request.remote or "") and "X-Forwarded-For" not in request.headers
    return None if is_unnamed else visitor(request)


def is_near(address: str) -> bool:
    """Whether an address is of this machine or its own network, as that of a proxy beside us."""
    try:
        return ip_address(address).is_private
    except ValueError:
        return not address  # a socket file


def network(address: str) -> str:
    """Take all addresses of a household for one: in IPv6 it has 2**64 of them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
