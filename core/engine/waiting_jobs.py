"""Jobs that wait for a place: which may enter, which is next, and what their members see of it."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from core.dispatch.confirmations import Confirmations
from core.dispatch.create_health import CreateHealth
from core.dispatch.fair_queue import FairQueue, Rest
from core.engine.poller import Poller
from core.engine.preparation import ProviderChoice
from core.model.job import AT_PROVIDER, Job, JobState
from core.model.job_outline import Outline
from core.ports import Clock, Courier, JobStore, JobView

log = logging.getLogger(__name__)

SHOWN: Final = 25
"""How many cards are kept up to date as the queue moves: those of the jobs that start first."""

PAUSE_SECONDS: Final = 1.0
_LONGEST_NAP_SECONDS: Final = 3600.0


class CardUpdates:
    def __init__(
        self, courier: Courier, poller: Poller, fair_queue: FairQueue, confirmations: Confirmations
    ) -> None:
        self._confirmations = confirmations
        self._courier = courier
        self._poller = poller
        self._fair_queue = fair_queue

    def show(self, job: Job) -> None:
        """Show the job's state. A card that cannot be drawn never delays the work."""
        try:
            self._courier.show(self._glance(job))
        except Exception:
            log.exception("a card went wrong", extra={"job": job.id})

    def _glance(self, job: Job) -> JobView:
        return JobView(
            job,
            progress=self._poller.progress(job.id),
            ahead=self._fair_queue.ahead(job.id),
            estimate=self._poller.estimate(job.id),
            is_late=self._poller.is_late(job.id),
            is_silent=self._poller.is_silent(job.id),
            awaits_yes=self._confirmations.awaits(job.id),
        )


class WaitingJobs:
    def __init__(
        self,
        fair_queue: FairQueue,
        provider_choice: ProviderChoice,
        create_health: CreateHealth,
        card_updates: CardUpdates,
        store: JobStore,
        clock: Clock,
    ) -> None:
        self._fair_queue = fair_queue
        self._provider_choice = provider_choice
        self._create_health = create_health
        self._card_updates = card_updates
        self._store = store
        self._clock = clock
        self._moved = asyncio.Event()
        self._seen: dict[int, tuple[Job, int | None]] = {}

    def __len__(self) -> int:
        """How many jobs wait."""
        return len(self._fair_queue)

    def ahead(self, job_id: int) -> int | None:
        """How many jobs wait before this one; None once it has started."""
        return self._fair_queue.ahead(job_id)

    def has_turn(self, job: Job) -> bool:
        """Whether a job may be sent. If not, it waits for its turn from now on."""
        if self._fair_queue.has_started(job.id):
            return True
        self._fair_queue.enter(self._provider_choice.entrant(job))
        self._card_updates.show(job)
        return False

    def take(self) -> int | None:
        """Give the next job its place, or None while no job may start."""
        if not self._fair_queue:
            return None
        rest = Rest(self._create_health.resting(), self._create_health.closed_providers())
        job_id = self._fair_queue.take(self._clock.monotonic(), rest)
        if job_id is not None:
            self._moved.set()
        return job_id

    def note(self, job: Outline) -> None:
        """Count a job that is at a provider; give back the place of one that is not."""
        if job.state not in AT_PROVIDER:
            self.leave(job.id)
        elif not self._fair_queue.has_started(job.id):
            self._fair_queue.start(job.id, job.requester_id, job.guild_id, job.provider or "")

    def leave(self, job_id: int) -> None:
        """Give the place back, or stop waiting for one."""
        self._fair_queue.leave(job_id)
        if self._fair_queue:
            self._moved.set()

    def nap(self) -> float:
        """Seconds for which no job can start by the passing of time alone."""
        resting = self._create_health.resting() if self._fair_queue else None
        return self._create_health.seconds_until_free(resting) if resting else _LONGEST_NAP_SECONDS

    async def run(self) -> None:
        """Keep the first cards of the queue up to date, until cancelled."""
        while True:
            await self._clock.wait(self._moved, _LONGEST_NAP_SECONDS)
            await self._clock.sleep(PAUSE_SECONDS)
            self._moved.clear()
            try:
                await self._show_first()
            except Exception:
                log.exception("cards of the queue were not updated")

    async def _show_first(self) -> None:
        before, self._seen = self._seen, {}
        for job_id in self._fair_queue.first(SHOWN):
            job, ahead = before.get(job_id, (None, None))
            job = job or await self._store.get(job_id)
            now = self._fair_queue.ahead(job_id)
            if job is None or job.state is not JobState.QUEUED or now is None:
                continue
            self._seen[job_id] = (job, now)
            if now != ahead:
                self._card_updates.show(job)
