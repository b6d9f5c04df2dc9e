"""What only a person can decide about a job: to stop it, to close it in doubt, to bring its video again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.erasing import ERASED
from core.errors import NotAllowed, Stale
from core.jobs import Delivery, Job, JobState
from core.ports import Clock, JobStore

_MOST_ID: Final = 2**63 - 1
_DECIDED: Final = "That has been decided already; look at the card."
_NOT_KNOWN: Final = "I no longer know this job. Ask for a new video with /video."
_ERASED: Final = f"{ERASED} Nothing was ordered and nothing was charged."
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
class Person:
    """Who acts. `is_moderator` is decided by the place where they act, each time anew."""

    id: int
    is_moderator: bool = False

    def may_manage(self, job: Job) -> bool:
        return self.is_moderator or self.id == job.destination.requester_id


OPERATOR: Final = Person(0, is_moderator=True)
"""Whoever runs the bot, at its command line; no member has this id."""


class Decisions:
    def __init__(self, *, store: JobStore, clock: Clock, take_up: Callable[[Job], None]) -> None:
        self._store = store
        self._clock = clock
        self._take_up = take_up

    async def cancel(self, job_id: int, person: Person) -> Job:
        """Stop a job that has not been sent. Raise NotAllowed where it is not theirs or too late."""
        job = await self.managed(job_id, person)
        if job.state is not JobState.QUEUED:
            raise NotAllowed(too_late(job))
        cancelled = job.cancelled(person.id, self._clock.now())
        try:
            await self._store.move(job, cancelled)
        except Stale:
            return await self.cancel(job_id, person)  # it was sent at this very moment: say so
        self._take_up(cancelled)
        return cancelled

    async def dismiss(self, job_id: int, person: Person) -> Job:
        """Close a job whose outcome nobody knows; it stays counted as spent. Raise NotAllowed."""
        return await self._decided(
            job_id,
            person,
            JobState.UNKNOWN,
            lambda job: job.dismissed(person.id, self._clock.now()),
            _DECIDED,
        )

    async def supersede(self, job_id: int, person: Person) -> Job:
        """Close a job in doubt so that it can be ordered anew by somebody who accepts to pay twice.

        Of several who try, one succeeds. Raise NotAllowed.
        """
        return await self._decided(
            job_id,
            person,
            JobState.UNKNOWN,
            lambda job: job.superseded(person.id, self._clock.now()),
            _DECIDED,
        )

    async def deliver_again(self, job_id: int, person: Person) -> Job:
        """Have a video that was kept brought once more. Raise NotAllowed.

        For the operator, who can tell whose it is, also one that was only offered and is not fetched yet.
        """
        is_offered = person == OPERATOR and (await self._kept(job_id)).is_offered
        job = await self._decided(
            job_id,
            person,
            JobState.LOST if is_offered else JobState.UNDELIVERABLE,
            lambda job: (job.accepted if is_offered else job.redelivered)(person.id, self._clock.now()),
            _NOT_KEPT,
        )
        self._take_up(job)
        return job

    async def handed_over(self, job_id: int, by: int, where: Delivery) -> None:
        """Note that a kept video has reached its member all the same; nothing else is changed by that."""
        job, now = await self._kept(job_id), self._clock.now()
        if job.is_erased or job.state is not JobState.UNDELIVERABLE:
            return
        brought = job.redelivered(by, now)
        arrived = brought.delivered(where, now)
        try:
            for before, after in ((job, brought), (brought, arrived), (arrived, arrived.done(now))):
                await self._store.move(before, after)
        except Stale:
            return  # somebody else had it brought at this very moment

    async def forget_video(self, job_id: int, by: int) -> None:
        """Note that a clip is about to be removed from our disk; a job that still needs it keeps it."""
        while True:
            job = await self._kept(job_id)
            if job.video is None or not (job.has_ended or job.state is JobState.DELIVERED):
                return
            try:
                await self._store.move(job, job.without_video(self._clock.now(), by=by))
            except Stale:
                continue  # its member was being notified at this very moment
            return

    async def managed(self, job_id: int, person: Person) -> Job:
        """Find a job that the person may decide about. Raise NotAllowed.

        Of what was erased nobody knows whose it was, so that it is the moderators' alone.
        """
        job = await self._kept(job_id)
        if not person.is_moderator:
            refuse_erased(job)
        if not person.may_manage(job):
            raise NotAllowed("Only the person who asked for this video, or a moderator, can do that.")
        return job

    async def seen(self, job_id: int, by: int) -> Job:
        """Find a job that a member may see: their own, or one that was not private. Raise NotAllowed."""
        job = await self.find(job_id)
        if job.destination.is_private and job.destination.requester_id != by:
            raise NotAllowed(_NOT_KNOWN)
        return job

    async def find(self, job_id: int) -> Job:
        """Raise NotAllowed where no such job is kept, or where it was erased."""
        job = await self._kept(job_id)
        refuse_erased(job)
        return job

    async def check_erased(self, typed: str) -> None:
        """Raise NotAllowed if what somebody typed is the number of a job that was erased."""
        if re.fullmatch(r"\d{1,20}", typed, re.ASCII) and await self.is_known(int(typed)):
            _ = await self.find(int(typed))

    async def of_message(self, message_id: int) -> Job | None:
        """Find the job that a message shows. Raise NotAllowed where it was erased."""
        job = await self._store.by_message(message_id)
        if job is not None:
            refuse_erased(job)
        return job

    async def is_shown(self, message_id: int) -> bool:
        """Whether a message shows a job, also one that was erased."""
        return await self._store.by_message(message_id) is not None

    async def was_ordered(self, job_id: int, by: int) -> bool:
        """Whether this person ordered that job; so did perhaps everybody one that was erased."""
        job = await self._store.get(job_id)
        return job is not None and (job.is_erased or job.destination.requester_id == by)

    async def is_known(self, job_id: int) -> bool:
        return 0 < job_id <= _MOST_ID and await self._store.get(job_id) is not None

    async def _kept(self, job_id: int) -> Job:
        """Find a job, also one that was erased. Raise NotAllowed."""
        job = await self._store.get(job_id) if 0 < job_id <= _MOST_ID else None
        if job is None:
            raise NotAllowed(_NOT_KNOWN)
        return job

    async def _decided(
        self, job_id: int, person: Person, state: JobState, decision: Callable[[Job], Job], otherwise: str
    ) -> Job:
        while True:
            job = await self.managed(job_id, person)
            refuse_erased(job)
            if job.state is not state:
                raise NotAllowed(otherwise)
            decided = decision(job)
            try:
                await self._store.move(job, decided)
            except Stale:
                continue  # its member was being told at this very moment
            return decided


def too_late(job: Job) -> str:
    """Say why a job that has left the queue can't be stopped."""
    return _OVER if job.has_ended else _TOO_LATE.get(job.state, _ARRIVING)


def refuse_erased(job: Job) -> None:
    """Raise NotAllowed if a job was erased."""
    if job.is_erased:
        raise NotAllowed(_ERASED)
