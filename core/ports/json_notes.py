"""Reads notes that are stored as JSON. A damaged one is set aside, reported and done without."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast, get_args, get_type_hints

from core.model.errors import JobDamaged, StoreError
from core.model.job import Job
from core.model.operator_alerts import NoteSetAside
from core.ports import AlertChannel, JobStore, KeyValueStore

log = logging.getLogger(__name__)

T = TypeVar("T")

DAMAGE: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""The errors that reading a damaged note raises."""

_ASIDE: Final = "damaged: "
_TOLD: Final = "damaged, told of: "


async def recall(notes: KeyValueStore, key: str, read: Callable[[Any], T]) -> T | None:
    """Return what `read` makes of a note; None where there is none, or where it cannot be read."""
    text = await notes.recall(key)
    if not text:
        return None
    try:
        return read(json.loads(text))
    except DAMAGE as error:
        await set_aside(notes, key, text, error)
        return None


async def job_of(store: JobStore, number: str) -> Job | None:
    """Find a job by its id as a note has it; a damaged job is set aside elsewhere."""
    try:
        return await store.get(int(number))
    except (JobDamaged, OverflowError, ValueError):
        return None


async def set_aside(
    notes: KeyValueStore, key: str, text: str, why: Exception, left: str | None = None
) -> None:
    """Store a damaged note where nothing overwrites it; `left` is the readable part of it."""
    log.warning("a note cannot be read; it is set aside", extra={"note": key, "why": type(why).__name__})
    try:
        await notes.remember(f"{_ASIDE}{key}", text)
        await (notes.forget(key) if left is None else notes.remember(key, left))
    except StoreError as error:
        log.warning("a damaged note was left in its place", extra={"note": key, "why": str(error)})


async def forget(notes: KeyValueStore, key: str) -> None:
    """Remove the note under this key, and what was set aside of it."""
    for one in (key, f"{_ASIDE}{key}", f"{_TOLD}{key}"):
        await notes.forget(one)


async def alert_damaged(notes: KeyValueStore, alerts: AlertChannel) -> None:
    """Alert once for each note that was set aside. Raise StoreError."""
    for aside in await notes.keys(_ASIDE):
        key = aside.removeprefix(_ASIDE)
        alerts.send(NoteSetAside(key))
        await notes.remember(f"{_TOLD}{key}", await notes.recall(aside) or "")
        await notes.forget(aside)


def of_fields(kind: type[T], row: dict[str, Any]) -> T:
    """Make a dataclass of an object, without names that this version does not know.

    Raise one of DAMAGE where a value is of another type than its field.
    """
    types = get_type_hints(kind)
    values = {name: value for name, value in row.items() if name in types}
    wrong = [name for name, value in values.items() if not _fits(value, types[name])]
    if wrong:
        raise TypeError(f"{', '.join(wrong)} cannot be that")
    return kind(**values)


def whole_numbers(values: object) -> list[int]:
    """Return a list of whole numbers. Raise TypeError where it is none."""
    listed = cast("list[object]", values) if isinstance(values, list) else [None]
    numbers = [value for value in listed if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) != len(listed):
        raise TypeError("that is no list of numbers")
    return numbers


def _fits(value: object, wanted: object) -> bool:
    """Whether a value is of a field's type, or of one of them; a flag is no number."""
    return type(value) in (get_args(wanted) or (wanted,))
