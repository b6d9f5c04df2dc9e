"""What the program shows of itself over HTTP: linked videos, health, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from bot.compose.links import Sharing
from bot.process.clock import SystemClock
from bot.settings.settings import Settings, SettingsUnusable
from core.dispatch.provider_health import ProviderHealth
from core.engine.runner import Runner
from core.model.job import Job
from core.ports import Figures, JobStore, Provider
from web.counted_provider import CountedProvider
from web.health import Health, Parts, Pulse
from web.metrics import Metrics, Sources
from web.pictures import PictureRoutes
from web.rate_limit import RateLimit
from web.server import AddressTaken, serving
from web.streams import Streams
from web.videos import VideoRoutes


class HttpServer:
    """`runner` is there once the bot has started."""

    def __init__(self, settings: Settings, store: JobStore, figures: Figures) -> None:
        self._address = settings.matinee_http_listen or "127.0.0.1:0"
        self._public_url = settings.matinee_public_url
        token = settings.matinee_metrics_token
        self._token = None if token is None else token.get_secret_value()
        self._store = store
        self._figures = figures
        self._metrics = Metrics()
        self._streams = Streams()
        self._clock = SystemClock()
        self._pulse = Pulse(self._clock)
        self.runner: Runner | None = None

    def count_move(self, before: Job, after: Job) -> None:
        self._metrics.counts.moved(before, after)

    def counted(self, provider: Provider) -> Provider:
        """Return the provider with its answers counted."""
        return CountedProvider(provider, self._metrics.counts)

    @asynccontextmanager
    async def shown(
        self, provider_health: ProviderHealth, is_connected: Callable[[], bool], shared: Sharing
    ) -> AsyncGenerator[None]:
        """Answer until this is left. Raise SettingsUnusable where nobody can listen."""
        routes = [
            *Health(self._parts(provider_health, is_connected)).routes,
            *self._metrics.routes(self._sources(provider_health, is_connected), self._token),
        ]
        if shared.context is not None and shared.pictures is not None:
            visitors = RateLimit(shared.context.clock)
            routes += VideoRoutes(shared.context, streams=self._streams, rate_limit=visitors).routes
            routes += PictureRoutes(shared.pictures, streams=Streams(), rate_limit=visitors).routes
        beating = asyncio.get_running_loop().create_task(self._pulse.run())
        try:
            async with serving(self._address, routes, self._clock, public_url=self._public_url):
                yield
        except AddressTaken as error:
            raise SettingsUnusable([f"MATINEE_HTTP_LISTEN: {error}."]) from error
        finally:
            beating.cancel()

    def _parts(self, provider_health: ProviderHealth, is_connected: Callable[[], bool]) -> Parts:
        return Parts(
            pulse=self._pulse,
            round_trip=self._figures.round_trip,
            lateness=lambda: None if self.runner is None else self.runner.lateness,
            is_connected=is_connected,
            provider_health=provider_health,
        )

    def _sources(self, provider_health: ProviderHealth, is_connected: Callable[[], bool]) -> Sources:
        return Sources(
            store=self._store,
            figures=self._figures,
            provider_health=provider_health,
            lag=lambda: self._pulse.lag,
            is_connected=is_connected,
            streams=lambda: self._streams.count,
        )
