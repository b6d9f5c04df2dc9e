"""The providers in use, in the order in which they are preferred, and how they are doing."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from core.dispatch import end_reasons as words
from core.dispatch.provider_health import ProviderHealth
from core.model.catalog import Catalog, Model
from core.model.job import Job, Reason
from core.model.video import Result, VideoRequest
from core.ports import AlertChannel, Clock, Created, Order, Provider

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider that makes exactly what is asked for, and its model for it."""

    provider: Provider
    model: Model

    @property
    def name(self) -> str:
        return self.provider.name


@dataclass(frozen=True, slots=True)
class Free:
    """These providers may be sent the request now, the preferred one first."""

    offers: tuple[Offer, ...]


@dataclass(frozen=True, slots=True)
class Later:
    """The providers of this are slow or down, which passes by itself; one may be free in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Closed:
    """No provider takes this before the operator has corrected something."""

    reason: Reason


Choice: TypeAlias = Free | Later | Closed


class ProviderRegistry:
    def __init__(
        self,
        providers: Mapping[str, Provider],
        catalog: Catalog,
        clock: Clock,
        alerts: AlertChannel | None = None,
    ) -> None:
        self._providers = providers
        self._catalog = catalog
        self.provider_health = ProviderHealth(clock, providers, alerts)

    @property
    def catalog(self) -> Catalog:
        """What these providers offer together."""
        return self._catalog

    def of(self, job: Job) -> Provider | None:
        """Find the provider of a job's paid task; None if there is none or it is no longer in use."""
        return None if job.ticket is None else self._providers.get(job.ticket.provider)

    def by_name(self, name: str | None) -> Provider | None:
        return None if name is None else self._providers.get(name)

    def offers(self, request: VideoRequest) -> list[Offer]:
        """All providers that make exactly this, the preferred one first."""
        return [
            Offer(provider, model)
            for model in self._catalog.making(request)
            if (provider := self._providers.get(model.provider)) is not None
        ]

    def willing(self, request: VideoRequest, given_up: Collection[str] = ()) -> list[Offer]:
        """All that make exactly this, without those given up on and those known to lack the model."""
        return [
            offer
            for offer in self.offers(request)
            if offer.name not in given_up and self.provider_health.creates.takes(offer.name, offer.model.name)
        ]

    def choose(self, request: VideoRequest, given_up: Collection[str] = ()) -> Choice:
        """Return whether a request may be sent, and where. Providers given up on do not count."""
        creates, willing = self.provider_health.creates, self.willing(request, given_up)
        free = tuple(offer for offer in willing if creates.is_free(offer.name))
        if free:
            return Free(free)
        waited_for = [offer.name for offer in willing if not creates.of(offer.name).is_closed]
        if waited_for:
            return Later(creates.seconds_until_free(waited_for))
        return Closed(self._why_closed(request))

    def _why_closed(self, request: VideoRequest) -> Reason:
        health = self.provider_health
        for offer in self.offers(request):
            standing = health.creates.of_model(offer.name, offer.model.name)
            if standing.is_closed:
                return words.closed(offer.name, standing, health.free_at(standing))
        return words.NO_PROVIDER

    def order(self, job: Job) -> Order | None:
        """Build again the order that was sent, or was about to be, to the job's provider."""
        offers = (offer for offer in self.offers(job.request) if offer.name == job.provider)
        offer = next(offers, None)
        return None if offer is None else Order(job.id, job.request, offer.model, job.attempts)

    async def look_up(self, job: Job) -> Created | None:
        """Look for the task of a job at the providers that may have made it; None where that can't be told.

        That is its provider; for a job that waits to be sent again, all that make this. Raise
        CheckFailed where a question failed.
        """
        for offer in self.offers(job.request):
            if job.provider in {None, offer.name}:
                order = Order(job.id, job.request, offer.model, job.attempts)
                created = await offer.provider.look_up(order)
                if created is not None:
                    return created
        return None

    def price(self, job: Job, provider: str) -> int | None:
        """Return what the job costs at this provider now; the quoted price where it no longer makes it."""
        prices = [
            offer.model.price(job.request) for offer in self.offers(job.request) if offer.name == provider
        ]
        return prices[0] if prices else job.price

    def compare(self, job: Job, result: Result) -> Result:
        """Return only what the gateway made differently from the order, and log that."""
        order = self.order(job)
        names = {order.model.name, order.model.family, *order.model.aliases} if order else set[str]()
        model = result.model if order and not _is_called(result.model, names) else None
        seconds = None if result.seconds == job.request.duration_seconds else result.seconds
        if model or seconds:
            log.warning(
                "the gateway made something else than was ordered",
                extra={"job": job.id, "provider": job.provider, "model": model, "seconds": seconds},
            )
        return replace(result, model=model, seconds=seconds)


def _is_called(said: str | None, names: Collection[str]) -> bool:
    """Whether a gateway's name for a model is one of these, perhaps with a maker's name in front."""
    return said is None or said.rpartition("/")[2].casefold() in {name.casefold() for name in names}
