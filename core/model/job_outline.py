"""The part of a job that is needed to resume it: all open jobs are read when the program starts."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Self

from core.model.job import Job, JobState, Ticket
from core.model.video import Mode, VideoRequest


class JobClass(NamedTuple):
    """Tasks that take about as long as each other."""

    provider: str
    model: str
    mode: Mode | None
    duration_seconds: int
    audio: bool | None

    @classmethod
    def of(cls, provider: str, request: VideoRequest) -> Self:
        return cls(provider, request.model, request.mode, request.duration_seconds, request.audio)


class Outline(NamedTuple):
    """`since` is the job's `submitted_at`, or else when it was ordered.

    `updated_at` is when `next_at` was set; `kind` is None without a ticket.
    """

    id: int
    state: JobState
    updated_at: datetime
    next_at: datetime | None
    requester_id: int
    guild_id: int | None
    provider: str | None
    since: datetime
    ticket: Ticket | None = None
    kind: JobClass | None = None


def outline(job: Job) -> Outline:
    place, ticket = job.destination, job.ticket
    return Outline(
        job.id,
        job.state,
        job.updated_at,
        job.next_at,
        place.requester_id,
        place.guild_id,
        job.provider,
        job.submitted_at or job.ordered_at,
        ticket,
        None if ticket is None else JobClass.of(ticket.provider, job.request),
    )
