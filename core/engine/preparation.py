"""What a job needs before it is sent: a picture that gateways can fetch, and a place at a provider."""

from __future__ import annotations

from typing import Final

from core.dispatch.fair_queue import FairQueue, QueueEntry
from core.dispatch.provider_registry import Choice, Free, Offer, ProviderRegistry
from core.engine.step import StepContext
from core.model.job import Job
from core.model.video import VideoRequest
from core.requests.stored_pictures import PicturePublisher, own_copy, with_picture

SHOWN_SECONDS: Final = 3 * 3600.0
"""For this long a link to a picture is used again: it works for hours more."""


class ProviderChoice:
    def __init__(self, context: StepContext, registry: ProviderRegistry, fair_queue: FairQueue) -> None:
        self._context = context
        self._registry = registry
        self._fair_queue = fair_queue

    def choose(self, job: Job) -> Choice:
        """Return whether a job may be sent, and where. Providers that it has given up on do not count."""
        return self._registry.choose(job.request, self._context.has_given_up(job.id))

    def claim(self, job: Job) -> Offer | None:
        """Find a provider that takes the job now, and take a place there; None where all are full or away."""
        match self.choose(job):
            case Free(offers):
                now = self._context.clock.monotonic()
                return next((one for one in offers if self._fair_queue.claim(job.id, one.name, now)), None)
            case _:
                return None

    def entrant(self, job: Job) -> QueueEntry:
        """Return the job's entry for the queue, with the providers that can make its video."""
        names = tuple(offer.name for offer in self._willing(job))
        return QueueEntry(job.id, job.destination.requester_id, job.destination.guild_id, names)

    def is_any_taking(self, job: Job) -> bool:
        """Whether a provider of the job's video takes orders these days, if not at this moment."""
        creates = self._registry.provider_health.creates
        return any(not creates.takes_nothing(offer.name) for offer in self._willing(job))

    def _willing(self, job: Job) -> list[Offer]:
        return self._registry.willing(job.request, self._context.has_given_up(job.id))


class ShownPictures:
    """The links by which gateways fetch the pictures of waiting jobs; a restart makes new ones."""

    def __init__(self, host: PicturePublisher, context: StepContext) -> None:
        self._host = host
        self._context = context

    def lacks(self, job: Job) -> bool:
        """Whether a job has a picture that needs a link, or a new one, before it is sent."""
        if own_copy(job.request) is None:
            return False
        memory = self._context.memory(job)
        age = self._context.clock.monotonic() - memory.picture_at
        return memory.picture is None or age >= SHOWN_SECONDS

    async def show(self, job: Job) -> None:
        """Make a link to the picture of a job. Raise what `PicturePublisher.link` raises."""
        memory, picture = self._context.memory(job), own_copy(job.request)
        if picture is not None:
            memory.picture = await self._host.link(job, picture)
            memory.picture_at = self._context.clock.monotonic()

    def sendable(self, job: Job) -> VideoRequest:
        """Return the request as a gateway understands it."""
        picture, link = own_copy(job.request), self._context.memory(job).picture
        return job.request if picture is None or link is None else with_picture(job.request, picture, link)
