"""Providers that believe what no gateway promises: each of them breaks a promise, and has to be caught."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from core.model.errors import CheckFailed, NotSent, OutcomeUnknown, Refusal, Refused, TaskMissing
from core.model.job import Ticket
from core.model.video import Result, StoredVideo
from core.ports import Created, Failed, Finished, Order, Progress, Provider, Reply


class Believer:
    """Passes everything on as it is."""

    def __init__(self, provider: Provider) -> None:
        self.inner = provider

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def links_are_public(self) -> bool:
        return self.inner.links_are_public

    async def create(self, order: Order) -> Created:
        return await self.inner.create(order)

    def read(self, reply: Reply) -> Created:
        return self.inner.read(reply)

    async def look_up(self, order: Order) -> Created | None:
        return await self.inner.look_up(order)

    async def check(self, ticket: Ticket) -> Progress:
        return await self.inner.check(ticket)

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        return await self.inner.fetch(ticket, result, into)

    async def close(self) -> None:
        await self.inner.close()


class DoubtIsRefusal(Believer):
    """Takes every answer that is not clear for a no."""

    async def create(self, order: Order) -> Created:
        try:
            return await self.inner.create(order)
        except OutcomeUnknown as error:
            raise Refused(Refusal.REQUEST, str(error)) from error


class DoubtIsUnsent(Believer):
    """Takes an answer that is not clear for none at all."""

    async def create(self, order: Order) -> Created:
        try:
            return await self.inner.create(order)
        except OutcomeUnknown as error:
            raise NotSent(str(error)) from error


class TroubleIsTheEnd(Believer):
    """Takes a question that goes wrong for the end of what was asked about."""

    async def check(self, ticket: Ticket) -> Progress:
        try:
            return await self.inner.check(ticket)
        except (CheckFailed, TaskMissing) as error:
            return Failed("failed", str(error))


class AnyClipWillDo(Believer):
    """Fetches the clip that was finished first, whichever order it is of."""

    def __init__(self, provider: Provider) -> None:
        super().__init__(provider)
        self._finished: list[tuple[Ticket, Result]] = []

    async def check(self, ticket: Ticket) -> Progress:
        progress = await self.inner.check(ticket)
        if isinstance(progress, Finished):
            self._finished.append((ticket, progress.result))
        return progress

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        first = self._finished[0] if self._finished else (ticket, result)
        return await self.inner.fetch(*first, into)


class OneAfterTheOther(Believer):
    """Has one call under way at a time, at all gateways together."""

    turn: ClassVar = asyncio.Semaphore(1)

    async def create(self, order: Order) -> Created:
        async with self.turn:
            return await self.inner.create(order)

    async def check(self, ticket: Ticket) -> Progress:
        async with self.turn:
            return await self.inner.check(ticket)
