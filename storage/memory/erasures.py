"""What is stored about a member, and its erasures, without a disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from dataclasses import replace

from core.model.errors import Stale
from core.model.job import IllegalMove, Job
from core.model.ledger import Scope, Window, account
from core.ports import DataSummary, Erasure, Event
from core.privacy.erased_job import is_settled
from core.requests.stored_pictures import own_copy
from storage.memory.stores import MemoryJobStore


class MemoryPersonalData:
    """`core.ports.PersonalData` on the jobs of a dictionary."""

    def __init__(self, store: MemoryJobStore) -> None:
        self._store = store

    async def summary(self, member_id: int) -> DataSummary:
        jobs = [job async for job in self.jobs_of(member_id)]
        return DataSummary(
            jobs=len(jobs),
            open_jobs=sum(job.next_at is not None for job in jobs),
            since=min((job.ordered_at for job in jobs), default=None),
            pictures=sum((job.request.reference or job.request.first_frame) is not None for job in jobs),
            clips=sum(job.video is not None for job in jobs),
            bookings=sum(len(self._store.ledger.entries(job.id)) for job in jobs),
            acts=len(await self.acts_of(member_id)),
        )

    async def jobs_of(self, member_id: int) -> AsyncIterator[Job]:
        for job in self._store.jobs:
            if job.destination.requester_id == member_id:
                yield job

    async def acts_of(self, member_id: int) -> list[Event]:
        others = [job for job in self._store.jobs if job.destination.requester_id != member_id]
        events = [event for job in others for event in await self._store.events(job.id)]
        return [event for event in events if event.actor == str(member_id)]


class MemoryErasures:
    """`core.ports.Erasures` on the jobs of a dictionary."""

    def __init__(self, store: MemoryJobStore) -> None:
        self._store = store
        self._erasures: dict[int, Erasure] = {}
        self._held: defaultdict[int, list[tuple[str, tuple[int, int]]]] = defaultdict(list)
        self._holding: dict[int, Collection[str]] = {}

    async def begin(self, erasure: Erasure) -> Erasure:
        known = self._erasures.get(erasure.member_id, erasure)
        ordered = [
            job.ordered_at for job in self._store.jobs if job.destination.requester_id == erasure.member_id
        ]
        grown = replace(known, asked_at=max(known.asked_at, erasure.asked_at, *ordered))
        self._erasures[erasure.member_id] = grown
        return grown

    async def under_way(self) -> list[Erasure]:
        return sorted(self._erasures.values(), key=lambda erasure: (erasure.asked_at, erasure.member_id))

    async def hold(self, erasure: Erasure, periods: Collection[str]) -> bool:
        self._holding[erasure.pseudonym] = periods
        self._release(erasure)
        return bool(self._held[erasure.pseudonym])

    async def erase(self, before: Job, after: Job) -> None:
        now = await self._store.get(before.id)
        if now is None or (now.state, now.version) != (before.state, before.version):
            raise Stale(f"job {before.id} is no longer {before.state} in version {before.version}")
        erasure = self._erasures.get(now.destination.requester_id)
        if erasure is None or not _may_become(now, after, erasure):
            raise IllegalMove(before, after.state)
        use = self._store.ledger.use_of(before.id)
        self._store.put_erased(before, after)
        for window in Window:
            counted_on = account(after, Scope.MEMBER, window)
            if counted_on is not None and use != (0, 0):
                self._held[erasure.pseudonym].append((counted_on.period, use))
        self._release(erasure)

    async def rename(self, erasure: Erasure) -> None:
        if erasure.member_id in self._erasures:
            self._store.rename(str(erasure.member_id), str(erasure.pseudonym), erasure.asked_at)

    async def shared_pictures(self, erasure: Erasure, pictures: Collection[str]) -> set[str]:
        others = [job for job in self._store.jobs if not _is_meant(job, erasure)]
        return {picture for job in others if (picture := own_copy(job.request)) in pictures and picture}

    async def finish(self, erasure: Erasure) -> bool:
        is_left = any(
            job.destination.requester_id == erasure.member_id and job.ordered_at <= erasure.asked_at
            for job in self._store.jobs
        )
        if is_left or self._held[erasure.pseudonym]:
            return False
        return self._erasures.pop(erasure.member_id, None) is not None

    async def vacuum(self) -> bool:
        return True

    def _release(self, erasure: Erasure) -> None:
        """Move use that need not be held any longer to the pseudonym."""
        holding, held = self._holding.get(erasure.pseudonym, ()), self._held[erasure.pseudonym]
        for period, use in held:
            if period not in holding:
                self._store.ledger.hand_over(period, erasure.member_id, erasure.pseudonym, use)
        self._held[erasure.pseudonym] = [one for one in held if one[0] in holding]


def _is_meant(job: Job, erasure: Erasure) -> bool:
    is_theirs = job.destination.requester_id == erasure.member_id
    return is_theirs and job.ordered_at <= erasure.asked_at and is_settled(job)


def _may_become(job: Job, after: Job, erasure: Erasure) -> bool:
    """Whether the database would let this be written, too."""
    return (
        _is_meant(job, erasure)
        and after.destination.requester_id == erasure.pseudonym
        and after.version == job.version + 1
        and _what_stays(after) == _what_stays(job)
    )


def _what_stays(job: Job) -> tuple[object, ...]:
    """Return what stays of a job that is erased."""
    return (
        *(job.id, job.state, job.ordered_at, job.parent_id, job.next_at, job.destination.guild_id),
        *(job.price, job.attempts, job.provider, job.submitted_at, job.ticket),
    )
