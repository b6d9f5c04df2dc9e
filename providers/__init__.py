"""One module for each gateway surface, and the HTTP manners that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.ports import Provider, ReplyLog
from providers.anyint import AnyInt
from providers.anyint_native import AnyIntNative
from providers.clients import Network, open_network
from providers.surface import Surface
from providers.worldrouter import WorldRouter

__all__ = ["SURFACES", "AnyInt", "AnyIntNative", "Network", "WorldRouter", "build", "open_network"]

SURFACES: Mapping[str, type[Surface]] = {
    surface.surface: surface for surface in (AnyInt, AnyIntNative, WorldRouter)
}
"""Every surface by the name that the settings and the catalogue use."""


def build(
    names: Iterable[str],
    *,
    keys: Mapping[str, str],
    base_urls: Mapping[str, str],
    network: Network,
    replies: ReplyLog,
    sends_job_id: bool = False,
) -> dict[str, Provider]:
    """Build the named surfaces, in that order. `keys` and `base_urls` are by gateway.

    A gateway without a base URL has the one of its document. `sends_job_id` is for `anyint-native`.
    Raise ValueError, with a sentence for the operator, for a name that is not known or a key or base
    URL that cannot be used.
    """

    def surface(name: str) -> Provider:
        kind = _kind(name)
        if kind.gateway not in keys:
            raise ValueError(f"The provider {name} needs a key for {kind.gateway}.")
        base_url = base_urls.get(kind.gateway) or kind.default_base_url
        key = keys[kind.gateway]
        if kind is AnyIntNative:
            return AnyIntNative(
                base_url=base_url, key=key, network=network, replies=replies, sends_job_id=sends_job_id
            )
        return kind(base_url=base_url, key=key, network=network, replies=replies)

    return {name: surface(name) for name in names}


def _kind(name: str) -> type[Surface]:
    if name not in SURFACES:
        raise ValueError(f"There is no provider “{name}”. There are {', '.join(SURFACES)}.")
    return SURFACES[name]
