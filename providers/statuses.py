"""What gateways say of a task, in many spellings, as one value of ours."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.ports import Failed, Finished, Progress, Stage, Working
from core.video import Result
from providers import wire

log = logging.getLogger(__name__)


class State(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


_SPELLINGS: Final = {
    State.QUEUED: (
        "queued pending submitted created not_start in_queue waiting throttled suspended starting accepted"
    ),
    State.RUNNING: "processing in_progress running generating started rendering",
    State.SUCCEEDED: "completed complete succeeded succeed success done finished",
    State.FAILED: "failed failure fail error errored rejected moderated",
    State.CANCELLED: "cancelled canceled cancel deleted",
    State.EXPIRED: "expired timeout timed_out",
}
_STATES: Final = {word: state for state, words in _SPELLINGS.items() for word in words.split()}
_unknown_spellings: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One reply about a task, put in order: `link` is where the clip is, `complaint` what went wrong.

    `code` is the gateway's identifier of the complaint. `has_content_route` says that a clip can be
    fetched without a link.
    """

    task_id: str | None
    status: object
    progress: object = None
    link: str | None = None
    complaint: str = ""
    code: str | None = None
    has_content_route: bool = False


def state(status: object) -> State:
    """Normalise a status; one that nobody knows is logged once and means: still working."""
    word = wire.text(status).casefold().replace("-", "_").replace(" ", "_")
    found = _STATES.get(word, State.UNKNOWN)
    if found is State.UNKNOWN and word and word not in _unknown_spellings:
        _unknown_spellings.add(word)
        log.warning("a gateway uses a status that is not known: %s", wire.explained(word)[:40])
    return found


def percent(value: object) -> int | None:
    """Normalise a progress figure to 0…100; a fraction is written 0.45, a whole 1 is one percent."""
    if isinstance(value, str):
        return _percent_of_text(value.strip())
    if isinstance(value, float):
        return _percent_of_fraction(value) if math.isfinite(value) else None
    return max(0, min(100, value)) if isinstance(value, int) and not isinstance(value, bool) else None


def _percent_of_fraction(value: float) -> int:
    return max(0, min(100, int(value * 100 if 0 < value <= 1 else value)))


def _percent_of_text(words: str) -> int | None:
    digits = words.removesuffix("%").strip()
    try:
        value = float(digits) if "." in digits and not words.endswith("%") else int(float(digits))
    except (ValueError, OverflowError):
        return None
    return percent(value)


def progress(report: Report, now: datetime) -> Progress:
    """Say what a report means. A clip that is said to be ready but is nowhere counts as still working."""
    found = state(report.status)
    match found:
        case State.FAILED | State.CANCELLED | State.EXPIRED:
            return Failed(found.value, report.complaint or "the provider gave no reason", report.code)
        case State.SUCCEEDED if report.link is None and report.complaint:
            return Failed(State.FAILED.value, report.complaint, report.code)
        case State.SUCCEEDED if report.link is not None or report.has_content_route:
            return Finished(Result(url=report.link, seen_at=now))
        case State.SUCCEEDED:
            return Working(Stage.RUNNING, percent(report.progress), is_over=True)
        case State.QUEUED:
            return Working(Stage.QUEUED, percent(report.progress))
        case _:
            return Working(Stage.RUNNING, percent(report.progress))
