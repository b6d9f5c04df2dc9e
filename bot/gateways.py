"""Builds the providers that the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.settings import Settings, SettingsUnusable
from core.catalog import Catalog, PricesUnusable
from core.lineup import Lineup
from core.ports import Clock, Provider, ReplyLog
from providers import Network, build, open_network


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """Return what may be contacted though private or plain http: what is listed, and the gateways."""
    named = set(settings.matinee_allow_private_hosts)
    for url in (settings.anyint_base_url, settings.worldrouter_base_url):
        parts = urlsplit(url)
        if parts.scheme == "http":
            named.add(f"{parts.hostname}:{parts.port or 80}")
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
) -> dict[str, Provider]:
    """Build the named providers, the preferred one first. Raise SettingsUnusable."""
    try:
        return build(
            names,
            keys=_values({"anyint": settings.anyint_api_key, "worldrouter": settings.worldrouter_api_key}),
            base_urls={"anyint": settings.anyint_base_url, "worldrouter": settings.worldrouter_base_url},
            network=network,
            replies=replies,
        )
    except ValueError as error:
        raise SettingsUnusable([f"MATINEE_PROVIDERS: {error}"]) from error


def lineup(settings: Settings, names: Sequence[str], network: Network, replies: ReplyLog) -> Lineup:
    """Line the named providers up, the preferred one first. Raise SettingsUnusable."""
    offered = catalog(settings).of(names)
    return Lineup(providers(settings, names, network, replies), offered, network.clock)


def catalog(settings: Settings) -> Catalog:
    """Return every model that there is, with the operator's prices. Raise SettingsUnusable."""
    try:
        return Catalog.shipped(prices=settings.matinee_prices_file)
    except PricesUnusable as error:
        raise SettingsUnusable([f"MATINEE_PRICES_FILE: {error}"]) from error


def _values(keys: dict[str, SecretStr | None]) -> dict[str, str]:
    return {name: key.get_secret_value() for name, key in keys.items() if key is not None}
