"""How many files and connections this process may have open."""

from __future__ import annotations

import resource
from typing import Final

_MOST_CONNECTIONS: Final = 500
_SHARE: Final = 4
_MOST_DESCRIPTORS: Final = 65_536


def raise_descriptor_limit() -> None:
    """Let this process open as many files and connections as its environment allows, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """Return how many connections the web server takes: a share of the descriptors, so that work goes on."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(_MOST_CONNECTIONS, soft // _SHARE)
