"""What a job in a state has to have, and what it cannot have: a damaged job is not worked on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from core.model.job import ENDED_WITHOUT_VIDEO, Job, JobState

S = JobState

_NEEDED: Final[Mapping[JobState, tuple[str, ...]]] = {
    S.SUBMITTING: ("provider", "submitted_at"),
    S.RUNNING: ("ticket",),
    S.READY: ("ticket", "result"),
    S.STORED: ("video",),
    S.DELIVERING: ("delivery",),
    S.DELIVERED: ("delivery",),
    S.UNKNOWN: ("reason",),
    **dict.fromkeys(ENDED_WITHOUT_VIDEO, ("reason",)),
}
"""What every job in a state has."""

_FOREIGN: Final[Mapping[JobState, tuple[str, ...]]] = {
    S.QUEUED: ("ticket",),
    S.SUBMITTING: ("ticket",),
}
"""What no job in a state has: a task that was paid for is not paid for again."""


_TIMES: Final = ("ordered_at", "updated_at", "next_at", "submitted_at")
_COUNTS: Final = ("version", "attempts", "price")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_MOST: Final = 2**53
"""The largest count or amount; a larger one may not come back from JSON unchanged."""


def amiss(job: Job) -> str | None:
    """Name the first part that is missing, or cannot be so; None where the job is whole."""
    return next(_amiss(job), None)


def _amiss(job: Job) -> Iterator[str]:
    yield from (name for name in _NEEDED.get(job.state, ()) if getattr(job, name) is None)
    yield from (name for name in _FOREIGN.get(job.state, ()) if getattr(job, name) is not None)
    yield from (name for name in _TIMES if not _EARLIEST <= (getattr(job, name) or _EARLIEST) <= _LATEST)
    yield from (name for name in _COUNTS if not 0 <= (getattr(job, name) or 0) <= _MOST)
