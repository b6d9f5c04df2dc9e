"""A job: one request, one paid task at most, one message with the video. Jobs move by verbs.

QUEUED ─► SUBMITTING ─► RUNNING ─► READY ─► STORED ─► DELIVERING ─► DELIVERED ─► DONE
  │            ├─► QUEUED (proved unsent or refused)         ├─► UNDELIVERABLE ─► DELIVERING (on request)
  │            │                                             └─► READY (its file is gone)
  │            ├─► REJECTED          ├─► FAILED, RESULT_GONE, LOST ─► READY (on request)
  │            └─► UNKNOWN ─► RUNNING (found again), DISMISSED, SUPERSEDED
  └─► CANCELLED, REJECTED (never sent)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from core.model.delivery import Delivery, Destination, Way
from core.model.video import Result, StoredVideo, VideoRequest


class JobState(StrEnum):
    QUEUED = "QUEUED"
    SUBMITTING = "SUBMITTING"
    RUNNING = "RUNNING"
    READY = "READY"
    STORED = "STORED"
    DELIVERING = "DELIVERING"
    DELIVERED = "DELIVERED"
    DONE = "DONE"
    UNKNOWN = "UNKNOWN"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"
    RESULT_GONE = "RESULT_GONE"
    UNDELIVERABLE = "UNDELIVERABLE"
    DISMISSED = "DISMISSED"
    SUPERSEDED = "SUPERSEDED"


class Notice(StrEnum):
    """How far the notice is that tells the member how a job stands. One that was announced may be there."""

    ANNOUNCED = "announced"
    GIVEN = "given"


PINGING: Final = "pinging"
NOTIFIED: Final = "told"
"""What a job's history says when its member is about to be notified, and has been."""

S = JobState

LEGAL_MOVES: Final[Mapping[JobState, frozenset[JobState]]] = {
    S.QUEUED: frozenset({S.SUBMITTING, S.CANCELLED, S.REJECTED}),
    S.SUBMITTING: frozenset({S.RUNNING, S.REJECTED, S.QUEUED, S.UNKNOWN}),
    S.RUNNING: frozenset({S.RUNNING, S.READY, S.FAILED, S.LOST, S.RESULT_GONE}),
    S.READY: frozenset({S.STORED, S.RUNNING, S.RESULT_GONE}),
    S.STORED: frozenset({S.DELIVERING}),
    # Back to where its clip is fetched, where its file is gone.
    S.DELIVERING: frozenset({S.DELIVERED, S.DELIVERING, S.UNDELIVERABLE, S.READY}),
    S.DELIVERED: frozenset({S.DONE, S.DELIVERED}),
    S.UNKNOWN: frozenset({S.UNKNOWN, S.RUNNING, S.DISMISSED, S.SUPERSEDED}),
    # An ended job moves once more onto itself when its member has been told.
    **{ended: frozenset({ended}) for ended in (S.REJECTED, S.FAILED, S.CANCELLED, S.RESULT_GONE)},
    # The only ends that can be undone: a clip was offered that the operator takes for the job's own, or
    # the video is stored, so a person may have it delivered again.
    S.LOST: frozenset({S.LOST, S.READY}),
    S.UNDELIVERABLE: frozenset({S.UNDELIVERABLE, S.DELIVERING}),
    # Onto itself when its clip is removed from our disk.
    S.DONE: frozenset({S.DONE}),
    S.DISMISSED: frozenset(),
    S.SUPERSEDED: frozenset(),
}
"""Every move there is; the database refuses all others."""

ENDED: Final = frozenset(
    {
        S.DONE,
        S.REJECTED,
        S.FAILED,
        S.CANCELLED,
        S.LOST,
        S.RESULT_GONE,
        S.UNDELIVERABLE,
        S.DISMISSED,
        S.SUPERSEDED,
    }
)
"""States in which a job stays. In any other state it has a time at which it is looked at again."""

ENDED_WITHOUT_VIDEO: Final = frozenset(
    {S.REJECTED, S.FAILED, S.CANCELLED, S.LOST, S.RESULT_GONE, S.UNDELIVERABLE}
)
"""Ends without a video, of which the member is told."""

AT_PROVIDER: Final = frozenset({S.SUBMITTING, S.RUNNING})
"""States in which a job takes one of the places that a provider and a member have."""


class IllegalMove(ValueError):
    def __init__(self, job: Job, to: JobState) -> None:
        super().__init__(f"job {job.id} cannot go from {job.state} to {to}")


