"""What an address in the settings may look like.

No message repeats the address: it may be a key that was put in the wrong place.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, urlsplit

from core.primitives.urls import host_and_port

_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


def parse(url: str, schemes: Collection[str]) -> SplitResult:
    """Take an address apart. Raise ValueError for another scheme, or for parts that it must not have."""
    try:
        parts = urlsplit(url.strip())
        is_address = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ValueError("not an address") from None
    if not is_address:
        raise ValueError(f"not an address that starts with {' or '.join(sorted(schemes))}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be an address without a user name, a query or a fragment")
    return parts


def check_gateway(parts: SplitResult, listed: Collection[str]) -> None:
    """Raise ValueError where a key would travel in the clear. `listed` has exact `host:port`."""
    place = host_and_port(parts.hostname, parts.port, parts.scheme)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK and place not in listed:
        raise ValueError(
            f"would send the key unencrypted. Use https, or list {place} in MATINEE_ALLOW_PRIVATE_HOSTS"
        )


def check_public(parts: SplitResult, listed: Collection[str]) -> None:
    """Raise ValueError where Discord could not show a link. `listed` has exact `host:port`."""
    place = host_and_port(parts.hostname, parts.port, parts.scheme)
    if parts.scheme == "http" and place not in listed:
        raise ValueError(
            "must start with https: Discord shows no other links. "
            f"To try it on your own, list {place} in MATINEE_ALLOW_PRIVATE_HOSTS"
        )
