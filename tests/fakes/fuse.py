"""Lets the power go at any call that changes something."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from tests.fakes.store import PowerCut

T = TypeVar("T")


class Fuse:
    """Blows at the call with this number, counted from 1: before it, or right after it. 0 never does."""

    def __init__(self, at: int = 0, *, is_before: bool = True) -> None:
        self.calls = 0
        self._at = at
        self._is_before = is_before

    def around(self, part: T) -> T:
        """Return the part with its calls counted, and the one cut off whose turn it is."""
        return cast("T", _Fused(part, self._fused))

    def _fused(self, method: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*arguments: object) -> object:
            self.calls += 1
            number = self.calls
            if number == self._at and self._is_before:
                raise PowerCut
            answer = await method(*arguments)
            if number == self._at:
                raise PowerCut
            return answer

        return call


class _Fused:
    def __init__(self, part: object, fused: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        self._part = part
        self._fused = fused

    def __getattr__(self, name: str) -> object:
        found = getattr(self._part, name)
        return self._fused(found) if inspect.iscoroutinefunction(found) else found
