"""The stores without a disk: the same promises, for as long as the process lives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from core.model.errors import Stale, TaskTaken
from core.model.job import LEGAL_MOVES, IllegalMove, Job, JobState
from core.model.job_outline import Outline, outline
from core.model.ledger import Account, Entry, Usage, reserved
from core.model.limits import Admission, Admitted, Known, Limit, LimitReached, OverLimit, without
from core.ports import Event, NoReply, Reply, TaskClaim
from storage.memory.ledger import MemoryLedger
from storage.sqlite.rows import is_same_order


class MemoryJobStore:
    """`core.ports.JobStore` in a dictionary."""

    def __init__(self) -> None:
        self._jobs: dict[int, Job] = {}
        self._events: dict[int, list[Event]] = {}
        self._tasks: dict[tuple[str, str] | None, int] = {}
        self._ledger = MemoryLedger()

    async def admit(self, job: Job, limits: Sequence[Limit] = ()) -> Admission:
        if job.id in self._jobs:
            return Known(self._jobs[job.id])
        self._check(job, job)
        for limit in limits:
            account = limit.account(job)
            if account is not None and not limit.has_room(job, usage := self._ledger.usage(account)):
                return OverLimit(limit, usage.of(limit.measure))
        self._put(None, job)
        return Admitted(job)

    async def usage(self, account: Account) -> Usage:
        return self._ledger.usage(account)

    async def entries(self, job_id: int) -> list[Entry]:
        return self._ledger.entries(job_id)

    async def move(self, before: Job, after: Job, limits: Sequence[Limit] = ()) -> None:
        if not is_same_order(before, after):
            raise IllegalMove(before, after.state)
        now = self._jobs.get(before.id)
        if now is None or (now.state, now.version) != (before.state, before.version):
            raise Stale(f"job {before.id} is no longer {before.state} in version {before.version}")
        is_legal = after.state in LEGAL_MOVES[before.state] and not now.is_erased
        if not is_legal or after.version != before.version + 1:
            raise IllegalMove(before, after.state)
        self._check(before, after)
        if after.state is JobState.SUBMITTING:
            self._check_room(after, limits)
        self._put(before, after)

    def _check_room(self, job: Job, limits: Sequence[Limit]) -> None:
        own = reserved(self._ledger.entries(job.id))
        for limit in limits:
            account = limit.account(job)
            if account is None or limit.has_room_still(job, usage := self._ledger.usage(account), own):
                continue
            raise LimitReached(OverLimit(limit, without(usage, own).of(limit.measure)), job)

    async def get(self, job_id: int) -> Job | None:
        return self._jobs.get(job_id)

    async def pending(self) -> AsyncIterator[Job]:
        for job in _oldest_first(job for job in self._jobs.values() if job.next_at is not None):
            yield job

    async def outlines(self) -> AsyncIterator[Outline]:
        async for job in self.pending():
            yield outline(job)

    async def of_requester(self, requester_id: int, *, limit: int = 25) -> list[Job]:
        jobs = (job for job in self._jobs.values() if job.destination.requester_id == requester_id)
        return _oldest_first(jobs)[::-1][:limit]

    async def by_message(self, message_id: int) -> Job | None:
        shown = (job for job in self._jobs.values() if message_id in _messages(job))
        return max(shown, key=lambda job: job.id, default=None)

    async def recent(self, *, limit: int = 50) -> list[Job]:
        return _oldest_first(self._jobs.values())[::-1][:limit]

    async def rivals(self, claim: TaskClaim) -> frozenset[JobState]:
        others = (job for job in self._jobs.values() if job.id != claim.job_id)
        return frozenset(job.state for job in others if _is_rival(job, claim))

    async def events(self, job_id: int) -> list[Event]:
        return list(self._events.get(job_id, ()))

    @property
    def jobs(self) -> list[Job]:
        """Every job, the newest first."""
        return _oldest_first(self._jobs.values())[::-1]

    @property
    def ledger(self) -> MemoryLedger:
        return self._ledger

    def put_erased(self, before: Job, after: Job) -> None:
        """Put an erased job in the place of one that has ended, and take the words out of its history."""
        was, now = str(before.destination.requester_id), str(after.destination.requester_id)
        self._events[before.id] = [
            replace(event, detail=None, actor=now if event.actor == was else event.actor)
            for event in self._events[before.id]
        ]
        self._put(before, after)

    def rename(self, old: str, new: str, until: datetime) -> None:
        """Put another actor in the place of the one who did something with a job until then."""
        for job_id, events in self._events.items():
            renamed = [
                replace(event, actor=new) if event.actor == old and event.at <= until else event
                for event in events
            ]
            job = self._jobs[job_id]
            if renamed != events and job.actor == old:
                self._jobs[job_id] = replace(job, actor=new)
            self._events[job_id] = renamed

    def _check(self, before: Job, after: Job) -> None:
        """Refuse what the constraints of the database refuse."""
        if after.next_at is None and not after.has_ended:
            raise IllegalMove(before, after.state)
        if self._tasks.get(_task(after), after.id) != after.id:
            raise TaskTaken(f"the task of job {after.id} belongs to another job already")

    def _put(self, before: Job | None, after: Job) -> None:
        self._jobs[after.id] = after
        self._ledger.book(before, after)
        if before is not None and _task(before) != _task(after):
            self._tasks.pop(_task(before), None)
        if _task(after) is not None:
            self._tasks[_task(after)] = after.id
        event = Event(
            job_id=after.id,
            at=after.updated_at,
            before=None if before is None else before.state,
            after=after.state,
            actor=after.actor,
            detail=after.detail,
        )
        self._events.setdefault(after.id, []).append(event)


class MemoryKeyValues:
    """`core.ports.KeyValueStore` in a dictionary."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    async def recall(self, key: str) -> str | None:
        return self._values.get(key)

    async def remember(self, key: str, value: str) -> None:
        self._values[key] = value

    async def forget(self, key: str) -> None:
        self._values.pop(key, None)

    async def keys(self, beginning: str) -> list[str]:
        return [key for key in self._values if key.startswith(beginning)]


class MemoryReplyLog:
    """`core.ports.ReplyLog` in a dictionary."""

    def __init__(self) -> None:
        self._last: dict[int, Reply | NoReply] = {}

    async def append(self, job_id: int, reply: Reply | NoReply) -> None:
        self._last[job_id] = reply

    async def last(self, job_id: int) -> Reply | NoReply | None:
        return self._last.get(job_id)

    async def redact(self, job_ids: Collection[int]) -> None:
        for job_id in job_ids:
            if isinstance(reply := self._last.get(job_id), Reply):
                self._last[job_id] = replace(reply, body=b"")


def _task(job: Job) -> tuple[str, str] | None:
    """Return the task that may belong to one job only."""
    return None if job.ticket is None else (job.ticket.provider, job.ticket.task_id)


def _is_rival(job: Job, claim: TaskClaim) -> bool:
    ticket, result = job.ticket, job.result
    has_task = ticket and ticket.provider == claim.provider and ticket.task_id in claim.task_ids
    has_link = claim.link_mark is not None and result is not None and result.mark == claim.link_mark
    is_in_doubt = job.state is JobState.UNKNOWN and job.provider == claim.provider
    return bool(has_task or has_link or is_in_doubt)


def _messages(job: Job) -> tuple[int | None, int | None]:
    return job.destination.card_id, job.delivery.message_id if job.delivery else None


def _oldest_first(jobs: Iterable[Job]) -> list[Job]:
    return sorted(jobs, key=lambda job: (job.ordered_at, job.id))
