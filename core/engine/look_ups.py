"""Looks for the tasks of unconfirmed jobs, where a provider has a way to find them, and closes old ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core.dispatch.provider_registry import ProviderRegistry
from core.engine.step import Step, StepContext
from core.model.errors import CheckFailed, TaskTaken
from core.model.job import Job, Notice
from core.ports import Created

LOOK_UPS: Final = (0.0, 5.0, 60.0, 600.0, 3600.0)
"""Seconds after which an unconfirmed job is looked for; then once a day."""

UNDECIDED: Final = timedelta(days=7)
"""After so long an unconfirmed job is closed without a decision; it stays counted as spent."""

_DAY_SECONDS: Final = 86_400.0


class LookUps:
    def __init__(self, context: StepContext, registry: ProviderRegistry) -> None:
        self._context = context
        self._registry = registry

    async def find(self, job: Job) -> Created | None:
        """Find the task of an earlier request of the job; None where that cannot be told now."""
        try:
            return await self._registry.look_up(job)
        except CheckFailed:
            return None

    async def reconsider(self, job: Job) -> Step | None:
        """Follow the task of an unconfirmed job if it is found; close the job after a week. Else None."""
        self._context.memory(job).look_ups += 1
        created = await self.find(job)
        followed = None if created is None else await self._follow(job, created)
        return followed or await self._close(job)

    async def _follow(self, job: Job, created: Created) -> Step | None:
        now = self._context.clock.now()
        try:
            return await self._context.save(job, job.running(created.ticket, now, next_at=now))
        except TaskTaken:
            return None

    async def _close(self, job: Job) -> Step | None:
        age = self._context.elapsed(job, job.submitted_at or job.ordered_at)
        if job.notice is not Notice.GIVEN or not self._context.is_over(age, UNDECIDED):
            return None
        return await self._context.save(job, job.dismissed("matinee", self._context.clock.now()), None)

    def next_look_up(self, job: Job) -> float:
        """Seconds until an unconfirmed job is looked for again: soon at first, then once a day."""
        done = self._context.memory(job).look_ups
        return LOOK_UPS[done] - LOOK_UPS[done - 1] if 0 < done < len(LOOK_UPS) else _DAY_SECONDS
