"""A provider whose answers are counted."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.model.job import Ticket
from core.model.video import Result, StoredVideo
from core.ports import Created, Order, Progress, Provider, Reply
from web.metrics import Counters


class CountedProvider:
    """`core.ports.Provider`: another one, whose answers are counted by their kind."""

    def __init__(self, provider: Provider, counts: Counters) -> None:
        self._provider = provider
        self._counts = counts

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def links_are_public(self) -> bool:
        return self._provider.links_are_public

    async def create(self, order: Order) -> Created:
        with self._count("create"):
            return await self._provider.create(order)

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        return self._provider.read(reply, order)

    async def look_up(self, order: Order) -> Created | None:
        with self._count("look_up"):
            return await self._provider.look_up(order)

    async def check(self, ticket: Ticket) -> Progress:
        with self._count("check"):
            return await self._provider.check(ticket)

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        with self._count("fetch"):
            video = await self._provider.fetch(ticket, result, into)
        self._counts.fetched.labels(self.name).inc(video.size)
        return video

    async def close(self) -> None:
        await self._provider.close()

    @contextmanager
    def _count(self, call: str) -> Generator[None]:
        outcome = "cancelled"
        try:
            yield
            outcome = "ok"
        except Exception as error:
            outcome = _in_words(type(error).__name__)
            raise
        finally:
            self._counts.calls.labels(self.name, call, outcome).inc()


def _in_words(name: str) -> str:
    """Write `CheckFailed` as a label is written: `check_failed`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
