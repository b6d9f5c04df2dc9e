"""A job's row in the database: scalars in columns, its parts as JSON objects, times as microseconds."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from core.model.delivery import Delivery, Destination, Obstacle, Way
from core.model.errors import JobDamaged
from core.model.job import Charge, Job, JobState, Notice, Reason, Ticket
from core.model.job_outline import JobClass, Outline
from core.model.ledger import Booking, Entry
from core.model.limits import Limit
from core.model.video import Mode, Result, StoredVideo, VideoRequest
from core.ports import Event
from storage.sqlite import damaged_rows
from storage.sqlite.batch_writer import Row

IDENTITY: Final = ("id", "requester_id", "channel_id", "guild_id", "ordered_at", "parent_id")
"""Columns that no move changes."""

STANDING: Final = ("state", "version", "updated_at", "next_at", "actor", "detail")
"""Columns that every move writes."""

PARTS: Final = (
    "price",
    "attempts",
    "provider",
    "submitted_at",
    "request",
    "destination",
    "ticket",
    "result",
    "video",
    "delivery",
    "reason",
    "notice",
)
"""Columns that a move writes where they differ."""

READ: Final = ("id", "ordered_at", "parent_id", *STANDING, *PARTS)
"""Columns from which a job is read."""

_NOWHERE: Final = "none"
"""The provider of jobs that were rejected unsent, up to version 11."""

log = logging.getLogger(__name__)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

_STATES: Final = {str(state): state for state in JobState}

_parts: Final = attrgetter(*PARTS)
_decode: Final = json.JSONDecoder().raw_decode


def identity(job: Job) -> list[Any]:
    """Return the columns of IDENTITY."""
    return [job.id, *_place(job.destination), micros(job.ordered_at), job.parent_id]


def is_same_order(one: Job, other: Job) -> bool:
    """Whether the columns of IDENTITY are the same in both."""
    return (
        one.id == other.id
        and one.ordered_at == other.ordered_at
        and one.parent_id == other.parent_id
        and (one.destination is other.destination or _place(one.destination) == _place(other.destination))
    )


def _place(destination: Destination) -> tuple[int, int, int | None]:
    return destination.requester_id, destination.channel_id, destination.guild_id


def standing(job: Job) -> list[Any]:
    """Return the columns of STANDING."""
    return [
        job.state,
        job.version,
        micros(job.updated_at),
        None if job.next_at is None else micros(job.next_at),
        plain_text(job.actor),
        None if job.detail is None else plain_text(job.detail),
    ]


def parts(job: Job) -> list[Any]:
    """Return the columns of PARTS."""
    return [_plain(getattr(job, name)) for name in PARTS]


def bounds(job: Job, limits: Iterable[Limit]) -> list[list[Any]] | None:
    """Return the column of limits: those that concern the job, None where none does."""
    found = [
        [account.scope, account.id, account.period, limit.measure, limit.most]
        for limit in limits
        if (account := limit.account(job)) is not None
    ]
    return found or None


def changed_parts(before: Job, after: Job) -> dict[str, Any] | None:
    """Return those columns of PARTS that a move changes, None where it changes none."""
    old, new = _parts(before), _parts(after)
    if new == old:
        return None
    return {name: _plain(part) for name, part, known in zip(PARTS, new, old, strict=True) if part != known}


def micros(at: datetime) -> int:
    """Return whole microseconds since 1970 in UTC. A time without a zone is a TypeError."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def plain_text(text: str) -> str:
    """Replace what a text column cannot hold: a NUL would end it, and a lone surrogate has no bytes."""
    if text.isprintable():
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def job_from(row: Row) -> Job:
    """Read a job from the columns of READ, and those of its destination once more.

    Raise JobDamaged for what cannot be in them.
    """
    columns: dict[str, Any] = {}
    name = ""
    try:
        for name, read, value in zip(READ, _READERS, row, strict=False):
            columns[name] = None if value is None else read(value)
        job = Job(**columns)
        damaged_rows.check(job, row[len(READ) :])
    except damaged_rows.Unlikely as error:
        raise JobDamaged(row[0], str(error)) from error
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError) as error:
        raise JobDamaged(row[0], name) from error
    return job


