"""A gateway's address together with its key, which goes to that address and nowhere else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from typing import Self

import httpx

from providers.http.addresses import Addresses, origin


@dataclass(frozen=True, slots=True)
class Access:
    """`base_url` has no slash at its end; `key` never shows in a representation."""

    base_url: str
    key: str = field(repr=False)

    @classmethod
    def to(cls, base_url: str, key: str, addresses: Addresses) -> Self:
        """Check both. Raise ValueError with a sentence for the operator, without the key in it."""
        url = _parse(base_url)
        if url.query or url.fragment or url.userinfo or not url.host:
            raise ValueError(
                f"The base URL for {url.host or 'the gateway'} must be https://host and perhaps a path."
            )
        if url.scheme != "https" and not (
            url.scheme == "http" and (_is_loopback(url.host) or addresses.lists(url))
        ):
            raise ValueError(f"The key must not travel in the clear: {url.host} needs https.")
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise ValueError(f"The key for {url.host} is empty or has characters that no key has.")
        return cls(str(url).rstrip("/"), key)

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without revealing the key."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:12]

    def owns(self, url: httpx.URL) -> bool:
        """Whether a URL has exactly the configured origin: scheme, host and port."""
        return origin(url) == _origin_of(self.base_url)

    def headers(self, url: httpx.URL) -> dict[str, str]:
        """Return the authorisation for a request to this URL: none for any other origin."""
        return {"Authorization": f"Bearer {self.key}"} if self.owns(url) else {}


@lru_cache(maxsize=64)
def _origin_of(base_url: str) -> str:
    return origin(httpx.URL(base_url))


def _parse(base_url: str) -> httpx.URL:
    try:
        return httpx.URL(base_url.strip())
    except httpx.InvalidURL:
        raise ValueError("A gateway's base URL is not a URL.") from None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
