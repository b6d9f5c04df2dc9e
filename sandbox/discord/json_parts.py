"""Reads lists out of JSON objects, so that the rest of the code knows their type."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard


def objects(holder: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects listed under this key; none when the key is missing or null."""
    found: list[dict[str, Any]] | None = holder.get(key)
    return found or []


def strings(holder: Mapping[str, Any], key: str) -> list[str]:
    """The strings listed under this key; none when the key is missing or null."""
    found: list[str] | None = holder.get(key)
    return found or []


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple)
