"""Reads numbers that a person wrote: plain decimal digits, and nothing that could be read in two ways."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_PLAIN: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_WHOLE: Final = re.compile(r"-?[0-9]{1,30}")
_LIKE_ONE: Final = frozenset("+-.,'\u2019_ \u00a0\u202f$€\u066b\u066cxXeE")
_LONGEST_SHOWN: Final = 40


def whole_number(text: str) -> int:
    """Read a whole number such as 10. Raise ValueError with what is wrong and what to write."""
    return int(_plain(text, _WHOLE, "a whole number", "10"))


def decimal_number(text: str) -> Decimal:
    """Read a number such as 12.50, never 1,50 or 1_0 or 1e1. Raise ValueError as `whole_number` does."""
    return Decimal(_plain(text, _PLAIN, "a number", "12.50"))


def _plain(text: str, pattern: re.Pattern[str], what: str, example: str) -> str:
    if pattern.fullmatch(text):
        return text
    if _resembles_number(text):
        shown = text[:_LONGEST_SHOWN]
        raise ValueError(
            f"“{shown}” is not {what} in plain digits. Write only 0 to 9 and a point, such as {example}"
        )
    raise ValueError(f"not {what}")


def _resembles_number(text: str) -> bool:
    """Whether it may be shown: a secret in the wrong place is no number."""
    return (
        text.isprintable()
        and any(map(str.isdigit, text))
        and all(c.isdigit() or c in _LIKE_ONE for c in text)
    )