class Charge(StrEnum):
    """Whether a job that ended without a video cost anything."""

    NOTHING = "nothing"
    PERHAPS = "perhaps"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a job ended as it did: a code for statistics, `said` for the member, in whole sentences."""

    code: str
    said: str
    charge: Charge = Charge.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What is needed to ask about a paid task: its provider, its opaque id, and how it was made.

    `family` is the route that created it (a status is asked on the same one), `key_fingerprint`
    identifies the key without revealing it. `external_id` is our own id for the task, where one was sent.
    """

    provider: str
    task_id: str
    family: str
    base_url: str
    key_fingerprint: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request on its way. `next_at` is when it is looked at again; None when nothing is left to do.

    `version` rises by one with each move; `actor` and `detail` say who made the last one and why. `notice`
    is that of this state, None before it.
    `price` is in millionths of a US dollar: what was quoted, and once it is sent that of the offer taken.
    `submitted_at` is when the paid request was sent, or when its task was found after all.
    """

    id: int
    request: VideoRequest
    destination: Destination
    ordered_at: datetime
    updated_at: datetime
    next_at: datetime | None
    price: int | None = None
    parent_id: int | None = None
    state: JobState = JobState.QUEUED
    version: int = 0
    actor: str = "member"
    detail: str | None = None
    attempts: int = 0
    provider: str | None = None
    submitted_at: datetime | None = None
    ticket: Ticket | None = None
    result: Result | None = None
    video: StoredVideo | None = None
    delivery: Delivery | None = None
    reason: Reason | None = None
    notice: Notice | None = None

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def has_arrived(self) -> bool:
        """Whether its video is where it belongs, though its requester may still have to be notified."""
        return self.state in {JobState.DELIVERED, JobState.DONE}

    @property
    def is_over(self) -> bool:
        """Whether it ended or its video arrived: at most the notice is still to come."""
        return self.has_ended or self.has_arrived

    def is_same_order(self, other: Job) -> bool:
        """Whether one event ordered both: the same request of the same member in the same place."""
        return (self.request, self.destination.asked_in) == (other.request, other.destination.asked_in)

    @property
    def is_erased(self) -> bool:
        """Whether its member had it erased: a pseudonym, which is below zero, stands in their place."""
        return self.destination.requester_id < 0

    def _moved(
        self,
        to: JobState,
        at: datetime,
        *,
        next_at: datetime | None,
        actor: str = "matinee",
        detail: str | None = None,
        notice: Notice | None = None,
    ) -> Self:
        if self.is_erased or to not in LEGAL_MOVES[self.state]:
            raise IllegalMove(self, to)
        return replace(
            self,
            state=to,
            version=self.version + 1,
            updated_at=at,
            next_at=next_at,
            actor=actor,
            detail=detail,
            notice=notice,
        )

    def priced(self, price: int | None) -> Self:
        """Set the price of the offer that is taken, in the place of the quoted one."""
        return replace(self, price=price)

    def submitting(self, provider: str, at: datetime, *, attempt: int | None = None) -> Self:
        """Announce the paid request: saved before a byte of it is sent. It is the next one by default."""
        moved = self._moved(JobState.SUBMITTING, at, next_at=at, detail=provider)
        return replace(moved, provider=provider, submitted_at=at, attempts=attempt or self.attempts + 1)

    def requeued(self, why: str, at: datetime, *, next_at: datetime) -> Self:
        """Wait for another turn: it is certain that nothing was made."""
        moved = self._moved(JobState.QUEUED, at, next_at=next_at, detail=why)
        return replace(moved, provider=None, submitted_at=None)

    def running(self, ticket: Ticket, at: datetime, *, next_at: datetime) -> Self:
        """Follow a task. A task that is found later is given as much time as one that was just made."""
        moved = self._moved(JobState.RUNNING, at, next_at=next_at, detail=ticket.task_id)
        if self.state is JobState.UNKNOWN:
            moved = replace(moved, submitted_at=at)
        return replace(moved, ticket=ticket, provider=ticket.provider, result=None, reason=None)

    def relink(self, why: str, at: datetime) -> Self:
        """Go back to asking the provider, for a fresh link to a finished clip."""
        return replace(self._moved(JobState.RUNNING, at, next_at=at, detail=why), result=None)

    def unknown(self, reason: Reason, at: datetime) -> Self:
        moved = self._moved(JobState.UNKNOWN, at, next_at=at, detail=reason.code)
        return replace(moved, reason=reason)

    def ready(self, result: Result, at: datetime) -> Self:
        return replace(self._moved(JobState.READY, at, next_at=at), result=result)

    def stored(self, video: StoredVideo, at: datetime) -> Self:
        return replace(self._moved(JobState.STORED, at, next_at=at), video=video)

    def delivering(self, delivery: Delivery, at: datetime) -> Self:
        """Announce what will be tried, before it is."""
        detail = delivery.plan if delivery.why is None else f"{delivery.plan} after {delivery.why}"
        return replace(self._moved(JobState.DELIVERING, at, next_at=at, detail=detail), delivery=delivery)

    def delivered(self, delivery: Delivery, at: datetime) -> Self:
        detail = None if delivery.message_id is None else str(delivery.message_id)
        return replace(self._moved(JobState.DELIVERED, at, next_at=at, detail=detail), delivery=delivery)

    def fetched_again(self, delivery: Delivery, at: datetime) -> Self:
        """Fetch the clip once more: its file was lost before the delivery. `delivery` goes on then."""
        moved = self._moved(JobState.READY, at, next_at=at, detail="the file is gone")
        return replace(moved, video=None, delivery=delivery)

    def retry_delivery(self, by: int | str, at: datetime) -> Self:
        """Try once more to deliver a video that was stored, because a person asks for it."""
        if self.state is not JobState.UNDELIVERABLE:
            raise IllegalMove(self, JobState.DELIVERING)
        moved = self._moved(JobState.DELIVERING, at, next_at=at, actor=str(by), detail="once more")
        last = self.delivery or Delivery(plan=Way.UNDECIDED, channel_id=self.destination.channel_id)
        anew = replace(
            last,
            plan=Way.UNDECIDED,
            attempt=last.attempt + 1,
            refused=0,
            is_direct=self.destination.is_guest,
        )
        return replace(moved, delivery=anew, reason=None)

    @property
    def is_offered(self) -> bool:
        """Whether it ended with a link to a clip that may be its own, which only a person can judge."""
        return self.state is JobState.LOST and self.result is not None and self.result.url is not None

    def accepted(self, by: int | str, at: datetime) -> Self:
        """Take the clip that was offered for the job's own, because a person says so."""
        if self.result is None or not self.is_offered:
            raise IllegalMove(self, JobState.READY)
        moved = self._moved(JobState.READY, at, next_at=at, actor=str(by), detail="taken for its own")
        return replace(moved, result=replace(self.result, is_proved=True, seen_at=at), reason=None)

    def pinging(self, at: datetime) -> Self:
        """Announce that the requester is about to be notified."""
        return self._moved(JobState.DELIVERED, at, next_at=at, detail=PINGING, notice=Notice.ANNOUNCED)

    def done(self, at: datetime) -> Self:
        return self._moved(JobState.DONE, at, next_at=None)

    def without_video(self, at: datetime, *, by: int | str = "matinee") -> Self:
        """Note that the clip is about to be removed from our disk; the job itself stays where it is."""
        if not self.is_over:
            raise IllegalMove(self, self.state)
        detail = "video removed" if self.has_ended else self.detail
        moved = self._moved(self.state, at, next_at=self.next_at, actor=str(by), detail=detail)
        return replace(moved, video=None, notice=self.notice)

    def cancelled(self, by: int, at: datetime) -> Self:
        whose = "Cancelled" if by else "Whoever runs this bot cancelled this"
        reason = Reason(code="cancelled", said=f"{whose} before it was sent. Nothing was charged.")
        moved = self._moved(JobState.CANCELLED, at, next_at=at, actor=str(by))
        return replace(moved, reason=reason)

    def ended(self, state: JobState, reason: Reason, at: datetime) -> Self:
        """End without a video. The member has not been told yet, so `next_at` stays set."""
        if state not in ENDED_WITHOUT_VIDEO:
            raise IllegalMove(self, state)
        return replace(self._moved(state, at, next_at=at, detail=reason.code), reason=reason)

    def notified(self, at: datetime, *, next_at: datetime | None = None) -> Self:
        """The member knows the job's state; an ended job has nothing left to do then."""
        if self.state not in ENDED_WITHOUT_VIDEO | {JobState.UNKNOWN}:
            raise IllegalMove(self, self.state)
        return self._moved(self.state, at, next_at=next_at, detail=NOTIFIED, notice=Notice.GIVEN)

    def dismissed(self, by: int | str, at: datetime) -> Self:
        return self._moved(JobState.DISMISSED, at, next_at=None, actor=str(by))

    def superseded(self, by: int, at: datetime) -> Self:
        return self._moved(JobState.SUPERSEDED, at, next_at=None, actor=str(by))


def file_name(job_id: int) -> str:
    """Name the video of a job, on disk and in the message."""
    return f"video-{job_id}.mp4"
