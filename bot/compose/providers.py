"""Builds the providers that the settings name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from random import SystemRandom
from urllib.parse import urlsplit

from bot.settings.settings import Settings, SettingsUnusable
from core.dispatch.provider_registry import ProviderRegistry
from core.model.catalog import Catalog
from core.model.prices import PricesUnusable
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule
from core.polling.task_durations import DurationModel
from core.ports import AlertChannel, Clock, Provider, ReplyLog
from core.primitives.urls import host_and_port
from providers import Network, Surface, build, open_network


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Return the hosts that may be contacted though private or plain http: listed ones, and settings' own."""
    named = set(settings.matinee_allow_private_hosts)
    for url in (*settings.base_urls.values(), settings.discord_cdn_url or ""):
        parts = urlsplit(url)
        if parts.scheme == "http":
            named.add(host_and_port(parts.hostname, parts.port, parts.scheme))
    return frozenset(named)


def network(settings: Settings, clock: Clock) -> AbstractAsyncContextManager[Network]:
    """Open the clients that providers share; they close with the context."""
    return open_network(
        clock=clock,
        allowed_hosts=allowed_hosts(settings),
        create_read_timeout=settings.matinee_create_read_timeout_seconds,
    )


def providers(
    settings: Settings, names: Sequence[str], network: Network, replies: ReplyLog
) -> dict[str, Surface]:
    """Build the named providers, the preferred one first. Raise SettingsUnusable."""
    try:
        return build(
            names,
            keys=settings.keys,
            base_urls=settings.base_urls,
            network=network,
            replies=replies,
            safe_statuses={"anyint": settings.matinee_anyint_safe_statuses},
            sends_job_id=settings.matinee_anyint_external_task_id,
        )
    except ValueError as error:
        raise SettingsUnusable([f"MATINEE_PROVIDERS: {error}"]) from error


def registry(
    settings: Settings,
    names: Sequence[str],
    network: Network,
    replies: ReplyLog,
    alerts: AlertChannel | None = None,
    watched: Callable[[Provider], Provider] | None = None,
) -> ProviderRegistry:
    """Build the registry of the named providers, the preferred one first. Raise SettingsUnusable.

    `watched` may wrap each of them.
    """
    offered = catalog(settings).of(names)
    built: Mapping[str, Provider] = providers(settings, names, network, replies)
    if watched is not None:
        built = {name: watched(provider) for name, provider in built.items()}
    return ProviderRegistry(built, offered, network.clock, alerts)


def catalog(settings: Settings) -> Catalog:
    """Return every model that there is, with the operator's prices. Raise SettingsUnusable."""
    try:
        return Catalog.shipped(
            undocumented=settings.matinee_undocumented_options, prices=settings.matinee_prices_file
        )
    except PricesUnusable as error:
        raise SettingsUnusable(f"MATINEE_PRICES_FILE: {problem}" for problem in error.problems) from error


def schedule(settings: Settings, durations: DurationModel) -> AdaptiveSchedule:
    """Return when tasks are asked about, within the bounds of the settings."""
    return AdaptiveSchedule(
        first_seconds=settings.matinee_poll_first_seconds,
        min_seconds=settings.matinee_poll_min_seconds,
        max_seconds=settings.matinee_poll_max_seconds,
        chance=SystemRandom(),
        durations=durations,
        poll_budget=PollBudget(settings.matinee_polls_per_second),
    )
