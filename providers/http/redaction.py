"""Takes a key out of a gateway's answer, in any spelling, before the answer is stored or shown."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import Final

HIDDEN: Final = "…"
_HIDDEN_IN_BYTES: Final = "***"
_SHORTEST_IN_CODE: Final = 8
"""The length from which a key is also looked for in base64: of a shorter one nothing certain remains."""
_SHORTEST_PIECE: Final = 12
"""How many characters in a row of the key are hidden: fewer reveal little, and may be chance."""
_ENCODINGS: Final = ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""The encodings that JSON may have (RFC 4627, section 3); the first bytes of a body show which one."""


def redact(words: str, key: str) -> str:
    """Return the text without the key: as it is, in part, in another case, encoded, escaped."""
    return _without_pieces(_pattern(key).sub(HIDDEN, words), key, HIDDEN) if key else words


def redact_body(body: bytes, key: str) -> bytes:
    """Return a body as it came, without the key, in every encoding that JSON may have."""
    if not key:
        return body
    for encoding in _ENCODINGS:
        # Latin-1 gives each byte one character, so that every body is text, and back again as it was.
        text = _pattern(key, encoding).sub(_as_bytes(_HIDDEN_IN_BYTES, encoding), body.decode("latin-1"))
        body = text.encode("latin-1")
    return _without_pieces(body.decode("latin-1"), key, _HIDDEN_IN_BYTES).encode("latin-1")


def _without_pieces(words: str, key: str, hidden: str) -> str:
    """Hide what shares a run of characters with the key that is too long for chance."""
    size, lower = _SHORTEST_PIECE, words.lower()
    if len(lower) != len(words):
        lower = words  # some capitals have two small letters
    pieces = _pieces(key)
    spans: list[tuple[int, int]] = []
    for start in (at for at in range(len(lower) - size + 1) if lower[at : at + size] in pieces):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], start + size)
        else:
            spans.append((start, start + size))
    for start, end in reversed(spans):
        words = f"{words[:start]}{hidden}{words[end:]}"
    return words


@lru_cache(maxsize=64)
def _pieces(key: str) -> frozenset[str]:
    lower = key.lower()
    return frozenset(lower[at : at + _SHORTEST_PIECE] for at in range(len(lower) - _SHORTEST_PIECE + 1))


@lru_cache(maxsize=64)
def _pattern(key: str, encoding: str = "") -> re.Pattern[str]:
    spelled = "".join(_spellings(character, encoding) for character in key)
    return re.compile(
        "|".join([spelled, *(_literal(code, encoding) for code in _in_code(key))]), re.IGNORECASE
    )


def _spellings(character: str, encoding: str) -> str:
    """Match a character: itself, perhaps with backslashes, or its number as JSON, URLs and pages write it."""
    code = ord(character)
    written = [
        *(_slashes(encoding) + _literal(end, encoding) for end in (character, f"u{code:04x}")),
        *(_literal(f"%{twice}{code:02x}", encoding) for twice in ("", "25")),
        *(_literal(form, encoding) for form in (f"&#{code};", f"&#x{code:x};", escape(character))),
    ]
    return f"(?:{'|'.join(written)})"


def _slashes(encoding: str) -> str:
    return f"(?:{_literal(chr(92), encoding)})*"


def _literal(words: str, encoding: str) -> str:
    return re.escape(_as_bytes(words, encoding))


def _as_bytes(words: str, encoding: str) -> str:
    return words.encode(encoding).decode("latin-1") if encoding else words


def _in_code(key: str) -> Iterator[str]:
    """Yield the key in hexadecimal, and what base64 of any text with the key inside is certain to contain."""
    if len(key) < _SHORTEST_IN_CODE:
        return
    yield key.encode().hex()
    for before in range(3):
        coded = b64encode(b"\0" * before + key.encode()).decode().rstrip("=")
        certain = coded[(before * 8 + 5) // 6 : (before + len(key)) * 8 // 6]
        yield from {certain, certain.replace("+", "-").replace("/", "_")}
