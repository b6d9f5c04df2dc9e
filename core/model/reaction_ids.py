"""Numbers the jobs that reactions order: the same reaction, taken away and given again, is the same order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from core.model.order_ids import own_id

WINDOW: Final = timedelta(minutes=1)
"""For how long a reaction that is given again orders nothing."""

_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
_MINUTE_MS: Final = 60_000


def order_ids(message_id: int, person_id: int, emoji: str, now: datetime) -> tuple[int, int]:
    """Number what a reaction orders now, and what it would have ordered in the minute before.

    The ids are none of Discord's; their time is always a little before now, so that the ids of messages
    that follow are larger.
    """
    minute = (now - _EPOCH) // WINDOW
    return (
        _number(message_id, person_id, emoji, minute),
        _number(message_id, person_id, emoji, minute - 1),
    )


def _number(message_id: int, person_id: int, emoji: str, minute: int) -> int:
    return own_id((minute - 1) * _MINUTE_MS, f"{message_id}/{person_id}/{emoji}/{minute}")
