"""The models that can be asked for: data in `catalog.json`, one entry for each provider and model."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib.resources import files
from math import ceil
from pathlib import Path
from typing import Any, Self

from core.model.prices import MICRO, Prices, read_prices
from core.model.video import Input, Mode, VideoRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model at one provider.

    `name` is the gateway's own id, `family` what makes models of several gateways equivalent.
    `price_per_second` is in US dollars, by `mode`, `mode+audio`, `audio` or the empty string.
    """

    provider: str
    name: str
    family: str
    title: str
    inputs: frozenset[Input]
    durations: tuple[int, ...]
    aspect_ratios: tuple[str, ...]
    modes: tuple[Mode, ...] = ()
    audio: bool = False
    aliases: tuple[str, ...] = ()
    price_per_second: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Self:
        """Read one entry of the catalogue file. Raise KeyError or ValueError where it is malformed."""
        return cls(
            provider=entry["provider"],
            name=entry["name"],
            family=entry["family"],
            title=entry["title"],
            inputs=frozenset(map(Input, entry["inputs"])),
            durations=tuple(entry["durations"]),
            aspect_ratios=tuple(entry["aspect_ratios"]),
            modes=tuple(map(Mode, entry["modes"])),
            audio=entry["audio"],
            aliases=tuple(entry.get("aliases", ())),
            price_per_second={key: Decimal(price) for key, price in entry["price_per_second"].items()},
        )

    def is_called(self, name: str) -> bool:
        """Whether a member who types `name` means this model; case does not matter."""
        return name.strip().casefold() in {self.name, self.family, self.title.casefold(), *self.aliases}

    def can_make(self, request: VideoRequest) -> bool:
        """Whether this model makes exactly what the request says."""
        return (
            request.model == self.family
            and request.input in self.inputs
            and request.duration_seconds in self.durations
            and request.aspect_ratio in self.aspect_ratios
            and (request.mode in self.modes if request.mode else not self.modes)
            and (self.audio or not request.audio)
        )

    def price(self, request: VideoRequest) -> int | None:
        """The estimated price in millionths of a US dollar, or None where the catalogue has none."""
        key = "+".join(part for part in (request.mode or "", "audio" if request.audio else "") if part)
        per_second = self.price_per_second.get(key)
        return None if per_second is None else ceil(per_second * MICRO * request.duration_seconds)

    @property
    def editions(self) -> frozenset[str]:
        """The editions that can have a price of their own: as in `price_per_second`."""
        sounds = ("", "audio") if self.audio else ("",)
        makes = {"+".join(filter(None, (mode, sound))) for mode in self.modes or ("",) for sound in sounds}
        return frozenset(makes | set(self.price_per_second))


class Catalog:
    """Every model that is in use, the preferred provider's first."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = tuple(models)

    @classmethod
    def shipped(cls, *, undocumented: bool = False, prices: Path | None = None) -> Self:
        """Return the catalogue that comes with the program, every provider's models in it.

        `undocumented` adds what only Kling itself documents, not the gateway. `prices` is a JSON file
        like `{"anyint": {"kling-3.0": {"std": 0.08}}}`. Raise PricesUnusable where it is not.
        """
        text = files("core.model").joinpath("catalog.json").read_text(encoding="utf-8")
        entries = [
            _with_undocumented(entry) if undocumented else entry for entry in json.loads(text)["models"]
        ]
        shipped = cls(
            Model.from_entry(entry) for entry in entries if undocumented or entry.get("documented", True)
        )
        return shipped if prices is None else shipped.with_prices(read_prices(prices, shipped.editions))

    def of(self, providers: Iterable[str]) -> Self:
        """Only what these providers offer, in the order in which the providers are named."""
        return type(self)(model for name in providers for model in self._models if model.provider == name)

    def with_prices(self, prices: Prices) -> Self:
        """Put these prices in the place of the estimates."""
        return type(self)(
            replace(
                model,
                price_per_second={**model.price_per_second, **prices.get((model.provider, model.name), {})},
            )
            for model in self._models
        )

    @property
    def editions(self) -> Mapping[tuple[str, str], Collection[str]]:
        """The editions that can have a price, by provider and model."""
        return {(model.provider, model.name): model.editions for model in self._models}

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models)

    def find(self, name: str) -> Model | None:
        return next((model for model in self._models if model.is_called(name)), None)

    def making(self, request: VideoRequest) -> list[Model]:
        """Every model that can make the request, the preferred provider's first."""
        return [model for model in self._models if model.can_make(request)]


def _with_undocumented(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, **entry.get("undocumented", {})}
