"""Buys videos: the paid request, sent at most once, and the questions about what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core import words
from core.errors import CheckFailed, NotSent, OutcomeUnknown, Refusal, Refused, TaskMissing, TaskTaken
from core.jobs import Job, JobState, Ticket
from core.lineup import Lineup
from core.ports import Created, Failed, Finished, Order, Progress, Provider, Working
from core.schedule import DEADLINE, FORGIVENESS, OUTAGE
from core.steps import Desk, Step

MOST_UPSTREAM_TRIES: Final = 3
_BUSY_SECONDS: Final = 15.0


class Purchase:
    def __init__(self, desk: Desk, lineup: Lineup) -> None:
        self._desk = desk
        self._lineup = lineup

    async def submit(self, job: Job) -> Step:
        """Buy the video: say so first, send once, and write down what is known afterwards."""
        choice = self._lineup.choice(job.request)
        if choice is None:
            announced = await self._desk.moved(job, job.submitting("none", self._desk.clock.now()))
            return await self._desk.end(announced, JobState.REJECTED, words.NO_PROVIDER)
        provider, model = choice
        memory = self._desk.memory(job)
        memory.outcome = None
        announced = await self._desk.moved(job, job.submitting(provider.name, self._desk.clock.now()))
        memory.outcome = await _sent(provider, Order(job.id, job.request, model))
        return await self.settle(announced)

    async def settle(self, job: Job) -> Step:
        """Write down what became of the paid request, as often as it takes until it is saved.

        What nobody knows is left to a person, such as what was being sent when the program died: it is
        never sent again.
        """
        match self._desk.memory(job).outcome:
            case Created(ticket, progress):
                self._desk.relief(job.id)
                return await self._accepted(job, ticket, progress)
            case NotSent() as error:
                return await self._again_later(job, str(error))
            case Refused() as error:
                return await self._refused(job, error)
            case None:
                return await self._doubt(job)

    async def _doubt(self, job: Job) -> Step:
        return await self._desk.save(job, job.in_doubt(words.IN_DOUBT, self._desk.clock.now()))

    async def _accepted(self, job: Job, ticket: Ticket, progress: Progress) -> Step:
        now = self._desk.clock.now()
        first = self._desk.schedule.next_check(timedelta())
        try:
            running = job.running(ticket, now, next_at=now + timedelta(seconds=first))
            await self._desk.moved(job, running)
        except TaskTaken:
            return await self._doubt(job)
        return await self._heard(running, progress, first)

    async def _refused(self, job: Job, error: Refused) -> Step:
        if error.why is Refusal.BUSY:
            wait = self._desk.schedule.at_wish(error.retry_after, _BUSY_SECONDS)
            return await self._again_later(job, error.said, wait)
        if error.why is Refusal.UPSTREAM:
            memory = self._desk.memory(job)
            memory.upstream_tries += 1
            if memory.upstream_tries < MOST_UPSTREAM_TRIES:
                return await self._again_later(job, error.said)
        return await self._desk.end(job, JobState.REJECTED, words.refused(error))

    async def _again_later(self, job: Job, why: str, wish: float | None = None) -> Step:
        """Wait for another turn, but not for ever."""
        now, trouble = self._desk.clock.now(), self._desk.trouble(job.id)
        if self._desk.elapsed(job, job.ordered_at) > DEADLINE and self._desk.troubled_for(job.id) > OUTAGE:
            return await self._desk.end(job, JobState.REJECTED, words.NOT_TAKEN)
        seconds = trouble if wish is None else wish
        return await self._desk.save(
            job, job.requeued(why, now, next_at=now + timedelta(seconds=seconds)), seconds
        )

    async def check(self, job: Job) -> Step:
        """Ask about the task. Whatever goes wrong while asking only moves the next time to ask."""
        provider = self._lineup.of(job)
        if job.ticket is None or provider is None:
            return await self._unanswered(job, self._desk.trouble(job.id, least=60))
        try:
            progress = await provider.check(job.ticket)
        except TaskMissing:
            return await self._missing(job)
        except CheckFailed as error:
            wait = self._desk.schedule.at_wish(error.retry_after, 0.0)
            return await self._unanswered(job, max(wait, self._desk.trouble(job.id)))
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

    async def _unanswered(self, job: Job, seconds: float) -> Step:
        """Wait. A few questions that fail prove nothing of an old task: perhaps the network is not up yet."""
        if self._desk.troubled_for(job.id) > OUTAGE:
            return await self._overdue(job, seconds)
        return Step(job, seconds)

    async def _missing(self, job: Job) -> Step:
        memory, now = self._desk.memory(job), self._desk.clock.monotonic()
        if memory.missing_since is None:
            memory.missing_since = now
        if now - memory.missing_since > FORGIVENESS.total_seconds():
            return await self._desk.end(job, JobState.LOST, words.FORGOTTEN)
        schedule = self._desk.schedule
        return Step(job, min(schedule.next_check(self._desk.age(job)), schedule.max_seconds))


async def _sent(provider: Provider, order: Order) -> Created | NotSent | Refused | None:
    """Send a paid request once; None where nobody knows what became of it."""
    try:
        return await provider.create(order)
    except (NotSent, Refused) as error:
        return error
    except OutcomeUnknown:
        return None


def _furthest(before: Working | None, now: Working) -> Working:
    """A percentage never goes back: the greatest one seen is shown."""
    if before is None or before.percent is None:
        return now
    return Working(now.stage, max(before.percent, now.percent or 0))
