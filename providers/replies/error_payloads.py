"""The error that a gateway reports, from the many places where it may stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from providers.http import wire

_WORDS: Final = (
    *("message", "msg", "detail", "reason", "fail_reason", "error_message", "error_description", "error"),
    *("errors", "errorMessage", "errMsg", "error_msg", "description", "title"),
)
_NO_PAYLOAD: Final = frozenset({"", "0", "200", "ok", "success", "succeed", "succeeded"})
_DEEPEST = 8
_TOO_MANY_DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPayload:
    """`code` and `kind` are the gateway's identifiers, `said` its words, as they came."""

    said: str = ""
    code: str = ""
    kind: str = ""
    upstream_status: int | None = None

    @property
    def identifiers(self) -> str:
        return f"{self.code} {self.kind}".casefold()

    @property
    def number(self) -> int | None:
        is_number = self.code.isascii() and self.code.isdigit() and len(self.code) < _TOO_MANY_DIGITS
        return int(self.code) if is_number else None

    def __str__(self) -> str:
        known = " ".join(part for part in (self.code, self.kind) if part and part not in self.said)
        if self.said and known:
            return f"{self.said} ({known})"
        return self.said or known


def error_payload(document: wire.Document) -> ErrorPayload | None:
    """Find the error of a whole reply: its `error`, else its own `message`, `detail` or `code`."""
    inner = _read(document.get("error"))
    outer = _read({name: value for name, value in document.items() if name != "error"})
    if inner is None or outer is None:
        return inner or outer
    return ErrorPayload(
        said=inner.said or outer.said,
        code=inner.code or outer.code,
        kind=inner.kind or outer.kind,
        upstream_status=inner.upstream_status or outer.upstream_status,
    )


def reason(*candidates: object) -> str:
    """Say why a task failed, by the first candidate that gives a reason."""
    found = _telling(candidates)
    return "" if found is None else str(found)


def reason_code(*candidates: object) -> str | None:
    """Return the code of the error that `reason` shows, if it has one."""
    found = _telling(candidates)
    return None if found is None else found.code or None


def _telling(candidates: Iterable[object]) -> ErrorPayload | None:
    """Return the first candidate that gives a reason. A link is none: some gateways put the clip's there."""
    said = (value for value in candidates if wire.link(value) is None)
    return next((found for value in said if (found := _read(value)) is not None and str(found)), None)


def _read(value: object, depth: int = 0) -> ErrorPayload | None:
    if isinstance(value, bool) or depth > _DEEPEST:
        return None
    if isinstance(value, int):
        return ErrorPayload(code=str(value)) if value else None
    if isinstance(value, str):
        return None if value.strip().casefold() in _NO_PAYLOAD else _read_words(value.strip(), depth)
    if (inner := wire.first(value)) is not None:
        return _read(inner, depth + 1)
    return _read_object(found, depth) if (found := wire.part(value)) else None


def _read_words(words: str, depth: int) -> ErrorPayload:
    """Read a text; an error that a gateway passes on as JSON inside it says more than the text."""
    inside, _ = wire.json_within(words)
    passed_on = (_read(value, depth + 1) for value in map(wire.part, inside) if value)
    return next((found for found in passed_on if found is not None and found.said), ErrorPayload(said=words))


def _read_object(value: wire.Document, depth: int) -> ErrorPayload | None:
    parts = [(name, part) for name in _WORDS if (part := _read(value.get(name), depth + 1))]
    name, first = parts[0] if parts else ("", ErrorPayload())
    # Words have no code, unless it is that of an error which was passed on inside them.
    own = ErrorPayload(code=_identifier(value.get("code")), kind=_identifier(value.get("type")))
    is_passed_on = isinstance(value.get(name), str) and bool(first.code or first.kind)
    inner, outer = (first, own) if is_passed_on else (own, first)
    found = ErrorPayload(
        said=first.said,
        code=inner.code or outer.code,
        kind=inner.kind or outer.kind,
        upstream_status=_status(value.get("upstream_status")) or first.upstream_status,
    )
    return found if found != ErrorPayload() else None


def _identifier(value: object) -> str:
    """Return a code or type as words; 0, 200 and `success` are ways to say that there is none."""
    if isinstance(value, bool):
        return ""
    found = str(value) if isinstance(value, int) else wire.text(value)[:80]
    return "" if found.casefold() in _NO_PAYLOAD else found


def _status(value: object) -> int | None:
    return ErrorPayload(code=_identifier(value)).number
