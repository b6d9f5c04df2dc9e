"""The host and port of a URL, in one spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

USUAL_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


def host_and_port(host: str | None, port: int | None, scheme: str = "") -> str:
    """Write `host:port`: lower case, as DNS has it, IPv6 in brackets, the port always spelt out.

    Where neither the URL nor its scheme has a port it is 0, at which nothing listens.
    """
    name = ".".join(map(_in_dns, (host or "").lower().split(".")))
    return f"{f'[{name}]' if ':' in name else name}:{port or USUAL_PORTS.get(scheme, 0)}"


def _in_dns(label: str) -> str:
    """Write a part of a name in ASCII (RFC 5890, A-label)."""
    return label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}"
