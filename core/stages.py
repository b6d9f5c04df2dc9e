"""What is done with a job in each state, and with how many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

from core.handover import Handover
from core.inquiry import Inquiry
from core.jobs import Job, JobState
from core.ladder import Ladder
from core.purchase import Purchase
from core.schedule import DEADLINE
from core.steps import Desk, Step

_LANES: Final[Mapping[JobState, int]] = {
    JobState.QUEUED: 16,
    JobState.RUNNING: 64,
    JobState.READY: 4,
    JobState.DELIVERING: 6,
}
"""How many jobs take a step of this kind at once; all other kinds share one lane."""

_OTHER_LANE: Final = 16
_AT_ONE_PLACE: Final = 2
"""Videos that are brought to one place at once: where Discord lets us wait, others still go elsewhere."""

_CAN_BE_GIVEN_UP: Final = frozenset(
    {JobState.RUNNING, JobState.READY, JobState.DELIVERING, JobState.DELIVERED}
)


class Stages:
    def __init__(
        self, desk: Desk, purchase: Purchase, inquiry: Inquiry, ladder: Ladder, handover: Handover
    ) -> None:
        self._desk = desk
        self._purchase = purchase
        self._handover = handover
        self._lanes = {state: asyncio.Semaphore(size) for state, size in _LANES.items()}
        self._other_lane = asyncio.Semaphore(_OTHER_LANE)
        self._places: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()
        self._steps: Mapping[JobState, Callable[[Job], Awaitable[Step]]] = {
            JobState.QUEUED: purchase.submit,
            JobState.SUBMITTING: purchase.settle,
            JobState.RUNNING: inquiry.check,
            JobState.READY: handover.fetch,
            JobState.STORED: ladder.plan,
            JobState.DELIVERING: ladder.deliver,
            JobState.DELIVERED: handover.ping,
            JobState.UNKNOWN: self._decide,
        }

    def lane(self, job: Job) -> AbstractAsyncContextManager[None]:
        """What is held during a step with the job."""
        lane = self._lanes.get(job.state, self._other_lane)
        return _both(self._place(job), lane) if job.state is JobState.DELIVERING else lane

    def _place(self, job: Job) -> asyncio.Semaphore:
        """Find the lane of the place that a video goes to, for as long as anybody is in it."""
        is_direct = job.delivery is not None and job.delivery.is_direct
        place = job.destination.requester_id if is_direct else job.destination.channel_id
        return self._places.setdefault(place, asyncio.Semaphore(_AT_ONE_PLACE))

    async def step(self, job: Job) -> Step:
        """Take the job one step further."""
        if job.state in _CAN_BE_GIVEN_UP and self.is_hopeless(job.id):
            return await self._handover.give_up(job)
        return await self._steps.get(job.state, self._handover.tell)(job)

    def is_hopeless(self, job_id: int) -> bool:
        """Whether everything has gone wrong with the job for so long that it is given up."""
        return self._desk.troubled_for(job_id) > DEADLINE

    async def _decide(self, job: Job) -> Step:
        """Look for the task of a job in doubt; tell its member once that only a person can decide."""
        found = await self._purchase.reconsider(job)
        if found is not None:
            return found
        told = await self._handover.tell(job)
        wait = self._purchase.next_look_up(job)
        return Step(told.job, wait if told.seconds is None else min(told.seconds, wait))


@asynccontextmanager
async def _both(first: asyncio.Semaphore, second: asyncio.Semaphore) -> AsyncGenerator[None]:
    async with first, second:
        yield
