"""How many files this process may have open."""

from __future__ import annotations

import resource
from typing import Final

_MOST_DESCRIPTORS: Final = 65_536


def raise_descriptor_limit() -> None:
    """Let this process open as many files and connections as its environment allows, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
