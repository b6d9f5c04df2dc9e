"""Shows the catalogue on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from bot.compose import providers as gateways
from bot.settings.settings import Settings
from core.model.catalog import Catalog, Model
from core.model.errors import join_choices


def show(*, as_json: bool) -> None:
    """Print every model that this program knows, one a line. Raise SettingsUnusable."""
    settings = Settings.load()
    models = gateways.catalog(settings)
    if as_json:
        estimates = list(Catalog.shipped(undocumented=settings.matinee_undocumented_options))
        for model in models:
            print(json.dumps(_record(model) | {"price_is_estimate": model in estimates}))  # noqa: T201 - this is the command's output
        return
    table = Table("provider", "model", "seconds", "ratios", "modes", "audio", "starts from", "US$ a second")
    for model in models:
        table.add_row(*_cells(model))
    console = Console()
    console.print(table)
    console.print(
        "Prices are estimates, Kling's list prices, since the gateways publish none: "
        "except those of MATINEE_PRICES_FILE."
    )


def _record(model: Model) -> dict[str, object]:
    return {
        "provider": model.provider,
        "model": model.name,
        "family": model.family,
        "title": model.title,
        "durations": model.durations,
        "aspect_ratios": model.aspect_ratios,
        "modes": model.modes,
        "audio": model.audio,
        "inputs": sorted(model.inputs),
        "price_per_second_usd": {key or "any": float(price) for key, price in model.price_per_second.items()},
    }


def _cells(model: Model) -> Iterator[str]:
    yield model.provider
    yield model.name
    yield join_choices(model.durations)
    yield " ".join(model.aspect_ratios)
    yield " ".join(model.modes) or "-"
    yield "yes" if model.audio else "no"
    yield ", ".join(given.replace("_", " ") for given in sorted(model.inputs))
    yield ", ".join(f"{key or 'any'} {price}" for key, price in model.price_per_second.items())
