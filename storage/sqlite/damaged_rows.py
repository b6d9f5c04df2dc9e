"""Finds rows of `jobs` that this program cannot have written, so that everything else can go on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from core.model.delivery import Delivery, Destination
from core.model.job import Job, Reason, Ticket
from core.model.video import Result, StoredVideo, VideoRequest

_PARTS: Final = ("request", "destination", "ticket", "result", "video", "delivery", "reason")


class Unlikely(ValueError):
    """The message names the column."""


def check(job: Job, place: tuple[object, object, object]) -> None:
    """Raise Unlikely for an impossible value. `place` are the columns of requester, channel and server."""
    destination = job.destination
    for name in _PARTS:
        if (part := getattr(job, name)) is not None and not _is_typed(part):
            raise Unlikely(name)
    if place != (destination.requester_id, destination.channel_id, destination.guild_id):
        raise Unlikely("destination")


def _kinds(hint: Any) -> frozenset[type]:  # noqa: ANN401 - a type as it is annotated
    if isinstance(hint, UnionType):
        return frozenset(kind for choice in get_args(hint) for kind in _kinds(choice))
    return frozenset({get_origin(hint) or hint})


_KINDS: Final[Mapping[type, Mapping[str, frozenset[type]]]] = {
    part: {name: _kinds(hint) for name, hint in get_type_hints(part).items()}
    for part in (VideoRequest, Destination, Ticket, Result, StoredVideo, Delivery, Reason)
}
"""The types of the fields of a part: an int is no bool, and a bool no int."""


def _is_typed(part: object) -> bool:
    """Whether every field of a part is of its type; what a tuple holds are texts."""
    return all(
        type(value := getattr(part, name)) in kinds and (type(value) is not tuple or _are_texts(value))
        for name, kinds in _KINDS[type(part)].items()
    )


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)
