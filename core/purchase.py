"""Buys videos: the paid request, sent at most once, and the questions about what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core import words
from core.errors import CheckFailed, NotSent, OutcomeUnknown, Refusal, Refused, TaskMissing, TaskTaken
from core.jobs import Job, JobState, Ticket
from core.lineup import Lineup
from core.ports import Failed, Finished, Order, Progress, Working
from core.schedule import DEADLINE, FORGIVENESS
from core.steps import Desk, Step

MOST_UPSTREAM_TRIES: Final = 3
_BUSY_SECONDS: Final = 15.0


class Purchase:
    def __init__(self, desk: Desk, lineup: Lineup) -> None:
        self._desk = desk
        self._lineup = lineup

    async def doubt(self, job: Job) -> Step:
        """Leave to a person what was being sent when the program died: it is never sent again."""
        return await self._desk.save(job, job.in_doubt(words.IN_DOUBT, self._desk.clock.now()))

    async def submit(self, job: Job) -> Step:
        """Buy the video: say so first, send once, and write down what is known afterwards."""
        choice = self._lineup.choice(job.request)
        if choice is None:
            announced = await self._desk.moved(job, job.submitting("none", self._desk.clock.now()))
            return await self._desk.end(announced, JobState.REJECTED, words.NO_PROVIDER)
        provider, model = choice
        announced = await self._desk.moved(job, job.submitting(provider.name, self._desk.clock.now()))
        try:
            created = await provider.create(Order(job.id, job.request, model))
        except NotSent as error:
            return await self._again_later(announced, str(error), self._desk.trouble(job.id))
        except Refused as error:
            return await self._refused(announced, error)
        except OutcomeUnknown:
            return await self.doubt(announced)
        self._desk.relief(job.id)
        return await self._accepted(announced, created.ticket, created.progress)

    async def _accepted(self, job: Job, ticket: Ticket, progress: Progress) -> Step:
        now = self._desk.clock.now()
        first = self._desk.schedule.next_check(timedelta())
        try:
            running = job.running(ticket, now, next_at=now + timedelta(seconds=first))
            await self._desk.moved(job, running)
        except TaskTaken:
            return await self.doubt(job)
        return await self._heard(running, progress, first)

    async def _refused(self, job: Job, error: Refused) -> Step:
        if error.why is Refusal.BUSY:
            wait = error.retry_after.total_seconds() if error.retry_after else _BUSY_SECONDS
            return await self._again_later(job, error.said, wait)
        if error.why is Refusal.UPSTREAM and job.attempts < MOST_UPSTREAM_TRIES:
            return await self._again_later(job, error.said, self._desk.trouble(job.id))
        return await self._desk.end(job, JobState.REJECTED, words.refused(error))

    async def _again_later(self, job: Job, why: str, seconds: float) -> Step:
        now = self._desk.clock.now()
        return await self._desk.save(
            job, job.requeued(why, now, next_at=now + timedelta(seconds=seconds)), seconds
        )

    async def check(self, job: Job) -> Step:
        """Ask about the task. Whatever goes wrong while asking only moves the next time to ask."""
        provider = self._lineup.of(job)
        if job.ticket is None or provider is None:
            return await self._overdue(job, self._desk.trouble(job.id, least=60))
        try:
            progress = await provider.check(job.ticket)
        except TaskMissing:
            return await self._missing(job)
        except CheckFailed as error:
            wait = error.retry_after.total_seconds() if error.retry_after else 0.0
            return await self._overdue(job, max(wait, self._desk.trouble(job.id)))
        self._desk.relief(job.id)
        self._desk.memory(job).missing_since = None
        return await self._heard(job, progress, self._desk.schedule.next_check(self._desk.age(job)))

    async def _heard(self, job: Job, progress: Progress, seconds: float) -> Step:
        match progress:
            case Finished(result):
                return await self._desk.save(job, job.ready(result, self._desk.clock.now()))
            case Failed():
                return await self._desk.end(job, JobState.FAILED, words.failed(progress))
            case Working():
                self._desk.memory(job).progress = _furthest(self._desk.progress(job.id), progress)
                return await self._overdue(job, seconds)

    async def _overdue(self, job: Job, seconds: float) -> Step:
        if self._desk.age(job) > DEADLINE:
            return await self._desk.end(job, JobState.LOST, words.LOST)
        return Step(job, seconds)

    async def _missing(self, job: Job) -> Step:
        memory = self._desk.memory(job)
        memory.missing_since = memory.missing_since or self._desk.clock.now()
        if self._desk.clock.now() - memory.missing_since > FORGIVENESS:
            return await self._desk.end(job, JobState.LOST, words.FORGOTTEN)
        return await self._overdue(job, self._desk.schedule.next_check(self._desk.age(job)))


def _furthest(before: Working | None, now: Working) -> Working:
    """A percentage never goes back: the greatest one seen is shown."""
    if before is None or before.percent is None:
        return now
    return Working(now.stage, max(before.percent, now.percent or 0))
