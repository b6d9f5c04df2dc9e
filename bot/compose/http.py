"""The layer of the web server: linked videos, health and metrics."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.compose.disk import Disk
from bot.compose.links import Sharing
from bot.process.clock import SystemClock
from bot.settings.settings import Settings, SettingsUnusable
from core.dispatch.provider_health import ProviderHealth
from core.ports import Provider
from core.primitives.tasks import running
from storage.sqlite.figures import SqliteFigures
from web.counted_provider import CountedProvider
from web.health import Health, Parts, Pulse
from web.metrics import Metrics, Sources
from web.pictures import PictureRoutes
from web.rate_limit import RateLimit
from web.server import AddressTaken, serving
from web.streams import Streams
from web.videos import VideoRoutes


class WebServer:
    """Counts from the moment at which it is made, and answers while it is `shown`."""

    def __init__(self, settings: Settings, disk: Disk) -> None:
        self._settings = settings
        self._disk = disk
        self._metrics = Metrics()
        disk.store.observe = self._metrics.counts.moved

    def counted(self, provider: Provider) -> Provider:
        """Return the provider with its answers counted."""
        return CountedProvider(provider, self._metrics.counts)

    @asynccontextmanager
    async def shown(
        self,
        *,
        provider_health: ProviderHealth,
        is_connected: Callable[[], bool],
        lateness: Callable[[], float | None],
        shared: Sharing,
    ) -> AsyncGenerator[None]:
        """Serve until the context is left. Raise SettingsUnusable where the address cannot be listened at.

        `lateness` is for how many seconds a job has been due, None while the program starts.
        """
        clock, figures, streams = SystemClock(), SqliteFigures(self._disk.database), Streams()
        pulse = Pulse(clock)
        parts = Parts(
            pulse=pulse,
            round_trip=figures.round_trip,
            lateness=lateness,
            is_connected=is_connected,
            provider_health=provider_health,
        )
        sources = Sources(
            store=self._disk.store,
            figures=figures,
            provider_health=provider_health,
            lag=lambda: pulse.lag,
            is_connected=is_connected,
            streams=lambda: streams.count,
        )
        token = self._settings.matinee_metrics_token
        routes = [
            *Health(parts).routes,
            *self._metrics.routes(sources, None if token is None else token.get_secret_value()),
            *_link_routes(shared, streams),
        ]
        address = self._settings.matinee_http_listen or "127.0.0.1:0"
        try:
            async with (
                running(pulse.run),
                serving(address, routes, clock, public_url=self._settings.matinee_public_url),
            ):
                yield
        except AddressTaken as error:
            raise SettingsUnusable([f"MATINEE_HTTP_LISTEN: {error}."]) from error


def _link_routes(shared: Sharing, streams: Streams) -> list[web.RouteDef]:
    """Return the routes of videos and pictures, where links to them are given out at all."""
    if shared.context is None or shared.pictures is None:
        return []
    visitors = RateLimit(shared.context.clock)
    return [
        *VideoRoutes(shared.context, streams=streams, rate_limit=visitors).routes,
        *PictureRoutes(shared.pictures, streams=Streams(), rate_limit=visitors).routes,
    ]
