"""Jobs for the tests of stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from core.model.delivery import Delivery, Destination, Way
from core.model.job import Job, JobState, Reason, Ticket
from core.model.limits import Admitted
from core.model.video import Result, StoredVideo, VideoRequest
from core.ports import JobStore

NOON: Final = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ALICE: Final = 101
BOB: Final = 102

BOAT: Final = VideoRequest(
    model="kling-v3", prompt="a paper boat", duration_seconds=5, aspect_ratio="16:9", audio=False
)


def queued(job_id: int, *, requester_id: int = ALICE, minutes: int = 0) -> Job:
    """A new job, ordered so many minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    return Job(
        id=job_id,
        request=BOAT,
        destination=Destination(requester_id=requester_id, channel_id=201, guild_id=301, card_id=401),
        ordered_at=at,
        updated_at=at,
        next_at=at,
        price=350_000,
    )


def ticket(task_id: str) -> Ticket:
    return Ticket(
        provider="anyint",
        task_id=task_id,
        family="video_generations",
        base_url="https://gateway.example/v1",
        key_fingerprint="1a2b3c",
    )


def life(job_id: int) -> list[Job]:
    """A job at each moment of an ordinary life, from first to last."""
    at = NOON
    order = queued(job_id)
    paid = order.submitting("anyint", at)
    running = paid.running(ticket(f"task-{job_id}"), at, next_at=at)
    ready = running.ready(Result(url="https://media.example/clip.mp4", seen_at=at), at)
    again = ready.relink("link expired", at)
    fresh = again.ready(Result(url=None, seen_at=at), at)
    stored = fresh.stored(StoredVideo(file=f"video-{job_id}.mp4", size=9, sha256="ab" * 32), at)
    delivering = stored.delivering(Delivery(plan=Way.ATTACH, channel_id=201), at)
    delivered = delivering.delivered(Delivery(plan=Way.ATTACH, channel_id=201, message_id=501), at)
    return [order, paid, running, ready, again, fresh, stored, delivering, delivered, delivered.done(at)]


async def record(store: JobStore, moments: list[Job]) -> None:
    """Let a job live through these moments in a store."""
    assert isinstance(await store.admit(moments[0]), Admitted)
    for before, after in pairwise(moments):
        await store.move(before, after)


def in_state(job_id: int, state: JobState) -> Job:
    """A job that is in a state, however it came there."""
    return replace(queued(job_id), state=state)


def moved_by_force(job: Job, to: JobState) -> Job:
    """A job as it would be after a move that was not checked."""
    return replace(job, state=to, version=job.version + 1)


def in_doubt(job_id: int) -> list[Job]:
    """A job whose paid request was never answered."""
    order = queued(job_id)
    paid = order.submitting("anyint", NOON)
    return [order, paid, paid.unknown(Reason(code="silence", said="No answer came."), NOON)]
