"""Decides whose task an answer is about: an ending is believed only from an answer that names ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast
from urllib.parse import unquote

from core.model.job import Ticket
from providers.http import wire
from providers.replies.task_ids import task_ids

_DEEPEST: Final = 4
_WRAPPERS: Final = ("result", "response", "output", "task", "video", "job")
_ERROR_FIELDS: Final = frozenset({"error", "message", "msg", "detail", "fail_reason", "reason"})
"""Fields about a request: a task that is mentioned inside one is not named by the answer."""


def is_named(document: wire.Document, ticket: Ticket) -> bool:
    """Whether any task id in an answer is ours, as the gateway wrote it or as we sent it."""
    if document.get("id") == ticket.task_id:
        return True
    return _is_among(named_ids(document), ticket)


def named_ids(document: wire.Document) -> tuple[str, ...]:
    """Return the ids of tasks that an answer names outside of its complaints."""
    return task_ids({name: value for name, value in document.items() if name not in _ERROR_FIELDS})


def is_named_by_layer(layer: wire.Document, ticket: Ticket) -> bool:
    """Whether one layer of an answer names our task by itself, and not only through what it wraps."""
    return is_named({name: value for name, value in layer.items() if isinstance(value, str | int)}, ticket)


def layers(document: wire.Document) -> Iterator[wire.Document]:
    """Yield an answer and what it wraps as `data`, the outermost first."""
    for _ in range(_DEEPEST):
        yield document
        document = wire.only_part(document.get("data"))
        if not document:
            return


def is_echoed(document: wire.Document, external_id: str) -> bool:
    """Whether an answer repeats our own id for a task, under its own name."""
    waiting: list[object] = [document]
    while waiting:
        value = waiting.pop()
        found = wire.part(value)
        if wire.text(found.get("external_task_id")) == external_id:
            return True
        waiting.extend(found.values())
        waiting.extend(cast("list[object]", value) if isinstance(value, list) else ())
    return False


def ours_alone(document: wire.Document, ticket: Ticket) -> wire.Document:
    """Take our task out of a list of several; a list without it says nothing about it.

    A wrapping under another name than `data` is put there first.
    """
    document = _wrap_as_data(document)
    entries = document.get("data")
    if not isinstance(entries, list) or len(cast("list[object]", entries)) <= 1:
        return document
    ours = (part for entry in cast("list[object]", entries) if is_named(part := wire.part(entry), ticket))
    return {**document, "data": next(ours, None)}


def _wrap_as_data(document: wire.Document) -> wire.Document:
    """Return an answer that has no state of its own with what it wraps as `data`."""
    if "data" in document or wire.text(document.get("status")) or wire.text(document.get("task_status")):
        return document
    inside = next((name for name in _WRAPPERS if wire.only_part(document.get(name))), None)
    if inside is None:
        return document
    return {("data" if name == inside else name): value for name, value in document.items()}


def _is_among(ids: tuple[str, ...], ticket: Ticket) -> bool:
    known = {_plain(own) for own in (ticket.task_id, ticket.external_id) if own}
    return any(_plain(found) in known for found in ids)


def _plain(task_id: str) -> str:
    """Return an id as it is compared: some gateways hand it back as it stands in an address."""
    return unquote(task_id.strip())
