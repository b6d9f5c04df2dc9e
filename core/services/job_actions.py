"""What only a person can decide about a job: stop it, close an unknown one, deliver its video again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from core.delivery.message_notes import SentCopies
from core.model.delivery import Delivery
from core.model.errors import NotAllowed, Stale
from core.model.job import Job, JobState
from core.ports import Clock, JobStore
from core.privacy.erased_job import ERASED

_MOST_ID: Final = 2**63 - 1
_DECIDED: Final = "That has been decided already; look at the card."
_NOT_KNOWN: Final = "I no longer know this job. Ask for a new video with /video."
_ERASED: Final = f"{ERASED} Nothing was ordered and nothing was charged."
_NOT_THEIRS: Final = "Only the person who asked for this video, or a moderator, can do that."
_NOT_KEPT: Final = "This job has no video that waits to be brought."
_TOO_LATE: Final = {
    JobState.SUBMITTING: "The request is on its way to the provider, so it can no longer be stopped.",
    JobState.RUNNING: "The provider is already working on this video and has no way to stop it: it will be "
    "charged. It will still arrive here; the requester can delete it then.",
    JobState.UNKNOWN: "The provider never confirmed this request, so there is nothing to stop.",
}
_ARRIVING: Final = "This video is finished and on its way. The requester can delete it when it is here."
_OVER: Final = "This job has already ended; there is nothing to stop."


@dataclass(frozen=True, slots=True)
class Member:
    """A member who acts, and where. `guild_id` is None outside of servers."""

    id: int
    guild_id: int | None = None
    channel_id: int | None = None

    def may_manage(self, job: Job) -> bool:
        """Whether they may decide about a job: their own."""
        return self.id == job.destination.requester_id

    def may_see(self, job: Job) -> bool:
        """Whether they may know of a job: their own, or one that is not private, where it was asked for.

        A button or form only names the job; a forged one may name any job.
        """
        is_open = not job.destination.is_private and self.is_at(job)
        return is_open or self.id == job.destination.requester_id

    def is_at(self, job: Job) -> bool:
        """Whether they act in the job's server; outside of servers, in the very conversation."""
        place = job.destination
        if place.guild_id is None:
            return self.channel_id == place.channel_id
        return self.guild_id == place.guild_id


