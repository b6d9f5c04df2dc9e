"""Erases what is stored about a member: ended jobs at once, the others as soon as they have ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from core.delivery.message_notes import SentCopies
from core.delivery.plan import UploadLimits
from core.model.errors import Stale, StoreError
from core.model.job import Job
from core.model.limits import Limit
from core.polling.wake_up import WakeUp
from core.ports import Clock, Erasure, Erasures, KeyValueStore, PersonalData
from core.privacy.erased_job import erased, held_periods, is_settled
from core.privacy.job_files import JobFiles, own_pictures
from core.requests.preferences import PreferenceScope, PreferenceStore

log = logging.getLogger(__name__)

AT_ONCE: Final = 50
PAUSE_SECONDS: Final = 60.0
"""Seconds until an erasure that could not be finished is tried again."""

SCOUR_SECONDS: Final = 3600.0
"""Seconds between two vacuums of the database: each takes long where much is stored."""

_DUE: Final = "scouring"

Chance: TypeAlias = Callable[[], int]
"""Gives a new pseudonym: below zero, of 63 bits."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an erasure is: `erased` counts jobs just now, `waiting` those that could not be erased yet.

    Until `counts_until` the use goes on counting for the member, under their own number.
    """

    erased: int
    waiting: int
    counts_until: datetime | None
    is_done: bool


class ErasureService:
    """An erasure is noted first; the program goes on with it whatever happens then, also after a restart."""

    def __init__(
        self,
        *,
        personal: PersonalData,
        erasures: Erasures,
        job_files: JobFiles,
        notes: KeyValueStore,
        preferences: PreferenceStore,
        limits: Sequence[Limit],
        clock: Clock,
        chance: Chance,
    ) -> None:
        self._personal = personal
        self._erasures = erasures
        self._job_files = job_files
        self._notes = notes
        self._preferences = preferences
        self._upload_limits = UploadLimits(notes, clock)
        self._copies = SentCopies(notes)
        self._limits = tuple(limits)
        self._clock = clock
        self._chance = chance
        self._busy = asyncio.Lock()
        self._wake_up = WakeUp(clock)
        self._scoured_at: float | None = None

    async def ask(self, member_id: int) -> Progress | None:
        """Note that a member wants to be erased, and do what can be done now.

        Raise StoreError where it cannot be noted. Once this has returned it is done, or will be; None where
        it is blocked for now. Asking twice does no harm.
        """
        await self._preferences.forget(PreferenceScope.MEMBER, member_id)
        erasure = await self._erasures.begin(Erasure(self._chance(), member_id, self._clock.now()))
        self._wake_up.call()
        async with self._busy:
            # The caller that held the lock may have finished this very erasure; then it is another.
            return await self._try(await self._erasures.begin(erasure))

    async def awaits(self, member_id: int) -> bool:
        """Whether something is left to do for a member who asked to be erased."""
        return any(erasure.member_id == member_id for erasure in await self._erasures.under_way())

    async def run(self) -> None:
        """Go on with what could not be done at once, until cancelled."""
        while True:
            are_left = await self._go_on()
            await self._wake_up.wait(PAUSE_SECONDS if are_left else SCOUR_SECONDS)

    async def go_on(self) -> None:
        """Do what can be done now for all erasures, and vacuum the database. Raise StoreError."""
        async with self._busy:
            for erasure in await self._erasures.under_way():
                await self._try(erasure)
            await self._vacuum()

    async def _go_on(self) -> bool:
        """Return whether anything is left to do."""
        try:
            await self.go_on()
            return bool(await self._erasures.under_way()) or await self._notes.recall(_DUE) is not None
        except StoreError as error:
            log.warning("not everything could be erased", extra={"why": str(error)})
            return True

    async def _try(self, erasure: Erasure) -> Progress | None:
        """Carry an erasure out as far as possible; an obstacle to it is none to another one."""
        try:
            return await self._carry_out(erasure)
        except (OSError, StoreError) as error:
            log.warning("not everything could be erased", extra={"why": str(error)})
            return None

    async def _carry_out(self, erasure: Erasure) -> Progress:
        ends = held_periods(self._limits, self._clock.now(), erasure.asked_at)
        await self._erasures.hold(erasure, ends)
        done = waiting = 0
        async for jobs in self._jobs_asked_for(erasure):
            gone = await self._erase(erasure, [job for job in jobs if is_settled(job)])
            done, waiting = done + gone, waiting + len(jobs) - gone
        await self._erasures.rename(erasure)
        await self._upload_limits.forget(erasure.member_id)
        await self._copies.forget(erasure.member_id)
        is_held = await self._erasures.hold(erasure, ends)
        is_done = not waiting and not is_held and await self._finish(erasure)
        return Progress(done, waiting, max(ends.values()) if is_held else None, is_done)

    async def _jobs_asked_for(self, erasure: Erasure) -> AsyncIterator[list[Job]]:
        """Yield the jobs that the erasure is about, some at a time."""
        jobs: list[Job] = []
        async for job in self._personal.jobs_of(erasure.member_id):
            if job.ordered_at <= erasure.asked_at:
                jobs.append(job)
            if len(jobs) == AT_ONCE:
                yield jobs
                jobs = []
        if jobs:
            yield jobs

    async def _erase(self, erasure: Erasure, jobs: Sequence[Job]) -> int:
        """Erase jobs, their files first: a job that is left is tried again. Return how many were erased."""
        if not jobs:
            return 0
        await self._notes.remember(_DUE, _DUE)
        shared = await self._erasures.shared_pictures(erasure, own_pictures(jobs))
        cleared = await self._job_files.discard(jobs, shared)
        return sum(await asyncio.gather(*(self._erase_one(erasure, job) for job in cleared)))

    async def _erase_one(self, erasure: Erasure, job: Job) -> bool:
        try:
            await self._erasures.erase(job, erased(job, erasure.pseudonym, self._clock.now()))
        except Stale:
            return False  # the job was changed at this very moment
        return True

    async def _finish(self, erasure: Erasure) -> bool:
        await self._notes.remember(_DUE, _DUE)
        return await self._erasures.finish(erasure)

    async def _vacuum(self) -> None:
        """Overwrite what the disk still holds, once an hour at most."""
        now = self._clock.monotonic()
        is_early = self._scoured_at is not None and now - self._scoured_at < SCOUR_SECONDS
        if is_early or await self._notes.recall(_DUE) is None:
            return
        self._scoured_at = now
        if await self._erasures.vacuum():
            await self._notes.forget(_DUE)
