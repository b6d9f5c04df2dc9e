"""One module for each gateway surface, and the HTTP manners that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.ports import Provider, ReplyLog
from providers.anyint import AnyInt
from providers.clients import Network, open_network
from providers.surface import Surface

__all__ = ["SURFACES", "AnyInt", "Network", "build", "open_network"]

SURFACES: Mapping[str, type[Surface]] = {surface.surface: surface for surface in (AnyInt,)}
"""Every surface by the name that the settings and the catalogue use."""


def build(
    names: Iterable[str],
    *,
    keys: Mapping[str, str],
    base_urls: Mapping[str, str],
    network: Network,
    replies: ReplyLog,
) -> dict[str, Provider]:
    """Build the named surfaces, in that order. `keys` and `base_urls` are by gateway.

    A gateway without a base URL has the one of its document. Raise ValueError, with a sentence for
    the operator, for a name that is not known or a key or base URL that cannot be used.
    """
    return {name: _surface(name, keys, base_urls, network, replies) for name in names}


def _surface(
    name: str,
    keys: Mapping[str, str],
    base_urls: Mapping[str, str],
    network: Network,
    replies: ReplyLog,
) -> Provider:
    surface = SURFACES.get(name)
    if surface is None:
        raise ValueError(f"There is no provider “{name}”. There are {', '.join(SURFACES)}.")
    if surface.gateway not in keys:
        raise ValueError(f"The provider {name} needs a key for {surface.gateway}.")
    base_url = base_urls.get(surface.gateway) or surface.default_base_url
    return surface(base_url=base_url, key=keys[surface.gateway], network=network, replies=replies)
