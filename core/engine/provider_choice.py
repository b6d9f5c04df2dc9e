"""Says whether a job may be sent, and where, and takes a place for it there."""

from __future__ import annotations

from core.dispatch.fair_queue import FairQueue, QueueEntry
from core.dispatch.provider_registry import Choice, Free, Offer, ProviderRegistry
from core.engine.step import StepContext
from core.model.job import Job


class ProviderChoice:
    def __init__(self, context: StepContext, registry: ProviderRegistry, fair_queue: FairQueue) -> None:
        self._context = context
        self._registry = registry
        self._fair_queue = fair_queue

    def choose(self, job: Job) -> Choice:
        """Say whether a job may be sent, and where. Providers that the job has given up on do not count."""
        return self._registry.choose(job.request, self._context.has_given_up(job.id))

    def claimed(self, job: Job) -> Offer | None:
        """Find who takes the job now, and take a place there; None where everybody is full or away."""
        match self.choose(job):
            case Free(offers):
                now = self._context.clock.monotonic()
                return next((one for one in offers if self._fair_queue.claim(job.id, one.name, now)), None)
            case _:
                return None

    def entrant(self, job: Job) -> QueueEntry:
        """Say who can make the job's video, for the queue."""
        names = tuple(offer.name for offer in self._willing(job))
        return QueueEntry(job.id, job.destination.requester_id, job.destination.guild_id, names)

    def is_any_taking(self, job: Job) -> bool:
        """Whether somebody who makes the job's video takes orders these days, if not at this moment."""
        creates = self._registry.provider_health.creates
        return any(not creates.takes_nothing(offer.name) for offer in self._willing(job))

    def _willing(self, job: Job) -> list[Offer]:
        return self._registry.willing(job.request, self._context.has_given_up(job.id))
