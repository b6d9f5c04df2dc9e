"""Figures for Prometheus: counted where things happen, or queried when they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from core.dispatch.health import Condition
from core.dispatch.provider_health import ProviderHealth
from core.model.job import Job, JobState
from core.model.ledger import Account, Scope
from core.model.prices import MICRO
from core.ports import Figures, JobStore

ALL_TIME: Final = Account(Scope.BOT, 0, "")
_MINUTES: Final = (0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60)


class Counters:
    """What is counted where it happens. All of it begins at nothing when the program starts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.moves = Counter(
            "matinee_job_moves",
            "Moves of jobs from one state to another",
            ["before", "after"],
            registry=registry,
        )
        self.delivery = Histogram(
            "matinee_delivery_seconds",
            "From the order of a video to its delivery",
            buckets=[minutes * 60 for minutes in _MINUTES],
            registry=registry,
        )
        self.calls = Counter(
            "matinee_provider_calls",
            "Questions to providers: create (paid), check (a poll), fetch, look_up",
            ["provider", "call", "outcome"],
            registry=registry,
        )
        self.fetched = Counter(
            "matinee_fetched_bytes", "Bytes of videos that were fetched", ["provider"], registry=registry
        )

    def moved(self, before: Job, after: Job) -> None:
        """Count a move that was saved."""
        self.moves.labels(before.state, after.state).inc()
        if after.state is JobState.DELIVERED and before.state is JobState.DELIVERING:
            self.delivery.observe(max(0.0, (after.updated_at - after.ordered_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the other figures are queried when they are read."""

    store: JobStore
    figures: Figures
    provider_health: ProviderHealth
    lag: Callable[[], float]
    is_connected: Callable[[], bool]
    streams: Callable[[], int]


class Metrics:
    """`counts` is for the parts of the program where things happen."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.counts = Counters(self._registry)
        ProcessCollector(registry=self._registry)
        self._open = self._gauge("matinee_open_jobs", "Jobs that have something left to do", "state")
        self._videos = self._gauge(
            "matinee_videos", "Videos that were ordered, but for those that made nothing"
        )
        self._reserved = self._gauge("matinee_reserved_dollars", "US dollars reserved for open jobs")
        self._spent = self._gauge("matinee_spent_dollars", "US dollars spent since the beginning, as quoted")
        self._condition = self._gauge(
            "matinee_provider_condition", "1 for the condition a provider is in", "provider", "condition"
        )
        self._lag = self._gauge("matinee_event_loop_lag_seconds", "The worst of the last ten seconds")
        self._connected = self._gauge("matinee_discord_connected", "1 while Discord's gateway is connected")
        self._streams = self._gauge("matinee_link_streams", "Linked videos that are being sent")

    def routes(self, sources: Sources, token: str | None = None) -> Sequence[web.RouteDef]:
        """Answer clients that send the token, or all where there is none."""

        async def metrics(request: web.Request) -> web.StreamResponse:
            given = request.headers.get("Authorization", "")
            if token is not None and not compare_digest(given.encode(), f"Bearer {token}".encode()):
                raise web.HTTPNotFound
            return web.Response(
                body=await self.render(sources), headers={"Content-Type": CONTENT_TYPE_LATEST}
            )

        return [web.get("/metrics", metrics)]

    async def render(self, sources: Sources) -> bytes:
        """Query all figures, and write them as Prometheus reads them."""
        open_jobs = await sources.figures.open_jobs()
        for state in JobState:
            self._open.labels(state).set(open_jobs.get(state, 0))
        usage = await sources.store.usage(ALL_TIME)
        self._videos.set(usage.videos)
        self._reserved.set(usage.reserved / MICRO)
        self._spent.set(usage.spent / MICRO)
        for health in sources.provider_health.all():
            for condition in Condition:
                self._condition.labels(health.provider, condition).set(health.worse.condition is condition)
        self._lag.set(sources.lag())
        self._connected.set(sources.is_connected())
        self._streams.set(sources.streams())
        return generate_latest(self._registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(name, what, labels, registry=self._registry)
