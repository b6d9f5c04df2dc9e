"""What people can do: order, cancel, order again, look at what there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core import words
from core.admission import complete
from core.catalog import Catalog
from core.errors import NotAllowed, Stale
from core.jobs import Destination, Job, JobState
from core.lineup import Lineup
from core.ports import Clock, JobStore
from core.video import Draft, VideoRequest

_TOO_LATE = {
    JobState.SUBMITTING: "The request is on its way to the provider, so it can no longer be stopped.",
    JobState.RUNNING: "The provider is already working on this video and has no way to stop it: it will be "
    "charged. It will still arrive here; the requester can delete it then.",
    JobState.UNKNOWN: "The provider never confirmed this request, so there is nothing to stop.",
}
_ARRIVING = "This video is finished and on its way. The requester can delete it when it is here."
_DECIDED = "That has been decided already; look at the card."
_OVER = "This job has already ended; there is nothing to stop."


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts. `is_moderator` is decided by the place where they act, each time anew."""

    id: int
    is_moderator: bool = False

    def may_manage(self, job: Job) -> bool:
        return self.is_moderator or self.id == job.destination.requester_id


class Studio:
    def __init__(
        self, *, store: JobStore, lineup: Lineup, clock: Clock, take_up: Callable[[Job], None]
    ) -> None:
        self._store = store
        self._lineup = lineup
        self._clock = clock
        self._take_up = take_up
        self._is_closed = False

    def close(self) -> None:
        """Take no more orders: the program is about to stop."""
        self._is_closed = True

    @property
    def catalog(self) -> Catalog:
        return self._lineup.catalog

    def check(self, draft: Draft) -> VideoRequest:
        """Make a request of what somebody asked for. Raise RequestRefused; nothing is kept."""
        return complete(draft, self.catalog)

    async def order(
        self,
        order_id: int,
        request: VideoRequest,
        destination: Destination,
        *,
        parent_id: int | None = None,
    ) -> Job:
        """Admit a job. `order_id` is the id of the event that asked for it: ordering twice makes one job."""
        if self._is_closed:
            raise NotAllowed("I am just restarting. Nothing was ordered; try again in a minute.")
        closed = self._lineup.closed(request)
        if closed is not None:
            raise NotAllowed(words.closed(closed).said)
        now = self._clock.now()
        offers = self._lineup.offers(request)
        job = Job(
            id=order_id,
            request=request,
            destination=destination,
            ordered_at=now,
            updated_at=now,
            next_at=now,
            price=offers[0].model.price(request) if offers else None,
            parent_id=parent_id,
        )
        if not await self._store.admit(job):
            return await self.find(order_id)
        self._take_up(job)
        return job

    async def cancel(self, job_id: int, person: Person) -> Job:
        """Stop a job that has not been sent. Raise NotAllowed where it is not theirs or too late."""
        job = await self.managed(job_id, person)
        if job.state is not JobState.QUEUED:
            if job.has_ended:
                raise NotAllowed(_OVER)
            raise NotAllowed(_TOO_LATE.get(job.state, _ARRIVING))
        cancelled = job.cancelled(person.id, self._clock.now())
        try:
            await self._store.move(job, cancelled)
        except Stale:
            return await self.cancel(job_id, person)  # it was sent at this very moment: say so
        self._take_up(cancelled)
        return cancelled

    async def dismiss(self, job_id: int, person: Person) -> Job:
        """Close a job whose outcome nobody knows; it stays counted as spent. Raise NotAllowed."""
        return await self._decided(job_id, person, lambda job: job.dismissed(person.id, self._clock.now()))

    async def supersede(self, job_id: int, person: Person) -> Job:
        """Close a job in doubt so that it can be ordered anew by somebody who accepts to pay twice.

        Of several who try, one succeeds. Raise NotAllowed.
        """
        return await self._decided(job_id, person, lambda job: job.superseded(person.id, self._clock.now()))

    async def _decided(self, job_id: int, person: Person, decision: Callable[[Job], Job]) -> Job:
        while True:
            job = await self.managed(job_id, person)
            if job.state is not JobState.UNKNOWN:
                raise NotAllowed(_DECIDED)
            decided = decision(job)
            try:
                await self._store.move(job, decided)
            except Stale:
                continue  # its member was being told at this very moment
            return decided

    async def managed(self, job_id: int, person: Person) -> Job:
        """Find a job that the person may cancel or delete. Raise NotAllowed."""
        job = await self.find(job_id)
        if not person.may_manage(job):
            raise NotAllowed("Only the person who asked for this video, or a moderator, can do that.")
        return job

    async def find(self, job_id: int) -> Job:
        """Raise NotAllowed where no such job is kept."""
        job = await self._store.get(job_id)
        if job is None:
            raise NotAllowed("I no longer know this job. Ask for a new video with /video.")
        return job

    async def jobs_of(self, requester_id: int, *, limit: int = 25) -> list[Job]:
        """A member's jobs, the newest first."""
        return await self._store.of_requester(requester_id, limit=limit)
