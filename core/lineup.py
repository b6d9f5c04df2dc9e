"""The providers in use, in the order in which they are preferred."""

from __future__ import annotations

from collections.abc import Mapping

from core.catalog import Catalog, Model
from core.jobs import Job
from core.ports import Provider
from core.video import VideoRequest


class Lineup:
    def __init__(self, providers: Mapping[str, Provider], catalog: Catalog) -> None:
        self._providers = providers
        self._catalog = catalog

    @property
    def catalog(self) -> Catalog:
        """What these providers offer together."""
        return self._catalog

    def of(self, job: Job) -> Provider | None:
        """Find the provider of a job's paid task; None if there is none or it is no longer in use."""
        return None if job.ticket is None else self._providers.get(job.ticket.provider)

    def choice(self, request: VideoRequest) -> tuple[Provider, Model] | None:
        """Choose the preferred provider that makes exactly this, with its model; None if none does."""
        for model in self._catalog.making(request):
            provider = self._providers.get(model.provider)
            if provider is not None:
                return provider, model
        return None
