"""Fetches finished videos, announces delivered ones, and notifies members of jobs without a video."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core.dispatch import end_reasons as words
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.step import Step, StepContext
from core.model.errors import DeliveryDelayed, FetchFailed, LinkExpired, NobodyThere, NoRoom, TooLarge
from core.model.job import Job, JobState, Notice
from core.model.operator_alerts import VideoUnkept
from core.model.video import Result
from core.polling.schedule import OUTAGE
from core.ports import ClipStore, Courier

FRESH_LINK_WAITS: Final = (0.0, 15.0, 240.0, 1800.0)
"""Seconds before each question for another link: at once, since links expire; then time to appear, as long
as it takes where a whole network of servers has to learn of a clip or of who may see it."""

MOST_PINGS: Final = 5
_TRIES_OF_ONE_LINK: Final = 5
_DAY: Final = timedelta(days=1)


class FetchAndNotify:
    def __init__(
        self, context: StepContext, registry: ProviderRegistry, clips: ClipStore, courier: Courier
    ) -> None:
        self._context = context
        self._registry = registry
        self._clips = clips
        self._courier = courier

    async def fetch(self, job: Job) -> Step:
        """Bring the finished clip to our disk."""
        provider = self._registry.of(job)
        if job.ticket is None or job.result is None or provider is None:
            return await self._wait_or_end(job)
        result = self._context.memory(job).result or job.result
        try:
            video = await provider.fetch(job.ticket, result, self._clips.path(job.id))
        except FetchFailed as error:
            return await self._handle_failure(job, result, error)
        self._context.clear_failures(job.id)
        return await self._context.save(job, job.stored(video, self._context.clock.now()))

    async def _handle_failure(self, job: Job, result: Result, error: FetchFailed) -> Step:
        if isinstance(error, NoRoom):
            self._context.alerts.send(VideoUnkept(job.id, str(error)))
        elif not result.is_proved:
            return await self._not_there(job, str(error))
        elif isinstance(error, LinkExpired):
            return await self._fresh_link(job, str(error))
        elif (
            self._context.memory(job).result is None and self._context.failures(job.id) >= _TRIES_OF_ONE_LINK
        ):
            # Other links, which were not saved, may work where this one does not.
            return await self._context.save(job, job.relink(str(error), self._context.clock.now()))
        return await self._wait_or_end(job)

    async def _not_there(self, job: Job, why: str) -> Step:
        """Go back to asking about a task: the answer that called it finished did not name it."""
        now = self._context.clock.monotonic()
        self._context.identity.fetch_failed(job.id, job.provider or "", now)
        return await self._context.save(job, job.relink(why, self._context.clock.now()))

    async def _fresh_link(self, job: Job, why: str) -> Step:
        memory = self._context.memory(job)
        if memory.fresh_links >= len(FRESH_LINK_WAITS):
            return await self._context.end(job, JobState.RESULT_GONE, words.RESULT_GONE)
        asked_again = job.relink(why, self._context.clock.now())
        step = await self._context.save(job, asked_again, FRESH_LINK_WAITS[memory.fresh_links])
        memory.fresh_links += 1
        return step

    async def _wait_or_end(self, job: Job) -> Step:
        seconds = self._context.record_failure(job.id)
        if self._context.failing_for(job.id) <= OUTAGE:
            return Step(job, seconds)
        if job.result is None or self._context.is_over(self._context.elapsed(job, job.result.seen_at)):
            return await self._context.end(job, JobState.RESULT_GONE, words.RESULT_GONE)
        return Step(job, seconds)

    async def ping(self, job: Job) -> Step:
        """Notify the requester once; after a few failures the notice is given up."""
        if not job.destination.wants_ping:
            return await self._context.save(job, job.done(self._context.clock.now()), None)
        was_tried = job.notice is Notice.ANNOUNCED
        if not was_tried:
            job = await self._context.move(job, job.pinging(self._context.clock.now()))
        try:
            await self._courier.ping(job, was_tried=was_tried)
        except DeliveryDelayed as delayed:
            if self._context.failures(job.id) < MOST_PINGS:
                return self._later(job, delayed)
        except (TooLarge, NobodyThere):
            pass  # the video is there; only its notice is not
        return await self._context.save(job, job.done(self._context.clock.now()), None)

    async def notify(self, job: Job) -> Step:
        """Tell the member the state of a job that has ended, or that only a person can decide."""
        later = None if job.has_ended else self._context.clock.now() + _DAY
        seconds = None if later is None else _DAY.total_seconds()
        if job.notice is Notice.GIVEN:
            return Step(job, seconds)
        try:
            await self._courier.notify(job)
        except DeliveryDelayed as delayed:
            return self._later(job, delayed)
        except (TooLarge, NobodyThere):
            pass  # the member cannot be told there; the job stays in the member's list
        self._context.clear_failures(job.id)
        return await self._context.save(job, job.notified(self._context.clock.now(), next_at=later), seconds)

    def _later(self, job: Job, delayed: DeliveryDelayed) -> Step:
        return Step(job, max(self._context.record_failure(job.id), delayed.seconds))

    async def give_up(self, job: Job) -> Step:
        """End a job that has gone wrong for a whole day, for whatever reason, so that its member is told."""
        self._context.clear_failures(job.id)
        match job.state:
            case JobState.RUNNING:
                return await self._context.end(job, JobState.LOST, words.LOST)
            case JobState.READY:
                return await self._context.end(job, JobState.RESULT_GONE, words.RESULT_GONE)
            case JobState.DELIVERING:
                return await self._context.end(job, JobState.UNDELIVERABLE, words.UNDELIVERED)
            case _:
                return await self._context.save(job, job.done(self._context.clock.now()), None)
