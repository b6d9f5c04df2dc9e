"""The outcome of a paid request: for each surface one table that decides about money.

`table` builds it. Its rows are read from the top and the first that fits decides; each says where it
comes from. A row looks at the status and at the shape of the answer, never at the meaning of its words: words
do not decide whether something was made. They only decide who can act on a refusal
(`providers/replies/refusals.py`). An answer that no document calls a refusal has an unknown outcome.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Final, TypeAlias

import httpx

from core.model.errors import Refusal
from providers.http import wire
from providers.replies.error_payloads import ErrorPayload, reason

NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The only row above the tables: no name, no connection, no TLS, no free place in the pool. httpx's own
transport raises these before the first byte of a request, and only then."""

_LONGEST_WAIT: Final = timedelta(minutes=15)
_SHORTEST_WAIT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the tables look at.

    `document` is the JSON object, None where the body is cut or is none. `names_task`: a task's id stands
    where the surface's document has it; `has_id`: one stands anywhere. `asks_to_wait`: there is a
    `Retry-After`.
    """

    status: int
    document: wire.Document | None
    error: ErrorPayload | None = None
    names_task: bool = False
    has_id: bool = False
    asks_to_wait: bool = False


class Shape(Enum):
    """The form of an answer."""

    TASK = "names its task where the document says"
    ID = "names a task elsewhere"
    NO_JSON = "is cut, empty, a page, or no JSON object"
    ERROR = "is JSON with words or a code, without `data`"
    FAILED_OBJECT = "is AnyInt's create object, failed, with an `error` and no id"
    KLING_ERROR = "is Kling's envelope and nothing else, code 1000 to 1304, `data` empty"
    UPSTREAM_ERROR = "is JSON with a code or an `upstream_status`"
    ANYTHING = "is anything"


class Known(Enum):
    """What an answer proves, where it does not refuse."""

    CREATED = "created"
    NOTHING = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """What an answer with one of these statuses and this shape means; a `Refusal` made nothing."""

    statuses: Collection[int]
    shape: Shape
    outcome: Known | Refusal
    source: str


Table: TypeAlias = Sequence[Row]

SUCCESS: Final = range(200, 300)
_EVERY: Final = range(1000)
BUSY_STATUS: Final = 429

_FIRST: Final[Table] = (
    Row(SUCCESS, Shape.TASK, Known.CREATED, "AnyInt, Create response; WorldRouter, Create a task; Kling"),
    Row(_EVERY, Shape.ID, Known.NOTHING, "an error for a task that exists: seen with 200, 400 and 429"),
    Row(
        {*_EVERY} - {BUSY_STATUS},
        Shape.NO_JSON,
        Known.NOTHING,
        "no gateway documents a page or half an answer",
    ),
    Row(
        {BUSY_STATUS},
        Shape.ANYTHING,
        Refusal.BUSY,
        "WorldRouter, Notes and limits; Kling, Error code 1302, 1303",
    ),
)
_ERRORS: Final[Table] = (
    Row(
        {400}, Shape.ERROR, Refusal.REQUEST, "RFC 9110 15.5.1; WorldRouter, Troubleshooting; Kling 1200-1301"
    ),
    Row({401}, Shape.ERROR, Refusal.CONFIGURATION, "RFC 9110 15.5.2; Kling, Error code 1000-1004"),
    Row({402}, Shape.ERROR, Refusal.CREDIT, "WorldRouter, Troubleshooting: kling_balance_too_low"),
    Row(
        {403},
        Shape.ERROR,
        Refusal.CONFIGURATION,
        "WorldRouter, Troubleshooting: kling_team_required; Kling 1103",
    ),
    Row(
        {404, 405, 415},
        Shape.ERROR,
        Refusal.CONFIGURATION,
        "RFC 9110 15.5.5, 15.5.6, 15.5.16; Kling 1202, 1203",
    ),
    Row({413, 422}, Shape.ERROR, Refusal.REQUEST, "RFC 9110 15.5.14, 15.5.21"),
)
_LAST: Final[Table] = (
    Row(_EVERY, Shape.ANYTHING, Known.NOTHING, "no document says that it makes nothing; AnyInt: 503 passes"),
)


def table(*own: Row) -> Table:
    """Return the table of a surface: `own` are the refusals that its document adds to the common ones."""
    return (*_FIRST, *own, *_ERRORS, *_LAST)


COMMON: Final = table()
ANYINT: Final = table(
    Row(
        SUCCESS,
        Shape.FAILED_OBJECT,
        Refusal.REQUEST,
        "AnyInt, Create response: error when task creation fails",
    )
)
NATIVE: Final = table(
    Row(SUCCESS, Shape.KLING_ERROR, Refusal.REQUEST, "Kling, Error code: the request is not processed")
)
WORLDROUTER: Final = table(
    Row(
        {424}, Shape.UPSTREAM_ERROR, Refusal.UPSTREAM, "WorldRouter, Troubleshooting: no task, nothing billed"
    )
)


def add_safe_statuses(of: Table, statuses: Collection[int]) -> Table:
    """Add the errors after which, by the operator's word, nothing is made, below all documented ones."""
    theirs = {status for status in statuses if status not in SUCCESS}
    return (*of[: -len(_LAST)], Row(theirs, Shape.ERROR, Refusal.UPSTREAM, "the operator's word"), *_LAST)