class Moderator(Member):
    """A member who is one in the place where they act; that is looked up each time again."""

    __slots__ = ()

    def may_manage(self, job: Job) -> bool:
        """Whether they may decide about a job: any that they may see."""
        return self.may_see(job)


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator at the command line, who may decide about every job; no member has this id."""

    id: ClassVar[int] = 0


Actor: TypeAlias = Member | Operator
"""Who decides about a job."""


class JobActions:
    """`copies` are those that members were sent: in direct messages they see the jobs of their copies."""

    def __init__(
        self,
        *,
        store: JobStore,
        clock: Clock,
        wake: Callable[[Job], None],
        copies: SentCopies | None = None,
    ) -> None:
        self._copies = copies
        self._store = store
        self._clock = clock
        self._wake = wake

    async def cancel(self, job_id: int, actor: Actor) -> Job:
        """Stop a job that has not been sent. Raise NotAllowed where it is not theirs or too late."""
        job = await self.find_managed(job_id, actor)
        if job.state is not JobState.QUEUED:
            raise NotAllowed(too_late(job))
        cancelled = job.cancelled(actor.id, self._clock.now())
        try:
            await self._store.move(job, cancelled)
        except Stale:
            return await self.cancel(job_id, actor)  # it was sent at this very moment: say so
        self._wake(cancelled)
        return cancelled

    async def dismiss(self, job_id: int, actor: Actor) -> Job:
        """Close a job with an unknown outcome; it stays counted as spent. Raise NotAllowed."""
        return await self._decide(
            job_id,
            actor,
            JobState.UNKNOWN,
            lambda job: job.dismissed(actor.id, self._clock.now()),
            _DECIDED,
        )

    async def supersede(self, job_id: int, actor: Actor) -> Job:
        """Close an unknown job so that a member who accepts to pay twice can order it again.

        If several members try, one succeeds. Raise NotAllowed.
        """
        return await self._decide(
            job_id,
            actor,
            JobState.UNKNOWN,
            lambda job: job.superseded(actor.id, self._clock.now()),
            _DECIDED,
        )

    async def deliver_again(self, job_id: int, actor: Actor) -> Job:
        """Have a stored video delivered once more. Raise NotAllowed.

        For the operator, who can judge whose it is, also one that was only offered and is not fetched yet.
        """
        is_offered = isinstance(actor, Operator) and (await self._find(job_id)).is_offered
        job = await self._decide(
            job_id,
            actor,
            JobState.LOST if is_offered else JobState.UNDELIVERABLE,
            lambda job: (job.accepted if is_offered else job.retry_delivery)(actor.id, self._clock.now()),
            _NOT_KEPT,
        )
        self._wake(job)
        return job

    async def note_handed_over(self, job_id: int, by: int, where: Delivery) -> None:
        """Note that a stored video has reached its member all the same; that changes nothing else."""
        job, now = await self._find(job_id), self._clock.now()
        if job.is_erased or job.state is not JobState.UNDELIVERABLE:
            return
        brought = job.retry_delivery(by, now)
        arrived = brought.delivered(where, now)
        try:
            for before, after in ((job, brought), (brought, arrived), (arrived, arrived.done(now))):
                await self._store.move(before, after)
        except Stale:
            return  # another member had it delivered at this very moment

    async def forget_video(self, job_id: int, by: int) -> None:
        """Note that a clip is about to be removed from our disk; a job that still needs it keeps it."""
        while True:
            job = await self._find(job_id)
            if job.video is None or not job.is_over:
                return
            try:
                await self._store.move(job, job.without_video(self._clock.now(), by=by))
            except Stale:
                continue  # its member was being notified at this very moment
            return

    async def find_managed(self, job_id: int, actor: Actor) -> Job:
        """Find a job that the person may decide about. Raise NotAllowed.

        The owner of an erased job is unknown, so only moderators may decide about it.
        """
        job = await self._find(job_id)
        if isinstance(actor, Member) and not isinstance(actor, Moderator):
            refuse_erased(job)
        if isinstance(actor, Operator) or actor.may_manage(job):
            return job
        raise NotAllowed(_NOT_THEIRS if await self._sees(actor, job) else _NOT_KNOWN)

    async def find_visible(self, job_id: int, actor: Member) -> Job:
        """Find a job that a person may see where they act. Raise NotAllowed."""
        job = await self.find(job_id)
        if not await self._sees(actor, job):
            raise NotAllowed(_NOT_KNOWN)
        return job

    async def _sees(self, actor: Member, job: Job) -> bool:
        """Whether a person may see a job; in direct messages also one of which they were sent a copy."""
        if actor.may_see(job):
            return True
        if self._copies is None or actor.guild_id is not None or job.destination.is_private:
            return False
        return await self._copies.has(job.id, actor.id)

    async def sends_copy(self, job: Job, member_id: int) -> None:
        """Note that a member is about to be sent a copy of a job's video. Raise StoreError."""
        if self._copies is not None:
            await self._copies.note(job.id, member_id)

    async def find(self, job_id: int) -> Job:
        """Find a job. Raise NotAllowed where there is none with this id, or where it was erased."""
        job = await self._find(job_id)
        refuse_erased(job)
        return job

    async def check_erased(self, typed: str) -> None:
        """Raise NotAllowed if a member typed the id of a job that was erased."""
        if re.fullmatch(r"\d{1,20}", typed, re.ASCII) and await self.is_known(int(typed)):
            _ = await self.find(int(typed))

    async def of_message(self, message_id: int, actor: Member) -> Job | None:
        """Find the job that a message shows, if they may see it. Raise NotAllowed where it was erased."""
        job = await self._store.by_message(message_id)
        if job is not None:
            refuse_erased(job)
        return job if job is not None and actor.may_see(job) else None

    async def is_shown(self, message_id: int) -> bool:
        """Whether a message shows a job, also one that was erased."""
        return await self._store.by_message(message_id) is not None

    async def was_ordered(self, job_id: int, by: int) -> bool:
        """Whether this person ordered that job; of an erased one, every member may have."""
        job = await self._store.get(job_id)
        return job is not None and (job.is_erased or job.destination.requester_id == by)

    async def is_known(self, job_id: int) -> bool:
        return 0 < job_id <= _MOST_ID and await self._store.get(job_id) is not None

    async def _find(self, job_id: int) -> Job:
        """Find a job, also one that was erased. Raise NotAllowed."""
        job = await self._store.get(job_id) if 0 < job_id <= _MOST_ID else None
        if job is None:
            raise NotAllowed(_NOT_KNOWN)
        return job

    async def _decide(
        self, job_id: int, actor: Actor, state: JobState, decision: Callable[[Job], Job], otherwise: str
    ) -> Job:
        while True:
            job = await self.find_managed(job_id, actor)
            refuse_erased(job)
            if job.state is not state:
                raise NotAllowed(otherwise)
            decided = decision(job)
            try:
                await self._store.move(job, decided)
            except Stale:
                continue  # its member was being notified at this very moment
            return decided


def too_late(job: Job) -> str:
    """Say why a job that has left the queue can't be stopped."""
    return _OVER if job.has_ended else _TOO_LATE.get(job.state, _ARRIVING)


def refuse_erased(job: Job) -> None:
    """Raise NotAllowed if a job was erased."""
    if job.is_erased:
        raise NotAllowed(_ERASED)
