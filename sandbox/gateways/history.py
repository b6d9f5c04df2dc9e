"""The requests that reached a gateway, and waiting for something to change."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

Vendor: TypeAlias = Literal["anyint", "worldrouter"]
SurfaceName: TypeAlias = Literal["anyint", "anyint-native", "worldrouter"]
Stage: TypeAlias = Literal["create", "status", "content", "media", "models", "task", "link"]
T = TypeVar("T")


@dataclass(eq=False)
class Exchange:
    """One request as it came in. `status` and `elapsed`, in seconds, stay None while it has no answer.

    `passed_on` is how often the gateway sent it to its upstream.
    """

    vendor: Vendor
    method: str
    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: float
    stage: Stage | None = None
    surface: SurfaceName | None = None
    status: int | None = None
    elapsed: float | None = None
    passed_on: int = 1

    @property
    def json(self) -> Any:  # noqa: ANN401 - a body may be any JSON
        """The body as JSON, or None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Changes:
    """Wakes every caller that waits, each time that something happened."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def announce(self) -> None:
        happened, self._next = self._next, asyncio.Event()
        happened.set()

    async def next(self) -> None:
        await self._next.wait()

    async def until(self, condition: Callable[[], T | None], timeout: float) -> T:  # noqa: ASYNC109 - a test's limit
        """The first true value of the condition. Raise TimeoutError when none comes."""
        async with asyncio.timeout(timeout):
            while not (value := condition()):
                await self._next.wait()
            return value
