"""What is wrong with settings together, though each by itself is right: sentences that begin with a name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final

from core.model.catalog import Catalog
from core.model.errors import join_choices
from core.model.prices import PricesUnusable
from providers import GATEWAYS, SURFACES

_BUCKET: Final = ("MATINEE_S3_BUCKET", "MATINEE_S3_ACCESS_KEY_ID", "MATINEE_S3_SECRET_ACCESS_KEY")
_KEYS: Final = {gateway: f"{gateway.upper()}_API_KEY" for gateway in GATEWAYS}


def missing(names: Mapping[str, str], surfaces: Iterable[str], needs: Collection[str]) -> list[str]:
    """Return the settings that the command needs and that are not given."""
    problems: list[str] = []
    if "discord" in needs and not _has(names, "DISCORD_TOKEN"):
        problems.append("DISCORD_TOKEN: missing. Copy the token from the Bot page of your application.")
    if "provider" in needs:
        used: dict[str, list[str]] = {}
        for surface in surfaces:
            used.setdefault(_KEYS[SURFACES[surface].gateway], []).append(surface)
        problems += [
            f"{key}: missing, though {', '.join(users)} is to be used."
            for key, users in used.items()
            if not _has(names, key)
        ]
        if not used and not any(_has(names, key) for key in _KEYS.values()):
            problems.append(f"{join_choices(_KEYS.values())}: missing. One of them is needed.")
    return problems


def half_set(names: Mapping[str, str]) -> list[str]:
    """Return the settings that have no effect without another one."""
    problems: list[str] = []
    if _has(names, "MATINEE_PUBLIC_URL") and not _has(names, "MATINEE_HTTP_LISTEN"):
        problems.append("MATINEE_PUBLIC_URL: nothing answers there until MATINEE_HTTP_LISTEN is set, too.")
    lacking = [name for name in _BUCKET if not _has(names, name)]
    if lacking and len(lacking) < len(_BUCKET):
        problems.append(f"{join_choices(lacking, 'and')}: missing, though a bucket is to be used.")
    return problems


def unusable_prices(prices: Path | None, *, undocumented: bool) -> list[str]:
    """Return what is wrong with the prices file for the models that are offered."""
    try:
        Catalog.shipped(undocumented=undocumented, prices=prices)
    except PricesUnusable as error:
        return [f"MATINEE_PRICES_FILE: {problem}" for problem in error.problems]
    return []


def _has(names: Mapping[str, str], name: str) -> bool:
    return name in names or f"{name}_FILE" in names
