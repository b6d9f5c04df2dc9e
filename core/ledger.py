"""What jobs cost, and whose account it is counted on. Money is in millionths of a US dollar.

The price that was quoted is reserved when a job is admitted. When the job ends it is returned, if it is
certain that nothing was made, or else settled: doubt counts as spent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from core.jobs import TOLD_OF, Charge, Job


class Scope(StrEnum):
    """Who shares an account."""

    MEMBER = "member"
    SERVER = "server"
    BOT = "bot"


class Window(StrEnum):
    """How long an account is: a calendar day or month in UTC, or all time."""

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
    """What jobs come to on an account: `reserved` for those that are open, `spent` by those that ended.

    `videos` counts all of them but those that are certain to have made nothing.
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
    RETURNED = "returned"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger, which is only ever added to: by how much `reserved` and `spent` change."""

    job_id: int
    at: datetime
    booking: Booking
    reserved: int
    spent: int


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
    """Reserve the price that was quoted."""
    return Entry(job.id, job.updated_at, Booking.RESERVED, job.price or 0, 0)


def closing(job: Job, opened: Entry) -> Entry:
    """Return or settle what was reserved for a job that has ended. Never is more settled than that."""
    if is_free(job):
        return Entry(job.id, job.updated_at, Booking.RETURNED, -opened.reserved, 0)
    price = opened.reserved if job.price is None else min(job.price, opened.reserved)
    return Entry(job.id, job.updated_at, Booking.SETTLED, -opened.reserved, price)


def is_free(job: Job) -> bool:
    """Whether a job that has ended certainly cost nothing."""
    return job.state in TOLD_OF and job.reason is not None and job.reason.charge is Charge.NOTHING
