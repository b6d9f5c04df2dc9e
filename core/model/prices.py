"""The operator's own prices: a JSON file by provider, model and edition, believed whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeAlias

from core.primitives.numbers import decimal_number

Prices: TypeAlias = Mapping[tuple[str, str], Mapping[str, Decimal]]
"""US dollars a second, by provider and model, then by edition as in `Model.price_per_second`."""

Editions: TypeAlias = Mapping[tuple[str, str], Collection[str]]
"""The editions that can have a price, by provider and model."""

MICRO: Final = 1_000_000
"""Money is counted in whole millionths of a US dollar."""

DEAREST: Final = Decimal(100)
"""US dollars a second. The dearest list price of Kling is 0.168: six hundred times as much is a price in
another unit, and one order at it would block every budget."""

_LONGEST_NAME: Final = 40
_EXAMPLE: Final = 'They look like {"anyint": {"kling-3.0": {"std": 0.08}}}.'


class PricesUnusable(ValueError):
    """The operator's file of prices cannot be used: each of `problems` is a sentence that says why."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def read_prices(path: Path, editions: Editions) -> Prices:
    """Read a file of prices. Raise PricesUnusable with all that is wrong.

    A price that is ignored without a word would leave an estimate in its place, and budgets that hold
    nothing back.
    """
    reading = _Reading(editions)
    prices = reading.prices(_content(path))
    if not reading.problems and not any(prices.values()):
        reading.problems.append(f"The file {path} holds no price. {_EXAMPLE}")
    if reading.problems:
        raise PricesUnusable(reading.problems)
    return prices


def _content(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, object_pairs_hook=_Pairs)
    except (OSError, ValueError, RecursionError, InvalidOperation) as error:
        raise PricesUnusable([f"The prices in {path} cannot be read ({error}). {_EXAMPLE}"]) from error


class _Pairs:
    """An object of the file with all its members, those of one name among them."""

    def __init__(self, members: list[tuple[str, object]]) -> None:
        self.members = members


class _Reading:
    def __init__(self, editions: Editions) -> None:
        self._editions = editions
        self.problems: list[str] = []

    def prices(self, content: object) -> Prices:
        providers = {provider for provider, _ in self._editions}
        return {
            (provider, model): dict(self._priced(provider, model, editions))
            for provider, models in self._members(content, "the file itself")
            if self._is_known(provider, providers, f"provider {_shown(provider)}")
            for model, editions in self._members(models, provider)
            if self._is_known(model, self._models(provider), f"model {provider} {_shown(model)}")
        }

    def _priced(self, provider: str, model: str, editions: object) -> Iterator[tuple[str, Decimal]]:
        whose = f"{provider} {model}"
        for edition, value in self._members(editions, whose):
            known = self._editions[provider, model]
            if not self._is_known(edition, known, f"edition {_shown(edition)} of {whose}"):
                continue
            price = self._price(f"{whose} {_shown(edition)}", value)
            if price is not None:
                yield edition, price

    def _models(self, provider: str) -> Collection[str]:
        return {model for known, model in self._editions if known == provider}

    def _members(self, value: object, name: str) -> Iterator[tuple[str, object]]:
        """Yield the members of an object; a repeated one is a problem, and so is a value without any."""
        if not isinstance(value, _Pairs):
            self.problems.append(f"What stands under {name} holds no prices. {_EXAMPLE}")
            return
        seen: set[str] = set()
        for member, content in value.members:
            if member in seen:
                self.problems.append(f"{_shown(member)} stands twice in {name}: nobody knows which counts.")
            seen.add(member)
            yield member, content

    def _is_known(self, name: str, known: Collection[str], said: str) -> bool:
        if name not in known:
            self.problems.append(f"There is no {said} to give a price to. {_instead(name, known)}")
        return name in known

    def _price(self, name: str, value: object) -> Decimal | None:
        try:
            price = decimal_number(value) if isinstance(value, str) else _number(value)
        except ValueError as error:
            self.problems.append(f"The price of {name} is no number of US dollars: {error}.")
            return None
        if price is None:
            problem = "is no number of US dollars."
        elif price < 0:
            problem = "is below zero."
        elif 0 < price < Decimal(1) / MICRO:
            problem = "is less than a millionth of a dollar a second, which would count as nothing."
        elif price > DEAREST:
            problem = f"is more than {DEAREST} dollars a second, so it cannot be meant in dollars."
        else:
            return price
        self.problems.append(f"The price of {name} {problem}")
        return None


def _number(value: object) -> Decimal | None:
    """Read a finite number as JSON writes it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    price = Decimal(value)
    return price if price.is_finite() else None


def _instead(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name.casefold(), known, n=1)
    if close:
        return f"Did you mean {_shown(close[0])}?"
    return f"There is {', '.join(map(_shown, sorted(known)))}."


def _shown(name: str) -> str:
    """Show a name of the file in one line, the empty one too."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in name)
    return f"“{plain[:_LONGEST_NAME]}”" if not plain or len(plain) > _LONGEST_NAME else plain
