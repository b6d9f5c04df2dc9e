"""Knows which providers can take a job: now, later, or not at all."""

from __future__ import annotations

from core.dispatch import end_reasons as words
from core.dispatch.fair_queue import FairQueue, QueueEntry
from core.dispatch.provider_registry import Offer, ProviderRegistry
from core.engine.step import StepContext
from core.model.job import Job, Reason


class ProviderChoice:
    def __init__(self, context: StepContext, registry: ProviderRegistry, fair_queue: FairQueue) -> None:
        self._context = context
        self._registry = registry
        self._provider_health = registry.provider_health
        self._fair_queue = fair_queue

    def entrant(self, job: Job) -> QueueEntry:
        """Say who can make the job's video, for the queue."""
        names = tuple(offer.name for offer in self._willing(job))
        return QueueEntry(job.id, job.destination.requester_id, job.destination.guild_id, names)

    def claimed(self, job: Job) -> Offer | None:
        """Find who takes the job now, and take a place there; None where everybody is full or away."""
        now = self._context.clock.monotonic()
        return next((one for one in self._free(job) if self._fair_queue.claim(job.id, one.name, now)), None)

    def is_any_free(self, job: Job) -> bool:
        """Whether the job may be sent to somebody now."""
        return self._free(job) != []

    def is_any_taking(self, job: Job) -> bool:
        """Whether somebody who makes the job's video takes orders these days, if not at this moment."""
        return any(not self._provider_health.takes_nothing(offer.name) for offer in self._willing(job))

    def waited_for(self, job: Job) -> list[str]:
        """Name those who may take the job some time, being free, slow or down; none where all are closed."""
        names = [offer.name for offer in self._willing(job)]
        return [name for name in names if self._is_free(name) or not self._provider_health.of(name).is_closed]

    def why_none(self, job: Job) -> Reason:
        """Say why there is nobody to wait for."""
        offers = self._registry.offers(job.request)
        health = [self._provider_health.of_model(offer.name, offer.model.name) for offer in offers]
        closed = next((state for state in health if state.is_closed), None)
        if closed is None:
            return words.NO_PROVIDER
        return words.closed(closed, self._provider_health.free_at(closed))

    def _free(self, job: Job) -> list[Offer]:
        return [offer for offer in self._willing(job) if self._is_free(offer.name)]

    def _is_free(self, name: str) -> bool:
        return self._provider_health.is_free(name)

    def _willing(self, job: Job) -> list[Offer]:
        """Everybody who makes this and was not given up on, the preferred provider first."""
        gave_up_on = self._context.has_given_up(job.id)
        return [
            offer
            for offer in self._registry.offers(job.request)
            if offer.name not in gave_up_on and self._provider_health.takes(offer.name, offer.model.name)
        ]
