"""Reads and changes one place inside a JSON reply."""

import itertools
from typing import Any, cast

from sandbox.gateways.surfaces.surface import Place


def put(reply: Any, place: Place, value: object) -> object:  # noqa: ANN401 - any JSON
    """The reply with this value there; what is missing on the way is made."""
    inner = reply
    for step, following in itertools.pairwise(place):
        inner = _entered(inner, step, following)
    inner[_key(inner, place[-1])] = value
    return cast("object", reply)


def drop(reply: Any, place: Place) -> object:  # noqa: ANN401 - any JSON
    """The reply without this place."""
    inner = reply
    for step in place[:-1]:
        inner = inner[_key(inner, step)]
    del inner[_key(inner, place[-1])]
    return cast("object", reply)


def _entered(inner: Any, step: str, following: str) -> Any:  # noqa: ANN401 - any JSON
    key = _key(inner, step)
    if key == step and key not in inner:
        inner[key] = [{}] if following.isdigit() else {}
    return inner[key]


def _key(inner: object, step: str) -> str | int:
    return int(step) if isinstance(inner, list) else step
