"""One module for each gateway surface, and the HTTP rules that they share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from core.ports import ReplyLog
from providers.anyint import AnyInt
from providers.anyint_native import AnyIntNative
from providers.http.clients import Network, open_network
from providers.surface import Surface
from providers.worldrouter import WorldRouter

__all__ = [
    "GATEWAYS",
    "SURFACES",
    "AnyInt",
    "AnyIntNative",
    "Network",
    "Surface",
    "WorldRouter",
    "build",
    "open_network",
]

SURFACES: Mapping[str, type[Surface]] = {
    surface.surface: surface for surface in (AnyInt, AnyIntNative, WorldRouter)
}
"""Every surface by the name that the settings and the catalogue use. All else follows from this table."""

GATEWAYS: Mapping[str, type[Surface]] = {
    gateway: next(surface for surface in SURFACES.values() if surface.gateway == gateway)
    for gateway in dict.fromkeys(surface.gateway for surface in SURFACES.values())
}
"""Every gateway by the name that its settings begin with, with the first of its surfaces."""


def build(
    names: Iterable[str],
    *,
    keys: Mapping[str, str],
    base_urls: Mapping[str, str],
    network: Network,
    replies: ReplyLog,
    safe_statuses: Mapping[str, Collection[int]] | None = None,
    sends_job_id: bool = False,
) -> dict[str, Surface]:
    """Build the named surfaces, in that order. `keys`, `base_urls` and `safe_statuses` are by gateway.

    A gateway without a base URL has the one of its document. `safe_statuses` and `sends_job_id` are as in
    `providers.surface.Surface`.
    Raise ValueError, with a sentence for the operator, for a name that is not known or a key or base
    URL that cannot be used.
    """

    def surface(name: str) -> Surface:
        kind = _kind(name)
        if kind.gateway not in keys:
            raise ValueError(f"The provider {name} needs a key for {kind.gateway}.")
        return kind(
            base_url=base_urls.get(kind.gateway, ""),
            key=keys[kind.gateway],
            network=network,
            replies=replies,
            safe_statuses=(safe_statuses or {}).get(kind.gateway, ()),
            sends_job_id=sends_job_id,
        )

    return {name: surface(name) for name in names}


def _kind(name: str) -> type[Surface]:
    if name not in SURFACES:
        raise ValueError(f"There is no provider “{name}”. There are {', '.join(SURFACES)}.")
    return SURFACES[name]
