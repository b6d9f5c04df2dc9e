"""A gateway's answer about a task, in many spellings, as one value of ours."""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.model.job import Ticket
from core.model.video import Result
from core.ports import Failed, Finished, Progress, Stage, Unlocated, Unproved, Working
from providers.http import wire
from providers.replies.clip_links import clip_links
from providers.replies.error_payloads import reason, reason_code
from providers.replies.task_identity import is_named, is_named_by_layer, layers, named_ids

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
        "queued pending submitted created not_start in_queue inqueue queueing waiting throttled suspended "
        "starting accepted"
    ),
    State.RUNNING: (
        "processing in_progress inprogress running generating started rendering initializing initialising "
        "preparing preprocessing unknown"
    ),
    State.SUCCEEDED: "completed complete succeeded succeed success done finished",
    State.FAILED: (
        "failed failure fail error errored rejected moderated aborted blocked nsfw content_filtered "
        "content_moderated"
    ),
    State.CANCELLED: "cancelled canceled cancel deleted",
    State.EXPIRED: "expired timeout timed_out",
}
_STATES: Final = {word: state for state, words in _SPELLINGS.items() for word in words.split()}
_FAILURES: Final = frozenset({State.FAILED, State.CANCELLED, State.EXPIRED})
_NAMES: Final = ("task_status", "status", "state")
_LONGEST_WORD: Final = 40
_LONGEST_NAME: Final = 80
_MOST_DIGITS: Final = 4
_MOST_UNKNOWN: Final = 100
_OF_WHAT: Final = re.compile(r"^((task|job|video|generation)_)?(stat(us|e)_)?(?=.)")
_unknown_spellings: set[str] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One reply about a task, as fields: `link` is where the clip is, `error_text` what went wrong.

    `code` is the gateway's identifier of that error. `has_content_route` means that a clip can be
    fetched without a link. `model` and `seconds` describe the clip, `links` are all its links.
    """

    task_id: str | None
    status: object
    progress: object = None
    link: str | None = None
    error_text: str = ""
    code: str | None = None
    has_content_route: bool = False
    links: tuple[str, ...] = ()
    model: object = None
    seconds: object = None


def state(status: object) -> State:
    """Normalise a status; an unknown one is logged once and means: still working."""
    word = _normalise(status)
    found = _STATES.get(word, State.UNKNOWN)
    if found is State.UNKNOWN and word and word not in _unknown_spellings:
        _note_unknown(word)
    return found


def find_status(document: wire.Document) -> object:
    """Return the status that an answer gives its task, under any of its names and in any wrapping."""
    return _first_known(word for layer in [*layers(document)][::-1] for word in _words(layer))


def _words(layer: wire.Document) -> tuple[object, ...]:
    return tuple(layer.get(name) for name in _NAMES)


def _first_known(words: Iterable[object]) -> object:
    """Return the first word that is a status we know, else the first that says anything.

    The words come from the inside out: a success around an unknown word is that of the question.
    """
    said = [word for word in words if _as_word(word)]
    known = next((word for word in said if _normalise(word) in _STATES), None)
    is_around = known is not None and known is not said[0]
    if known is None or (is_around and _STATES[_normalise(known)] is State.SUCCEEDED):
        return said[0] if said else None
    return known


def _normalise(status: object) -> str:
    """Return a status as our table spells it: gateways also write `TASK_STATUS_SUCCEED` and `In Progress`."""
    word = _as_word(status)[:_LONGEST_WORD].casefold().replace("-", "_").replace(" ", "_")
    return _OF_WHAT.sub("", word)


def _as_word(status: object) -> str:
    """Return a status as a word; a number, a list or an object is an unknown one."""
    is_none = status is None or isinstance(status, str)
    return wire.text(status) if is_none else json.dumps(status)


def _note_unknown(word: str) -> None:
    """Log a word once; a gateway that makes up new ones for ever does not fill log and memory."""
    if len(_unknown_spellings) < _MOST_UNKNOWN:
        _unknown_spellings.add(word)
        log.warning("a gateway uses a status that is not known: %s", wire.explain(word))


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


def progress(report: Report, now: datetime) -> Working | Unlocated | Finished | Failed:
    """Say what a report means."""
    found = state(report.status)
    match found:
        case State.FAILED | State.CANCELLED | State.EXPIRED:
            return Failed(found.value, report.error_text or "the provider gave no reason", report.code)
        case State.SUCCEEDED if report.link is None and report.error_text and not report.has_content_route:
            return Failed(State.FAILED.value, report.error_text, report.code)
        case State.SUCCEEDED if report.link is not None or report.has_content_route:
            return Finished(_result(report, now))
        case State.SUCCEEDED:
            return Unlocated(percent(report.progress))
        case State.QUEUED:
            return Working(Stage.QUEUED, percent(report.progress))
        case _:
            return Working(Stage.RUNNING, percent(report.progress))


def read_answer(
    report: Report, document: wire.Document, ticket: Ticket, now: datetime, address: str
) -> Progress:
    """Return what the answer to a question about a task means, by whether it names the task.

    `address` was asked, and links are resolved against it.
    """
    if state(report.status) in {State.SUCCEEDED, State.UNKNOWN}:
        links = clip_links(document, address, has_own_route=report.has_content_route)
        report = _with_links(report, links)
    read = progress(report, now)
    if not is_named(document, ticket):
        return _about_another(read, report, named_ids(document), now)
    if "data" in document and (failure := _failure_outside(document, ticket, report)) is not None:
        return failure
    return _about_ours(read, report, document, now)


def _about_ours(
    read: Working | Unlocated | Finished | Failed, report: Report, document: wire.Document, now: datetime
) -> Progress:
    """Read an answer that names the task: an ending that contradicts itself is not believed at once."""
    if isinstance(read, Finished) and report.error_text and not report.links:
        return _try_own_id(report, now)
    if report.status is not None and state(report.status) is State.UNKNOWN and report.links:
        return _perhaps_finished(report, now)
    if isinstance(read, Unlocated) and not any(map(_as_word, _words([*layers(document)][-1]))):
        return Working(Stage.RUNNING, read.percent)  # only what is around the task reports success
    if isinstance(read, Failed) and _is_about_the_question(document):
        return Unproved(read, names_task=True)
    return read


def _with_links(report: Report, found: tuple[str, ...]) -> Report:
    """Add the links that stand elsewhere. A content route of our own comes before them."""
    links = tuple(dict.fromkeys((*filter(None, [report.link]), *found)))
    link = report.link if report.has_content_route else next(iter(links), None)
    return replace(report, link=link, links=links)


def _about_another(
    read: Working | Unlocated | Finished | Failed, report: Report, ids: tuple[str, ...], now: datetime
) -> Progress:
    """Read an answer that does not name the task: "working" is harmless, "has ended" proves nothing."""
    if isinstance(read, Failed):
        return Unproved(read, ids)
    if isinstance(read, Working):
        return replace(read, aliases=ids) if ids else read
    by_id = Result(url=None, seen_at=now, is_proved=False) if report.has_content_route else None
    offered = replace(report, link=next(iter(report.links), None))
    return Unproved(Finished(_result(offered, now)), ids, by_id=by_id)


def _try_own_id(report: Report, now: datetime) -> Unproved:
    """Read a finished task that has an error in place of a link: our own id may have the clip."""
    failed = Failed(State.FAILED.value, report.error_text, report.code)
    return Unproved(failed, names_task=True, by_id=Result(url=None, seen_at=now, is_proved=False))


def _perhaps_finished(report: Report, now: datetime) -> Unproved:
    """Read an unknown state beside a link to a clip: fetching the link shows whether the clip is made."""
    found = _result(report, now)
    by_id = Result(url=None, seen_at=now) if report.has_content_route else found
    return Unproved(Finished(found), names_task=True, by_id=replace(by_id, is_proved=False))


def _failure_outside(document: wire.Document, ticket: Ticket, report: Report) -> Failed | None:
    """Find a layer that names the task and has failed: what it wraps, and what that says, is over then."""
    for layer in layers(document):
        found = state(_first_known(_words(layer)))
        if found in _FAILURES and is_named_by_layer(layer, ticket):
            words = (layer.get("fail_reason"), layer.get("error"), layer.get("message"))
            said = wire.explain(reason(*words)) or report.error_text or "the provider gave no reason"
            return Failed(found.value, said, reason_code(*words) or report.code)
    return None


def _is_about_the_question(document: wire.Document) -> bool:
    """Whether an answer complains in an envelope, `status: error` and a message: that may pass."""
    return wire.text(document.get("status")).casefold() == "error" and bool(
        wire.text(document.get("message"))
    )


def _result(report: Report, now: datetime) -> Result:
    model = wire.text(report.model)[:_LONGEST_NAME] or None
    others = tuple(link for link in report.links if link != report.link)
    seconds = _seconds(report.seconds)
    return Result(url=report.link, seen_at=now, others=others, model=model, seconds=seconds)


def _seconds(value: object) -> int | None:
    """Read a length such as 5, "5" or "5s"."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else wire.text(value)
    digits = text.lower().removesuffix("s").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None
