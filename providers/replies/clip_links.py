"""Finds the links to a finished clip in an answer, wherever gateways put them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, cast
from urllib.parse import urljoin

from providers.http import wire
from providers.replies.task_identity import layers

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

_IN_WORDS: Final = frozenset({("fail_reason",), ("error",)})
_IN_A_LIST: Final = ("url", "video_url")
_MOST: Final = 8
_RELATIVE: Final = re.compile(r"(\.{0,2}/|\?)[^\s\\]+|[^\s\\:]+\.(mp4|m4v|mov)([?#][^\s\\]*)?", re.IGNORECASE)
"""A link to the gateway itself, or to another host over the same scheme; other words are none."""


def clip_links(document: wire.Document, address: str, *, has_own_route: bool = False) -> tuple[str, ...]:
    """Return the links that an answer gives for a clip, what is innermost first, each once.

    They are absolute: others are resolved against `address`, which gave the answer. With `has_own_route` a
    path in `download_url` is the surface's own to read.
    """
    inside_out = [*layers(document)][::-1]
    found = (
        _resolve(link, address)
        for layer in inside_out
        for place in _PLACES
        for link in _links(_at(layer, place))
        if wire.link(link) or not (place in _IN_WORDS or (has_own_route and _is_own_path(place, link)))
    )
    return tuple(dict.fromkeys(filter(None, found)))[:_MOST]


def _resolve(link: str, address: str) -> str | None:
    try:
        return wire.link(link) or wire.link(urljoin(address, link))
    except ValueError:
        return None


def _is_own_path(place: tuple[str, ...], link: str) -> bool:
    return place == ("download_url",) and not link.startswith("//")


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
            yield from filter(None, map(_link, (entry, *inner)))
    elif (link := _link(value)) is not None:
        yield link


def _link(value: object) -> str | None:
    found = wire.text(value)
    return found if wire.link(found) or (found.isprintable() and _RELATIVE.fullmatch(found)) else None
