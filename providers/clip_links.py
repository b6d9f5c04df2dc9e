"""Finds the links to a finished clip in an answer, wherever gateways put them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

from providers import wire
from providers.identity import layers

_PLACES: Final = (
    ("content", "video_url"),
    ("content", "url"),
    ("metadata", "url"),
    ("result_url",),
    ("video_url",),
    ("url",),
    ("output",),
    ("output", "url"),
    ("output", "video_url"),
    ("video",),
    ("video", "url"),
    ("result",),
    ("result", "url"),
    ("result", "video_url"),
    ("results",),
    ("unsigned_urls",),
    ("task_result", "videos"),
    ("outputs",),
    ("videos",),
    ("download_url",),
    ("fail_reason",),
    ("error",),
)
"""In the order in which they are tried. An older form of new-api puts the link in `fail_reason`."""

_IN_A_LIST: Final = ("url", "video_url")
_MOST: Final = 8


def clip_links(document: wire.Document) -> tuple[str, ...]:
    """Return the absolute links that an answer gives for a clip, what is innermost first, each once."""
    inside_out = [*layers(document)][::-1]
    values = (_at(layer, place) for layer in inside_out for place in _PLACES)
    found = (link for value in values for link in _links(value))
    return tuple(dict.fromkeys(found))[:_MOST]


def _at(layer: wire.Document, place: tuple[str, ...]) -> object:
    value: object = layer
    for name in place:
        value = wire.part(value).get(name)
    return value


def _links(value: object) -> Iterator[str]:
    """Yield the links in a value: itself, or those of a list of links or of objects that have one."""
    if isinstance(value, list):
        for entry in cast("list[object]", value[:_MOST]):
            inner = (wire.part(entry).get(name) for name in _IN_A_LIST)
            yield from filter(None, (wire.link(entry), *(wire.link(link) for link in inner)))
    elif (link := wire.link(value)) is not None:
        yield link
