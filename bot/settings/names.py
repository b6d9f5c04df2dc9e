"""Names that look like settings and are none: a limit whose name is misspelt would be no limit at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from typing import Final

PREFIX: Final = "MATINEE"

_MONEY: Final = (
    *("BUDGET", "BUDGETS", "LIMIT", "LIMITS", "QUOTA", "CAP", "MAX", "MAXIMUM", "ALLOWANCE"),
    *("PRICE", "PRICES", "PRICING", "COST", "COSTS", "SPEND", "SPENDING", "MONEY"),
    *("USD", "DOLLAR", "DOLLARS", "PER", "DAILY", "MONTHLY"),
)
"""Words in the names of settings that bound what is spent."""

_ALIKE: Final = 0.8
_DISTANT: Final = 0.6
_SHORTEST: Final = 4
"""Shorter words resemble too many others to count as misspelt ones."""

NO_EFFECT: Final = "is no setting and has no effect"


NO_LIMIT: Final = "is empty, so there is no such limit. Write none if that is meant"


def bounds_spending(name: str) -> bool:
    """Whether a setting bounds what is spent in some time."""
    return "_PER_" in name.upper()


@dataclass(frozen=True, slots=True)
class Names:
    """What is wrong with names that were given; no value is in it.

    `problems` are sentences that begin with the name, and stop the start; `strange` are names of no setting.
    """

    problems: tuple[str, ...]
    strange: tuple[str, ...]


def check_names(
    given: Iterable[str], known: Collection[str], secrets: Collection[str], own: Collection[str] = ()
) -> Names:
    """Check the names; `known` are those of all settings, `secrets` of those that may come in a file.

    `own` are those of a file that belongs to this program alone: a limit without its prefix is ours there.
    """
    usable = {*known, *(f"{name}_FILE" for name in secrets)}
    problems: list[str] = []
    strange: list[str] = []
    for name in sorted(set(given)):
        bare = _bare(name.upper(), known)
        if name.upper() in usable or not (is_ours(name) or bare):
            continue
        if not is_ours(name) and name not in own:
            strange.append(name)
            continue
        whole = name.upper().removesuffix("_FILE")
        if whole in known:
            problems.append(f"{name}: only secrets are read from files. Give {whole} itself.")
            continue
        meant = bare or _meant(name.upper(), usable)
        if meant is None and not _is_about_money(name.upper()):
            strange.append(name)
            continue
        hint = meant or _nearest(name.upper(), usable)
        instead = f" Did you mean {hint}?" if hint else ""
        problems.append(f"{name}: {NO_EFFECT}.{instead} Correct it or take it out.")
    return Names(tuple(problems), tuple(strange))


def is_ours(name: str) -> bool:
    """Whether a name begins as ours do, or nearly so, also with invisible characters in it."""
    seen = "".join(letter for letter in name.upper() if letter.isprintable())
    return seen.startswith(PREFIX) or _is_alike(re.split(r"[^A-Z0-9]", seen)[0], PREFIX)


def _bare(name: str, known: Collection[str]) -> str | None:
    """Return the setting about money that is named here without the prefix, or with another's."""
    named = [one for one in known if f"_{name}".endswith(f"_{one.removeprefix(f'{PREFIX}_')}")]
    return max(filter(_is_about_money, named), key=len, default=None)


def _meant(name: str, usable: Collection[str]) -> str | None:
    """Return the setting that a name resembles, in its letters or with its words in another order."""
    words = sorted(_words(name))
    same = next((one for one in usable if one == _stem(name) or sorted(_words(one)) == words), None)
    return same or next(
        (one for one in get_close_matches(name, usable, n=3) if _is_alike(_stem(name), _stem(one))), None
    )


def _nearest(name: str, usable: Collection[str]) -> str | None:
    """Return the setting that has most in common with a name: a word at least, or most of its letters."""
    stems = {_stem(one): one for one in usable if one.startswith(PREFIX)}
    shared = [stem for stem in stems if set(_words(name)) & set(_words(stems[stem])) - {"PER"}]
    close = get_close_matches(_stem(name), shared, n=1, cutoff=0) or get_close_matches(
        _stem(name), stems, n=1, cutoff=_DISTANT
    )
    return stems[close[0]] if close else None


def _is_about_money(name: str) -> bool:
    return any(
        word in _MONEY or (len(word) > _SHORTEST and any(_is_alike(word, one) for one in _MONEY))
        for word in _words(name)
    )


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[^A-Z0-9]+", _stem(name)) if word]


def _stem(name: str) -> str:
    """Take away what all names have in common; it would make everything look alike."""
    return re.sub(rf"^{PREFIX}[^A-Z0-9]*|^[A-Z]*_", "", name, count=1)


def _is_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one, other).ratio() >= _ALIKE