def outline_from(row: Row) -> Outline:
    """Read an outline from the columns of OUTLINES. Raise JobDamaged for what cannot be in them."""
    try:
        return _outline(row)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, AttributeError) as error:
        raise JobDamaged(row[0], "request" if row[10] is None else "ticket") from error


def _outline(row: Row) -> Outline:
    job_id, _, state, updated_at, next_at, requester_id, guild_id, provider, since, task, kind = row
    times = moment(updated_at), moment(next_at)
    standing = job_id, _STATES[state], *times, requester_id, guild_id, provider, moment(since)
    if task is None:
        return Outline(*standing)
    ticket = _ticket(task)
    return Outline(*standing, ticket, _kind(ticket.provider, kind))


def event_from(row: Row) -> Event:
    """Read a line of history from the columns job_id, at, before, after, actor, detail."""
    job_id, at, before, after, actor, detail = row
    return Event(
        job_id=job_id,
        at=moment(at),
        before=None if before is None else JobState(before),
        after=JobState(after),
        actor=actor,
        detail=detail,
    )


def events_from(rows: Iterable[Row]) -> list[Event]:
    """Read a history. A line that cannot be read is left out: the job's row has its present state."""
    found: list[Event] = []
    for row in rows:
        try:
            found.append(event_from(row))
        except (ValueError, OverflowError):
            log.warning("a line of a job's history cannot be read", extra={"job": row[0]})
    return found


def entry_from(row: Row) -> Entry:
    """Read a line of the ledger from the columns job_id, at, booking and the four sums that it changes."""
    job_id, at, booking, *changes = row
    return Entry(job_id, moment(at), Booking(booking), *changes)


def _object(text: str) -> dict[str, Any]:
    """Read JSON that this module has written."""
    part: dict[str, Any] = _decode(text)[0]
    return part


def _plain(value: object) -> object:
    plain = _PLAIN.get(type(value))
    return value if plain is None else plain(value)


def _fields(names: Sequence[str]) -> Callable[[object], dict[str, Any]]:
    return lambda part: {name: _plain(getattr(part, name)) for name in names}


_PLAIN: Final[Mapping[type, Callable[[Any], Any]]] = {
    datetime: micros,
    **{
        part: _fields([field.name for field in fields(part)])
        for part in (VideoRequest, Destination, Ticket, Result, StoredVideo, Delivery, Reason)
    },
}


def _same(value: object) -> object:
    return value


def _request(text: str) -> VideoRequest:
    part = _object(text)
    mode = part.pop("mode")
    return VideoRequest(**part, mode=None if mode is None else Mode(mode))


def _ticket(text: str) -> Ticket:
    return Ticket(**_object(text))


@lru_cache(maxsize=512)
def _kind(provider: str, text: str) -> JobClass:
    model, mode, seconds, audio = json.loads(text)
    return JobClass(provider, model, None if mode is None else Mode(mode), seconds, audio)


def _result(text: str) -> Result:
    part = _object(text)
    seen_at, others = part.pop("seen_at"), part.pop("others", ())
    return Result(**part, seen_at=moment(seen_at), others=tuple(others))


def _delivery(text: str) -> Delivery:
    part = _object(text)
    plan, why = part.pop("plan"), part.pop("why", None)
    return Delivery(**part, plan=Way(plan), why=None if why is None else Obstacle(why))


def _reason(text: str) -> Reason:
    part = _object(text)
    charge = part.pop("charge")
    return Reason(**part, charge=Charge(charge))


_READER: Final[Mapping[str, Callable[[Any], Any]]] = {
    "ordered_at": moment,
    "state": JobState,
    "updated_at": moment,
    "next_at": moment,
    "provider": lambda name: None if name == _NOWHERE else name,
    "submitted_at": moment,
    "request": _request,
    "destination": lambda text: Destination(**_object(text)),
    "ticket": _ticket,
    "result": _result,
    "video": lambda text: StoredVideo(**_object(text)),
    "delivery": _delivery,
    "reason": _reason,
    "notice": Notice,
}

_READERS: Final = tuple(_READER.get(name, _same) for name in READ)
