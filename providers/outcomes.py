"""What became of a paid request: the one table that decides about money.

Everything that is not listed here as never sent or as refused has an unknown outcome, whatever it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import httpx

from core.errors import Refusal
from providers import wire
from providers.complaints import Complaint, complaint

NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""What httpx's own transport raises before the first byte of a request, and only then."""

COMMON: Final[Mapping[int, Refusal]] = {
    400: Refusal.REQUEST,
    401: Refusal.CONFIGURATION,
    402: Refusal.CREDIT,
    403: Refusal.CONFIGURATION,
    404: Refusal.CONFIGURATION,
    405: Refusal.CONFIGURATION,
    413: Refusal.REQUEST,
    415: Refusal.CONFIGURATION,
    422: Refusal.REQUEST,
    429: Refusal.BUSY,
}
"""Statuses with which a gateway refuses. All but 429 need the gateway's own words to count."""

WORLDROUTER: Final = {**COMMON, 424: Refusal.UPSTREAM}
"""424 is documented: "No task was created and nothing was billed" (WorldRouter's Kling page)."""

_KLING_CODES: Final = {
    **dict.fromkeys((1000, 1001, 1002, 1003, 1004, 1103, 1202, 1203, 1304), Refusal.CONFIGURATION),
    **dict.fromkeys((1100, 1101, 1102), Refusal.CREDIT),
    **dict.fromkeys((1200, 1201, 1300, 1301), Refusal.REQUEST),
    **dict.fromkeys((1302, 1303), Refusal.BUSY),
}
"""Kling's own error codes, which gateways may pass on under any status (Kling's error code page)."""

_FORBIDS: Final = {"kling_team_required", "unsupported_model", "model_not_found", "invalid_api_key"}
_MONEY: Final = re.compile(
    r"balance|insufficient|quota|arrears|out of credit|not enough .{0,20}credit|billing|prepaid|resource pack"
)
_UNSUPPORTED_MODEL: Final = re.compile(
    r"(unsupported|unknown|invalid) model|model(_name)? .{0,80}(not (found|supported|exist)|is invalid)"
)
_THEIR_FAILURE: Final = re.compile(r"server|internal|timeout|timed out|unavailable|upstream|overload")
_ASKERS_FAULT: Final = 4
_GATEWAYS_FAULT: Final = 5
_KLING_FAILURES: Final = 5000
_TEMPORARY: Final = frozenset({408, 429})
_LONGEST_WAIT: Final = timedelta(minutes=15)
_SHORTEST_WAIT: Final = timedelta(seconds=1)


def refusal(status: int, document: wire.Document | None, table: Mapping[int, Refusal]) -> Refusal | None:
    """Say why a create was refused, or None where nothing proves that it was."""
    found = None if document is None else complaint(document)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None if found is None or document is None else _within_success(found, document)
    if status not in table:
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(found or Complaint())
    return None if found is None else _by_words(status, found, table[status])


def _within_success(found: Complaint, document: wire.Document) -> Refusal | None:
    """Read a refusal that came with a status of success: an `error`, or a `code` that is not zero."""
    number = found.number
    if number in _KLING_CODES:
        return _KLING_CODES[number]
    is_named = bool(document.get("error")) or (bool(found.code) and "code" in document)
    if (
        not is_named
        or _is_their_failure(number)
        or _THEIR_FAILURE.search(f"{found.identifiers} {found.said}".casefold())
    ):
        return None
    return Refusal.CREDIT if _is_about_money(found) else Refusal.REQUEST


def _is_their_failure(number: int | None) -> bool:
    """Whether a code is a status of the 500s or one of Kling's 5000s, which say nothing for certain."""
    return number is not None and (number // 100 == _GATEWAYS_FAULT or number >= _KLING_FAILURES)


def _too_many(found: Complaint) -> Refusal:
    if found.number in _KLING_CODES:
        return _KLING_CODES[found.number]
    return Refusal.CREDIT if _is_about_money(found) else Refusal.BUSY


def _by_words(status: int, found: Complaint, usual: Refusal) -> Refusal:
    """Refine what a status says by the gateway's code and words."""
    words = found.said.casefold()
    is_forbidden = bool(_FORBIDS & set(found.identifiers.split()))
    if is_forbidden or (status == HTTPStatus.BAD_REQUEST and _UNSUPPORTED_MODEL.search(words)):
        return Refusal.CONFIGURATION
    if found.number in _KLING_CODES:
        return _KLING_CODES[found.number]
    if usual is Refusal.UPSTREAM:
        return _upstream(found.upstream_status)
    if _MONEY.search(found.identifiers) or (status == HTTPStatus.FORBIDDEN and _MONEY.search(words)):
        return Refusal.CREDIT
    return usual


def _upstream(status: int | None) -> Refusal:
    """A maker's 4xx means that the request is wrong, except where it passes by itself."""
    if status is not None and status // 100 == _ASKERS_FAULT and status not in _TEMPORARY:
        return Refusal.REQUEST
    return Refusal.UPSTREAM


def _is_about_money(found: Complaint) -> bool:
    words = f"{found.identifiers} {found.said}".casefold()
    return _MONEY.search(words) is not None and "parallel task" not in words


def retry_after(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """Read `Retry-After`, between a second and a quarter of an hour; None where it says nothing.

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
