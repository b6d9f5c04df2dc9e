"""The jobs that were ordered for each message of a prompt channel, so that they follow its changes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from core.model.errors import NotAllowed
from core.model.job import Job, JobState
from core.primitives.bounded import BoundedDict
from core.primitives.keyed_locks import KeyedLocks
from core.services.job_actions import Member
from core.services.orders import OrderService

REMEMBERED: Final = 10_000


class PromptJobTracker:
    """Remembers the jobs that were last ordered for each message, those of an earlier run among them."""

    def __init__(self, orders: OrderService) -> None:
        self._orders = orders
        self._ordered: BoundedDict[int, tuple[int, ...]] = BoundedDict(REMEMBERED)
        self._locks = KeyedLocks[int]()
        self._has_looked_back = False

    def note(self, message_id: int, job_ids: tuple[int, ...]) -> None:
        """Note the jobs of a message from now on."""
        self._ordered[message_id] = job_ids

    async def of(self, message_id: int) -> list[Job]:
        """Return the jobs that were last ordered for a message."""
        await self._look_back()
        jobs: list[Job] = []
        for job_id in self._ordered.get(message_id, ()):
            with suppress(NotAllowed):  # no more may be noted about it
                jobs.append(await self._orders.find(job_id))
        return jobs

    async def cancel(self, jobs: Sequence[Job]) -> bool:
        """Cancel what has not been sent; return whether that was all of them."""
        stopped = 0
        for job in jobs:
            try:
                await self._orders.cancel(job.id, Member(job.destination.requester_id))
                stopped += 1
            except NotAllowed:
                continue  # it was sent, or cancelled, at this very moment
        return stopped == len(jobs)

    @asynccontextmanager
    async def alone(self, message_id: int) -> AsyncGenerator[None]:
        """Handle the events of one message in the order in which they came."""
        async with self._locks.hold(message_id):
            yield

    async def _look_back(self) -> None:
        """Once, look for prompts that an earlier run left waiting."""
        if self._has_looked_back:
            return
        self._has_looked_back = True
        found: dict[int, list[int]] = {}
        for job in await self._orders.under_way():
            if job.destination.prompt_id is not None and job.state is JobState.QUEUED:
                found.setdefault(job.destination.prompt_id, []).append(job.id)
        for message_id, job_ids in found.items():
            self._ordered.setdefault(message_id, tuple(job_ids))
