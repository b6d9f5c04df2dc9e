"""What core needs of the stores: jobs, notes, clips."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from core.model.job import Job, JobState
from core.model.job_outline import Outline
from core.model.ledger import Account, Entry, Usage
from core.model.limits import Admission, Limit
from core.model.video import StoredVideo


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's history; `before` is None for the first."""

    job_id: int
    at: datetime
    before: JobState | None
    after: JobState
    actor: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class TaskClaim:
    """What an answer about a job names: ids of tasks at a provider, and the mark of a link to a clip."""

    job_id: int
    provider: str
    task_ids: tuple[str, ...] = ()
    link_mark: str | None = None


class Figures(Protocol):
    """Counts that need no reading of everything that is stored."""

    async def round_trip(self) -> None:
        """Return when a small query was answered. Raise StoreError."""
        ...

    async def open_jobs(self) -> Mapping[JobState, int]:
        """Count the jobs that have something left to do."""
        ...


class JobStore(Protocol):
    """Where jobs are stored. A call that has returned survives a power cut."""

    async def admit(self, job: Job, limits: Sequence[Limit] = ()) -> Admission:
        """Record a new job with its first event and reserve its price, if all limits have room for it.

        That is one step: however many come at once, as many are admitted as the limits allow, and a
        known id changes nothing. A cancelled caller does not learn the outcome.
        """
        ...

    async def usage(self, account: Account) -> Usage:
        """The sums of an account: the sum of the ledger's lines at this moment."""
        ...

    async def entries(self, job_id: int) -> list[Entry]:
        """A job's lines in the ledger, the oldest first: from when it is admitted to when it ends.

        They are written in the same step as the job (`core.model.ledger.booked`).
        """
        ...

    async def move(self, before: Job, after: Job, limits: Sequence[Limit] = ()) -> None:
        """Put `after` in the place of `before`, with its event, in one step.

        With `limits`, for a job that is about to be sent: in the same step its price is compared with what is
        reserved, and all limits have room for it instead (`Limit.has_room_still`); however many come at once,
        as many are moved as the limits allow. Raise LimitReached where one has none; nothing has changed.

        Raise Stale if the job is no longer as `before` says, IllegalMove for a move that is not in
        the table (the store checks it too), TaskTaken if the ticket is another job's, StoreFull if
        nothing can be written.
        """
        ...

    async def get(self, job_id: int) -> Job | None: ...

    def pending(self) -> AsyncIterator[Job]:
        """Every job that has something left to do, the oldest first, a few at a time in memory."""
        ...

    def outlines(self) -> AsyncIterator[Outline]:
        """The same jobs, with as little as it takes to resume them."""
        ...

    async def of_requester(self, requester_id: int, *, limit: int = 25) -> list[Job]:
        """The requester's jobs, the newest first."""
        ...

    async def by_message(self, message_id: int) -> Job | None:
        """Find the job that a message shows: its card, or the result where that stands elsewhere."""
        ...

    async def recent(self, *, limit: int = 50) -> list[Job]:
        """All jobs, the newest first."""
        ...

    async def rivals(self, claim: TaskClaim) -> frozenset[JobState]:
        """Return the states of other jobs that a claim may be about.

        Those are jobs that have one of the tasks or the link; and unknown jobs at the provider, whose
        task may be any.
        """
        ...

    async def events(self, job_id: int) -> list[Event]:
        """A job's history, the oldest line first."""
        ...


class KeyValueStore(Protocol):
    """Small facts that the program stores about itself between runs."""

    async def recall(self, key: str) -> str | None: ...

    async def remember(self, key: str, value: str) -> None: ...

    async def forget(self, key: str) -> None:
        """Remove this key. Fine if there is nothing."""
        ...

    async def keys(self, beginning: str) -> list[str]:
        """Return the keys that begin so."""
        ...


class ClipStore(Protocol):
    """The folder of stored clips. Names come from job ids only, never from outside."""

    def path(self, job_id: int) -> Path:
        """Where the clip of a job is, or will be."""
        ...

    async def holds(self, job_id: int, video: StoredVideo) -> bool:
        """Whether the clip is there, whole: same size, same SHA-256."""
        ...

    def fitted(self, job_id: int) -> Path:
        """Where a smaller copy of the clip is, or will be."""
        ...

    async def discard_fitted(self, job_id: int) -> None:
        """Remove the smaller copy. Fine if there is none."""
        ...

    async def discard(self, job_id: int) -> None:
        """Remove the clip and all that was made of it. Fine if there is none."""
        ...
