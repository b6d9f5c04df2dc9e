"""A gateway's own links to its videos: shown to members only where anyone may open them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from core.model.job import Job
from core.model.video import Result
from core.ports import Link
from core.primitives.urls import host_and_port

USUAL_LIFE: Final = timedelta(days=1)
"""Gateways store a video for a day at least, and seldom say for how long."""

LONGEST_LINK: Final = 1500
"""A message has 2,000 characters."""

_NAME: Final = re.compile(r"([a-z0-9_-]+\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)
_NOT_PUBLIC: Final = frozenset({"local", "internal", "localhost", "lan", "home", "arpa"})
_ODD: Final = frozenset("<>\"'`\\ ")


@dataclass(frozen=True, slots=True)
class GatewayLinks:
    """`public` names the providers whose links need no key.

    `closed` are the addresses of gateways that ask for a key: no link there is ever shown, from wherever
    it came. `listed` has exact `host:port` of places on this machine or network that count as public.
    """

    public: Collection[str]
    closed: Collection[str]
    listed: Collection[str] = ()

    async def offer(self, job: Job, result: Result | None) -> Link | None:
        if result is None or result.url is None or job.ticket is None:
            return None
        if job.ticket.provider not in self.public or not self._is_open(result.url):
            return None
        return Link(result.url, _expiry(result.url) or result.seen_at + USUAL_LIFE)

    async def withdraw(self, job_id: int) -> None:
        """Do nothing: a gateway cannot be asked to take a link back."""
        del job_id

    def _is_open(self, url: str) -> bool:
        if len(url) > LONGEST_LINK or not url.isascii() or not url.isprintable() or _ODD & set(url):
            return False
        try:
            parts = urlsplit(url)
            place = _place(parts)
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        if place in self.listed:
            return place not in {_place(urlsplit(address)) for address in self.closed}
        is_named = _is_public_name(_host(parts))
        closed = {_host(urlsplit(address)) for address in self.closed}
        return parts.scheme == "https" and is_named and _host(parts) not in closed


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").rstrip(".")


def _place(parts: SplitResult) -> str:
    return host_and_port(_host(parts), parts.port, parts.scheme)


def _is_public_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _NAME.fullmatch(host) is not None and host.rpartition(".")[2] not in _NOT_PUBLIC
    return False


def _expiry(url: str) -> datetime | None:
    """Read when a signed link expires (Amazon S3 and what follows it); None where it does not say."""
    asked = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    try:
        if "X-Amz-Date" in asked:
            began = datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return began + timedelta(seconds=int(asked["X-Amz-Expires"]))
        return datetime.fromtimestamp(int(asked["Expires"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