def decide(evidence: Evidence, by: Table) -> Row:
    """Return the row that decides; the last row of every table takes what no other row takes."""
    return next(row for row in by if evidence.status in row.statuses and _LOOKS[row.shape](evidence))


def _is_failed_object(evidence: Evidence) -> bool:
    document = evidence.document or {}
    is_create_object = wire.text(document.get("object")) or wire.text(document.get("model"))
    has_failed = wire.text(document.get("status")).casefold() in {"failed", "cancelled", "canceled"}
    return bool(is_create_object and has_failed and reason(document.get("error")))


def _is_kling_error(evidence: Evidence) -> bool:
    document = evidence.document or {}
    number = ErrorPayload(code=_as_code(document.get("code"))).number
    is_envelope = document.keys() <= {"code", "message", "msg", "request_id", "data"}
    return is_envelope and number in range(1000, 1305) and not document.get("data")


def _is_upstream_error(evidence: Evidence) -> bool:
    found = evidence.error
    return found is not None and (bool(found.code) or found.upstream_status is not None)


def _as_code(value: object) -> str:
    return str(value) if isinstance(value, int | str) else ""


_LOOKS: Final[Mapping[Shape, Callable[[Evidence], bool]]] = {
    Shape.TASK: lambda seen: seen.names_task,
    Shape.ID: lambda seen: seen.has_id,
    Shape.NO_JSON: lambda seen: seen.document is None,
    Shape.ERROR: lambda seen: seen.error is not None and not (seen.document or {}).get("data"),
    Shape.FAILED_OBJECT: _is_failed_object,
    Shape.KLING_ERROR: _is_kling_error,
    Shape.UPSTREAM_ERROR: _is_upstream_error,
    Shape.ANYTHING: lambda _: True,
}


def retry_after(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """Read `Retry-After`, between a second and a quarter of an hour; None where it gives no time.

    A date is counted from the answer's own `Date`, so that a wrong clock on either side does not matter.
    """
    value = headers.get("Retry-After", "").strip()
    seconds = _seconds(value)
    if seconds is None:
        at = _date(value)
        if at is None:
            return None
        seconds = (at - (_date(headers.get("Date", "")) or now)).total_seconds()
    longest, shortest = _LONGEST_WAIT.total_seconds(), _SHORTEST_WAIT.total_seconds()
    return timedelta(seconds=max(shortest, min(longest, seconds)))


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return None if math.isnan(seconds) else seconds


def _date(value: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
