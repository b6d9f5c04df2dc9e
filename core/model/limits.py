"""How much may be ordered: so many open jobs, videos or dollars, for a member, a server or the whole bot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, assert_never

from core.model.errors import NotAllowed
from core.model.job import Job
from core.model.ledger import Account, Measure, Scope, Usage, Window, account
from core.model.prices import MICRO

_NOTHING: Final = "Nothing was ordered and nothing was charged."
_HAVE: Final = {Scope.MEMBER: "You have", Scope.SERVER: "This server has", Scope.BOT: "This bot has"}
_OWN: Final = {Scope.MEMBER: "your", Scope.SERVER: "its", Scope.BOT: "its"}
_WHEN: Final = {Window.NONE: "", Window.DAY: " today", Window.MONTH: " this month"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The most that may be used in a window. Money is in millionths of a US dollar."""

    scope: Scope
    measure: Measure
    window: Window = Window.NONE
    most: int

    def account(self, job: Job) -> Account | None:
        """Find what it is counted on for this job; None where the limit does not concern it."""
        return account(job, self.scope, self.window)

    def has_room(self, job: Job, usage: Usage) -> bool:
        """Whether the job still fits. One without a known price fits no budget."""
        if self.measure is not Measure.MONEY:
            return usage.of(self.measure) < self.most
        return job.price is not None and usage.of(self.measure) + job.price <= self.most

    def has_room_still(self, job: Job, usage: Usage, reserved: int) -> bool:
        """Whether a job that is counted already may be sent at its price now, instead of what is reserved.

        A place is needed only for an order: the job has one already.
        """
        return self.measure is Measure.OPEN_JOBS or self.has_room(job, without(usage, reserved))


def without(usage: Usage, reserved: int) -> Usage:
    """Return the use of other jobs on an account, where this job takes a place and so much money."""
    return replace(usage, videos=usage.videos - 1, reserved=usage.reserved - reserved)


@dataclass(frozen=True, slots=True)
class Admitted:
    """The job is recorded, and its price reserved."""

    job: Job


@dataclass(frozen=True, slots=True)
class Known:
    """A job with this id was admitted before; this is its present state. Nothing has changed."""

    job: Job


@dataclass(frozen=True, slots=True)
class OverLimit:
    """A limit left no room for the job; so much of it was used. Nothing has changed."""

    limit: Limit
    used: int


Admission: TypeAlias = Admitted | Known | OverLimit


class LimitReached(NotAllowed):
    """An order reached a limit; or a job did that was to be sent, at its price at that moment."""

    def __init__(self, over: OverLimit, job: Job) -> None:
        self.over = over
        self.job = job
        self.limit = over.limit
        self.used = over.used
        super().__init__(f"{standing(over, job)} {again(over, job, job.ordered_at)} {_NOTHING}")


def dollars(micros: int) -> str:
    """Write an amount as people do: `$0.42`; less than a cent is written out."""
    whole, rest = divmod(micros, MICRO)
    cents = f"{rest:06}".rstrip("0").ljust(2, "0")
    return f"${whole:,}.{cents}"


def standing(over: OverLimit, job: Job) -> str:
    """Say which limit it is and how much of it is used."""
    limit, used = over.limit, over.used
    have, own, when = _HAVE[limit.scope], _OWN[limit.scope], _WHEN[limit.window]
    match limit.measure:
        case Measure.OPEN_JOBS:
            return f"{have} {_videos(used)} under way, and {limit.most} at a time is the limit."
        case Measure.VIDEOS:
            return f"{have} used {used} of {own} {_videos(limit.most)}{when}."
        case Measure.MONEY:
            budget = f"{own} budget of {dollars(limit.most)}{when}"
            if job.price is None:
                return (
                    f"{have} used {dollars(used)} of {budget}, and nobody knows what this video would cost. "
                    "Choose another model, or ask whoever runs this bot to give this one a price."
                )
            return (
                f"{have} used {dollars(used)} of {budget}, and this video would cost about "
                f"{dollars(job.price)}."
            )
        case _:
            assert_never(limit.measure)


def _videos(count: int) -> str:
    return f"{count} video{'s' * (count != 1)}"


def again(over: OverLimit, job: Job, now: datetime) -> str:
    """Say when there is room again."""
    limit = over.limit
    if limit.measure is Measure.OPEN_JOBS:
        return "Try again when one of them is finished."
    if limit.window is Window.NONE:
        return "Whoever runs this bot can raise that."
    if next_start(limit.window, job.ordered_at) <= now:
        return "It has started anew since then: order the video again."
    return f"It starts anew at {spoken_start(limit.window, now)}."


def next_start(window: Window, at: datetime) -> datetime:
    """Return when the next day or month begins, in UTC."""
    today = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if window is Window.MONTH:
        return (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return today + timedelta(days=1)


def spoken_start(window: Window, at: datetime) -> str:
    """Say it for a person: `0:00 UTC on 1 April (in 6 hours)`."""
    start = next_start(window, at)
    hours = max(1, round((start - at).total_seconds() / 3600))
    days = round(hours / 24)
    wait = f"{hours} hour{'s' * (hours > 1)}" if hours < 48 else f"{days} days"  # noqa: PLR2004 - two days
    return f"0:00 UTC on {start.day} {start:%B} (in {wait})"
