"""Running jobs by the thousand, as a large server leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from core.model.delivery import Destination
from core.model.job import Job, JobState, Ticket
from core.model.video import Mode, VideoRequest

FIRST_ID = 1_400_000_000_000_000_000
_PROMPT = (
    "A paper boat drifts down a rain-soaked street at dusk, neon signs reflected in the gutter water, slow "
    "dolly shot at ground level, shallow depth of field, gentle splashes, cinematic light, number {number}."
)


def queued(number: int, at: datetime) -> Job:
    """Make an order by one of some thousand members in one of some hundred servers."""
    return Job(
        id=FIRST_ID + number,
        request=VideoRequest(
            model="kling-v3",
            prompt=_PROMPT.format(number=number),
            duration_seconds=5,
            aspect_ratio="16:9",
            mode=Mode.STD,
            audio=False,
        ),
        destination=Destination(
            requester_id=900_000_000_000_000_000 + number % 3000,
            channel_id=800_000_000_000_000_000 + number % 700,
            guild_id=700_000_000_000_000_000 + number % 300,
            card_id=1_500_000_000_000_000_000 + number,
            upload_limit=10_485_760,
        ),
        ordered_at=at,
        updated_at=at,
        next_at=at,
        price=420_000,
    )


def ticket(number: int, base_url: str) -> Ticket:
    return Ticket(
        provider="anyint",
        task_id=f"task_{number:024d}",
        family="videos",
        base_url=base_url,
        key_fingerprint="0123456789ab",
    )


def life(number: int, at: datetime, base_url: str, *, due_in: timedelta) -> tuple[Job, Job, Job]:
    """Return a job as it is ordered, announced and accepted; it is due after that time."""
    order = queued(number, at)
    sent = order.submitting("anyint", at)
    return order, sent, sent.running(ticket(number, base_url), at, next_at=at + due_in)


def running(count: int, at: datetime, base_url: str, *, within: timedelta) -> Iterator[Job]:
    """Make jobs that are running, the next questions about them evenly within so much time."""
    for number in range(count):
        job = life(number, at, base_url, due_in=within * (number + 1) / count)[-1]
        yield replace(job, state=JobState.RUNNING)
