"""The cost of jobs, and the accounts that it is counted on. Money is in millionths of a US dollar.

The quoted price is reserved when a job is admitted, and raised where the offer that is taken when
the job is sent is dearer. When the job ends it is returned, if it is certain that nothing was made, or else
settled at the price of that offer: unknown counts as spent. An unknown job gives its place back as soon as
its member was told, and takes none again if its task is found: nothing is bought then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from core.model.job import ENDED_WITHOUT_VIDEO, Charge, Job, JobState


class Scope(StrEnum):
    """The owner of an account."""

    MEMBER = "member"
    SERVER = "server"
    BOT = "bot"


class Window(StrEnum):
    """The length of an account: a calendar day or month in UTC, or all time."""

    NONE = "none"
    DAY = "day"
    MONTH = "month"


class Measure(StrEnum):
    """What is counted."""

    OPEN_JOBS = "open_jobs"
    VIDEOS = "videos"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Account:
    """Where use is added up. A job counts on the accounts of the time at which it was ordered.

    `id` is the member's or the server's, 0 for the whole bot; `period` is a month `2026-03`, a day
    `2026-03-01`, or empty for all time.
    """

    scope: Scope
    id: int
    period: str


@dataclass(frozen=True, slots=True)
class Usage:
    """The sums of an account: `reserved` for open jobs, `spent` for those that ended.

    `videos` counts all jobs, except those that are certain to have made nothing.
    """

    open_jobs: int = 0
    videos: int = 0
    reserved: int = 0
    spent: int = 0

    def of(self, measure: Measure) -> int:
        match measure:
            case Measure.OPEN_JOBS:
                return self.open_jobs
            case Measure.VIDEOS:
                return self.videos
            case Measure.MONEY:
                return self.reserved + self.spent


class Booking(StrEnum):
    RESERVED = "reserved"
    RAISED = "raised"  # more is reserved: the offer that is taken is dearer
    FREED = "freed"  # a place is given back, the money stays
    RETURNED = "returned"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger, which is only ever added to: by how much each sum changes."""

    job_id: int
    at: datetime
    booking: Booking
    reserved: int
    spent: int
    open_jobs: int
    videos: int


_PERIOD_LENGTH: Final = {Window.NONE: 0, Window.MONTH: len("2026-03"), Window.DAY: len("2026-03-01")}


def account(job: Job, scope: Scope, window: Window) -> Account | None:
    """Find the account that a job counts on; None for the server of a job that was ordered in none."""
    owners = {
        Scope.MEMBER: job.destination.requester_id,
        Scope.SERVER: job.destination.guild_id,
        Scope.BOT: 0,
    }
    owner = owners[scope]
    return None if owner is None else Account(scope, owner, period(job.ordered_at, window))


def period(at: datetime, window: Window) -> str:
    """Name the day or month that a time belongs to: `2026-03-01`, `2026-03`."""
    return at.astimezone(UTC).date().isoformat()[: _PERIOD_LENGTH[window]]


def opening(job: Job) -> Entry:
    """Reserve the quoted price."""
    return _line(job, Booking.RESERVED, reserved=job.price or 0, open_jobs=1, videos=1)


def booked(before: Job, after: Job, entries: Sequence[Entry]) -> Entry | None:
    """Return the line that goes with a move, None where none does; `entries` are the job's lines so far."""
    if not entries:
        return None
    if after.state is JobState.SUBMITTING:
        return _raising(after, entries)
    if before.state is after.state is JobState.UNKNOWN:
        return _freeing(after, entries)
    if after.has_ended and after.state is not before.state:
        return _closing(after, entries)
    return None


def reserved(entries: Sequence[Entry]) -> int:
    """Return what is reserved for a job that has these lines."""
    return sum(entry.reserved for entry in entries)


def places(entries: Sequence[Entry]) -> int:
    """Return how many places a job with these lines takes: one, or none."""
    return sum(entry.open_jobs for entry in entries)


def _raising(job: Job, entries: Sequence[Entry]) -> Entry | None:
    """Reserve what a dearer offer costs more. The difference to a cheaper one comes back with the last line.

    Until then it is needed: where this offer refuses, the job may go to the dearer one after all.
    """
    more = (job.price or 0) - reserved(entries)
    return _line(job, Booking.RAISED, reserved=more) if more > 0 else None


def _freeing(job: Job, entries: Sequence[Entry]) -> Entry | None:
    """Give back the place of an unknown job, and what its offer costs less; its price stays counted."""
    less = _counted(job, entries) - reserved(entries)
    return _line(job, Booking.FREED, reserved=less, open_jobs=-1) if places(entries) else None


def _closing(job: Job, entries: Sequence[Entry]) -> Entry | None:
    """Return or settle what was reserved for a job that has ended, once."""
    if any(entry.booking in {Booking.RETURNED, Booking.SETTLED} for entry in entries):
        return None  # a video that was delivered once more
    returned, place = -reserved(entries), -places(entries)
    if is_free(job):
        return _line(job, Booking.RETURNED, reserved=returned, open_jobs=place, videos=-1)
    spent = _counted(job, entries)
    return _line(job, Booking.SETTLED, reserved=returned, spent=spent, open_jobs=place)


def _counted(job: Job, entries: Sequence[Entry]) -> int:
    """Return the price that stays counted: never more than was reserved."""
    most = reserved(entries)
    return most if job.price is None else min(job.price, most)


def _line(
    job: Job, booking: Booking, *, reserved: int = 0, spent: int = 0, open_jobs: int = 0, videos: int = 0
) -> Entry:
    return Entry(job.id, job.updated_at, booking, reserved, spent, open_jobs, videos)


def is_free(job: Job) -> bool:
    """Whether a job that has ended certainly cost nothing."""
    return job.state in ENDED_WITHOUT_VIDEO and job.reason is not None and job.reason.charge is Charge.NOTHING
