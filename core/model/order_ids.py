"""Numbers jobs: by the event of Discord's that ordered one, else from a space without any events."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

OWN: Final = 1 << 62
"""What every id of ours has and none of Discord's: their first 42 bits are the milliseconds since 2015
(Discord, Reference, Snowflakes), which reach that value in November 2049."""

WINDOW: Final = timedelta(minutes=1)
"""For how long a reaction that is given again orders nothing."""

_EPOCH: Final = datetime(2015, 1, 1, tzinfo=UTC)
_MINUTE_MS: Final = 60_000
_TIME: Final = 22
_REST: Final = (1 << _TIME) - 1


def copy_id(event_id: int, ordinal: int) -> int:
    """Number the jobs of one event: the first bears the event's own number, copies have numbers of ours.

    The same event always gives the same numbers.
    """
    return event_id if ordinal == 0 else own_id(event_id >> _TIME, f"{event_id}/{ordinal}")


def fresh_id(taken: int) -> int:
    """Return the number of a job whose own belongs to another one already, always the same."""
    return own_id(event_id(taken) >> _TIME, f"{taken}/taken")


def own_id(milliseconds: int, name: str) -> int:
    """Return an id of ours: its upper bits are the time, as in Discord's, and its lower ones the purpose."""
    chance = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    return OWN | (milliseconds << _TIME) & (OWN - 1) | chance & _REST


def event_id(job_id: int) -> int:
    """Return an id as Discord made them when the job was ordered: the ids of its messages are larger."""
    return job_id & (OWN - 1)


def ordered_ms(job_id: int) -> int:
    """Return when a job was ordered, in milliseconds since 2015."""
    return event_id(job_id) >> _TIME


def reaction_ids(message_id: int, person_id: int, emoji: str, now: datetime) -> tuple[int, int]:
    """Number what a reaction orders now, and what it would have ordered in the minute before.

    The same reaction, removed and added again within a minute, is the same order. The ids are none of
    Discord's; their time is always a little before now, so that the ids of messages that follow are larger.
    """
    minute = (now - _EPOCH) // WINDOW
    return (
        _reaction_id(message_id, person_id, emoji, minute),
        _reaction_id(message_id, person_id, emoji, minute - 1),
    )


def _reaction_id(message_id: int, person_id: int, emoji: str, minute: int) -> int:
    return own_id((minute - 1) * _MINUTE_MS, f"{message_id}/{person_id}/{emoji}/{minute}")
