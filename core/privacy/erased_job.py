"""What erasing leaves of a job, and when it may be erased."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from core.model.delivery import Delivery, Destination
from core.model.job import Job
from core.model.ledger import Scope, Window, period
from core.model.limits import Limit, next_start

ERASED: Final = "What was asked for here has been erased, as its member wished."
NOWHERE: Final = 0


def is_settled(job: Job) -> bool:
    """Whether a job has ended and nothing is left to do: only then it may be erased."""
    return job.has_ended and job.next_at is None


def erased(job: Job, pseudonym: int, at: datetime) -> Job:
    """Leave of a job what the ledger, the provider's bill and its message in a channel need."""
    request = replace(job.request, prompt="", first_frame=None, reference=None)
    return replace(
        job,
        version=job.version + 1,
        updated_at=at,
        actor="matinee",
        detail="erased",
        request=request,
        destination=_place(job.destination, pseudonym),
        result=None,
        video=None,
        delivery=None if job.delivery is None else _delivery(job.delivery, job.destination),
        reason=None if job.reason is None else replace(job.reason, said=ERASED),
    )


def _place(place: Destination, pseudonym: int) -> Destination:
    """Name the server and its channel; the id of a direct message's channel would reveal the member."""
    return Destination(
        requester_id=pseudonym,
        channel_id=place.channel_id if _is_open(place) else NOWHERE,
        guild_id=place.guild_id,
        card_id=place.card_id,
        is_private=place.is_private,
        is_guest=place.is_guest,
    )


def _is_open(place: Destination) -> bool:
    return place.guild_id is not None and not place.is_private


def _delivery(delivery: Delivery, place: Destination) -> Delivery:
    is_open = _is_open(place) and not delivery.is_direct
    return replace(delivery, channel_id=delivery.channel_id if is_open else None, why=None)


def held_periods(limits: Iterable[Limit], now: datetime, asked_at: datetime) -> dict[str, datetime]:
    """Name the periods that a member's limits count now, and their ends: erasing frees no allowance.

    Those of the erasure are among them, for the case that the clock was set back since.
    """
    windows = {limit.window for limit in limits if limit.scope is Scope.MEMBER} - {Window.NONE}
    times = (now, max(now, asked_at))
    return {period(at, window): next_start(window, at) for window in windows for at in times}
