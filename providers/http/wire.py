"""Reads gateways' answers: JSON that may be odd, and text that may hold secrets."""

from __future__ import annotations

import json
import re
import zlib
from typing import Annotated, Any, TypeAlias, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from providers.http.decompression import BodyTooLarge, unpack_body
from providers.http.redaction import redact

Document: TypeAlias = dict[str, Any]

LONGEST_SAYING = 300
_LONGEST_ID = 1024
_LONGEST_PLAIN = 2000
_LAST_BYTES = 8

_DECODER = json.JSONDecoder(parse_constant=lambda _: None, strict=False)
_BRACKET = re.compile(r"[{\[]")
_PYTHONS_OBJECT = re.compile(r"[{\[]\s*'")
_PYTHONS_WORD = re.compile(r"""'((?:[^'\\]|\\.)*)'|"(?:[^"\\]|\\.)*"|\b(?:None|True|False)\b""")
_PYTHONS_CONSTANTS = {"None": "null", "True": "true", "False": "false"}
_MOST_BRACKETS = 16
"""In how many places of a text JSON is looked for, so that no text costs more than so many readings."""

_QUERY = re.compile(r"(https?://[^\s?#\"'<>]+)[?#][^\s\"'<>]*", re.IGNORECASE)
_USER = re.compile(r"(https?://)[^\s/@]+@", re.IGNORECASE)
_BEARER = re.compile(r"\b(Bearer)\s+\S+", re.IGNORECASE)


class Wire(BaseModel):
    """A reply as it came. Fields are read leniently, one by one; unknown ones are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def part(value: object) -> Document:
    """Return an object as it is, and an empty one for anything else."""
    return cast("Document", value) if isinstance(value, dict) else {}


def only_part(value: object) -> Document:
    """Return an object, also the only one of a list or of a text, and an empty one for anything else."""
    if isinstance(value, str):
        return document(value.encode(errors="replace")) or {}
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return part(items[0]) if len(items) == 1 else {}


Part: TypeAlias = Annotated[Document, BeforeValidator(only_part), Field(default_factory=dict)]
"""A part of a reply that should be an object: anything else counts as an empty one."""


def whole_object(body: bytes, encoding: str, cap: int) -> bytes | None:
    """Return the part of a body that has arrived if it is a JSON object from end to end, else None."""
    try:
        plain, _ = unpack_body(body, encoding, cap)
    except (zlib.error, BodyTooLarge):
        return None
    is_over = b"}" in plain[-_LAST_BYTES:]  # spares reading most beginnings
    return plain if is_over and document(plain) is not None else None


def document(body: bytes) -> Document | None:
    """Return the JSON object of a body, whatever its content type says, or None where there is none."""
    value = _decode(body, _DECODER)
    return cast("Document", value) if isinstance(value, dict) else None


def answer_document(body: bytes) -> Document | None:
    """Return the answer to a question, also as a list, as JSON in a string, or among other things.

    Several objects become `data`, as a gateway itself writes them. A web page answers nothing.
    """
    value, text = _decode(body, _DECODER), plain_text(body).strip()
    if isinstance(value, dict):
        return cast("Document", value)
    if isinstance(value, list):
        return {"data": value} if value else None
    among, _ = json_within(value if isinstance(value, str) else "" if text.startswith("<") else text)
    found = [part(entry) for entry in among if part(entry)]
    return found[0] if len(found) == 1 else {"data": found} if found else None


def every_field(body: bytes) -> object:
    """Return the JSON of a body, where a repeated name has all its values as a list; else its text."""
    value = _decode(body, _KEEPS_EVERYTHING)
    return plain_text(body) if value is None else value


def plain_text(body: bytes) -> str:
    """Return a body as text, in whichever encoding of JSON it is."""
    return body.decode(json.detect_encoding(body), errors="replace")


def _decode(body: bytes, decoder: json.JSONDecoder) -> object:
    try:
        return cast("object", decoder.decode(plain_text(body)))
    except (ValueError, RecursionError):
        return None


def _with_every_member(members: list[tuple[str, object]]) -> Document:
    found: dict[str, list[object]] = {}
    for name, value in members:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


_KEEPS_EVERYTHING = json.JSONDecoder(
    parse_constant=lambda _: None, strict=False, object_pairs_hook=_with_every_member
)


def json_within(words: str) -> tuple[tuple[object, ...], str]:
    """Return the JSON objects and lists that stand among words, and the words without them.

    JSON as Python prints it is read as well: gateways written in it put it into their errors.
    """
    found: list[object] = []
    rest, at = "", 0
    words = _as_json(words) if _PYTHONS_OBJECT.search(words) else words
    for _ in range(_MOST_BRACKETS):
        bracket = _BRACKET.search(words, at)
        if bracket is None:
            break
        try:
            value, end = cast("tuple[object, int]", _DECODER.raw_decode(words, bracket.start()))
        except (ValueError, RecursionError):
            end = bracket.end()
            rest += words[at:end]
        else:
            found.append(value)
            rest += words[at : bracket.start()]
        at = end
    return tuple(found), rest + words[at:]


def _as_json(words: str) -> str:
    """Write strings and constants as JSON does, where they stand as Python prints them."""

    def written(match: re.Match[str]) -> str:
        if match[0] in _PYTHONS_CONSTANTS:
            return _PYTHONS_CONSTANTS[match[0]]
        return match[0] if match[1] is None else json.dumps(match[1].replace("\\'", "'"))

    return _PYTHONS_WORD.sub(written, words)


def text(value: object) -> str:
    """Return a string that is not blank, else the empty string."""
    return value.strip() if isinstance(value, str) else ""


def first(value: object) -> object:
    """Return the first item of a list, else None."""
    return next(iter(cast("list[object]", value)), None) if isinstance(value, list) else None


def link(value: object) -> str | None:
    """Return an absolute web link, else None."""
    found = text(value)
    return found if found.lower().startswith(("https://", "http://")) and found.isprintable() else None


def task_id(*candidates: object) -> str | None:
    """Return the first candidate that can be a task's id; a whole number counts, a fraction never."""
    for value in candidates:
        found = str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)
        if found and found not in {".", ".."} and found.isprintable() and len(found) <= _LONGEST_ID:
            return found
    return None


def plain_words(body: bytes) -> str:
    """Return a body that is text for people, and nothing of a web page or of bytes."""
    words = body[:_LONGEST_PLAIN].decode(errors="ignore").strip()
    is_text = not words.startswith(("<", "{", "[")) and "\0" not in words
    return words if is_text else ""


def explain(words: str, key: str = "") -> str:
    """Cut a gateway's text to a sentence or two: no key, no link's query, one line."""
    if not words:
        return ""
    words = redact(words, key)
    words = _USER.sub(r"\1", _QUERY.sub(r"\1", _BEARER.sub(r"\1 …", words)))
    words = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    return words if len(words) <= LONGEST_SAYING else words[: LONGEST_SAYING - 1] + "…"
