"""Numbers the jobs that reactions order: the same reaction, taken away and given again, is the same order."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

WINDOW: Final = timedelta(minutes=1)
"""For how long a reaction that is given again orders nothing."""

_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
_TIME: Final = 22
_MINUTE_MS: Final = 60_000


def order_ids(message_id: int, person_id: int, emoji: str, now: datetime) -> tuple[int, int]:
    """Number what a reaction orders now, and what it would have ordered in the minute before.

    The numbers are like Discord's own: their upper bits say when, always a little before now, so that
    messages which come of them have greater numbers.
    """
    minute = (now - _EPOCH) // WINDOW
    return (
        _number(message_id, person_id, emoji, minute),
        _number(message_id, person_id, emoji, minute - 1),
    )


def _number(message_id: int, person_id: int, emoji: str, minute: int) -> int:
    digest = hashlib.sha256(f"{message_id}/{person_id}/{emoji}/{minute}".encode()).digest()
    chance = int.from_bytes(digest[:8])
    at = (minute - 1) * _MINUTE_MS + chance % _MINUTE_MS
    return at << _TIME | (chance >> 32) & ((1 << _TIME) - 1)
