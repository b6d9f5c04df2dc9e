"""How a command ends, as scripts see it."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    DONE = 0
    UNFIT = 1
    """`doctor` found something that does not work."""
    INVALID = 2
    """Unusable arguments or an invalid request: nothing was sent."""
    REFUSED = 3
    """Refused by the provider, or never sent: nothing was made."""
    UNKNOWN = 4
    """It may have been charged; nothing is sent again."""
    FAILED = 5
    """The provider failed to make the video."""
    UNFETCHED = 6
    """The video was made but could not be fetched or saved."""
    SETTINGS = 78
    """Unusable settings: every problem is on a line of its own."""
    INTERRUPTED = 130
    """Ctrl-C, as shells report it."""
