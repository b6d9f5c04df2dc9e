"""Checks the links to pictures that members give, before anything is paid for them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import httpx

from core.model.errors import LinkUnusable
from providers.http.addresses import Addresses, is_literal, place

_LONGEST_LINK: Final = 2048


_NEVER_PUBLIC: Final = (".localhost", ".local", ".internal", ".home.arpa")
"""Suffixes of names that lead only into the network of the one who resolves (RFC 6761, 6762, 8375; ICANN)."""


class KlingPictures:
    """Implements `core.ports.Pictures`. `allowed` and `own` are those of `check_link`."""

    def __init__(self, allowed: Collection[str] = (), *, own: str | None = None) -> None:
        self._allowed = frozenset(allowed)
        self._own = own

    def check_link(self, link: str) -> str:
        return check_link(link, self._allowed, own=self._own)


def check_link(url: str, allowed: Collection[str] = (), *, own: str | None = None) -> str:
    """Return a link that a gateway can fetch a picture from. Raise LinkUnusable.

    `allowed` lists exact `host:port` that may be private or plain http. `own` is the address under which
    we serve videos ourselves: no link leads back there.
    """
    link = url.strip().removeprefix("<").removesuffix(">")
    if len(link) > _LONGEST_LINK:
        raise LinkUnusable(
            f"The link has {len(link):,} characters; {_LONGEST_LINK:,} is the most that is taken."
        )
    try:
        parsed = httpx.URL(link)
    except httpx.InvalidURL:
        raise LinkUnusable(
            "That is not a link. Give one that starts with https:// and leads to a picture."
        ) from None
    if not Addresses(frozenset(allowed)).lists(parsed):
        _check_public(parsed)
    if parsed.userinfo or any(sign in link for sign in ("\\", " ")):
        raise LinkUnusable("The link has a user name, a space or a backslash in it. Give a plain link.")
    if own is not None and _is_below(httpx.URL(own), parsed):
        raise LinkUnusable("The link leads to a video of mine, not to a picture. Attach the picture instead.")
    return str(parsed)


def _is_below(own: httpx.URL, url: httpx.URL) -> bool:
    """Whether a link leads to what is under an address, however it is spelt."""
    is_there = place(url).replace(".:", ":") == place(own)
    return is_there and f"{url.path}/".startswith(f"{own.path.rstrip('/')}/")


def _check_public(url: httpx.URL) -> None:
    if url.scheme != "https" or not url.host:
        raise LinkUnusable("The link must start with https:// and lead to a picture.")
    if url.port not in {None, 443}:
        raise LinkUnusable(
            f"The link uses port {url.port}. Give a link to a picture on the ordinary https port."
        )
    host = url.host.strip(".").lower()
    if is_literal(url.host) or "." not in host or host.endswith(_NEVER_PUBLIC):
        raise LinkUnusable("The link leads to a bare address. Give one with the name of a public website.")
