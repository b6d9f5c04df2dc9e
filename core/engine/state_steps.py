"""What is done with a job in each state, and with how many at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final
from urllib.parse import urlsplit

from core.dispatch.fair_queue import FairQueue
from core.dispatch.lanes import Lanes
from core.engine.delivery_steps import DeliverySteps
from core.engine.fetch_and_notify import FetchAndNotify
from core.engine.look_ups import LookUps
from core.engine.poller import Poller
from core.engine.step import Step, StepContext
from core.engine.submission import Submission
from core.model.job import Job, JobState
from core.polling.schedule import DEADLINE

_CAN_BE_GIVEN_UP: Final = frozenset(
    {JobState.RUNNING, JobState.READY, JobState.DELIVERING, JobState.DELIVERED}
)


class StateSteps:
    def __init__(
        self,
        *,
        context: StepContext,
        fair_queue: FairQueue,
        submission: Submission,
        look_ups: LookUps,
        poller: Poller,
        delivery_steps: DeliverySteps,
        fetch_and_notify: FetchAndNotify,
    ) -> None:
        self._context = context
        self._fair_queue = fair_queue
        self._submission = submission
        self._look_ups = look_ups
        self._fetch_and_notify = fetch_and_notify
        self._pictures = Lanes(context.clock, each=4, together=16)
        self._creates = Lanes(context.clock, each=16, together=64)
        self._questions = Lanes(context.clock, each=32, together=64)
        self._downloads = Lanes(context.clock, each=4, together=8)
        self._uploads = Lanes(context.clock, each=2, together=8, patience=5.0)
        self._messages = Lanes(context.clock, each=4, together=16)
        self._steps: Mapping[JobState, Callable[[Job], Awaitable[Step]]] = {
            JobState.QUEUED: submission.submit,
            JobState.SUBMITTING: submission.settle,
            JobState.RUNNING: poller.check,
            JobState.READY: fetch_and_notify.fetch,
            JobState.STORED: delivery_steps.plan,
            JobState.DELIVERING: delivery_steps.deliver,
            JobState.DELIVERED: fetch_and_notify.ping,
            JobState.UNKNOWN: self._decide,
        }

    def lane(self, job: Job) -> AbstractAsyncContextManager[None]:
        """What is held during a step: a lane of the provider, the host or the place that the job needs."""
        match job.state:
            case JobState.QUEUED:
                return self._lane_to_provider(job)
            case JobState.RUNNING:
                return self._questions.hold(job.provider)
            case JobState.READY:
                return self._downloads.hold((job.provider, _host(job)))
            case JobState.DELIVERING:
                return self._uploads.hold(_place(job))
            case JobState.UNKNOWN:
                return self._messages.hold((job.provider, _place(job)))
            case _:
                return self._messages.hold(_place(job))

    def _lane_to_provider(self, job: Job) -> AbstractAsyncContextManager[None]:
        if self._submission.lacks_picture(job):
            return self._pictures.hold(_place(job))
        return self._creates.hold(self._fair_queue.provider_of(job.id))

    async def step(self, job: Job) -> Step:
        """Take the job one step further."""
        if job.state in _CAN_BE_GIVEN_UP and self.is_hopeless(job.id):
            return await self._fetch_and_notify.give_up(job)
        return await self._steps.get(job.state, self._fetch_and_notify.notify)(job)

    async def awaits_yes(self, job: Job) -> bool:
        """Whether a job in the queue waits for a person, and not for its turn."""
        return job.state is JobState.QUEUED and await self._submission.awaits_yes(job)

    def lacks_picture(self, job: Job) -> bool:
        """Whether a job's picture needs a link for gateways before the job waits for a place."""
        return self._submission.lacks_picture(job)

    def patience(self, job: Job) -> float:
        """Seconds for which a job in the queue may wait on for its turn; 0 where it is to end instead."""
        return self._submission.patience(job)

    def is_hopeless(self, job_id: int) -> bool:
        """Whether everything has gone wrong with the job for so long that it is given up."""
        return self._context.failing_for(job_id) > DEADLINE

    async def _decide(self, job: Job) -> Step:
        """Look for the task of an unconfirmed job; tell its member once that only a person can decide."""
        decided = await self._look_ups.reconsider(job)
        if decided is not None:
            return decided
        notified = await self._fetch_and_notify.notify(job)
        wait = self._look_ups.next_look_up(job)
        return Step(notified.job, wait if notified.seconds is None else min(notified.seconds, wait))


def _host(job: Job) -> str | None:
    """Name the machine that the clip comes from; None for the provider's own."""
    link = job.result.url if job.result is not None else None
    return urlsplit(link).netloc if link else None


def _place(job: Job) -> int:
    """Name the place that a video or a message goes to: a channel, or a member for direct messages."""
    is_direct = job.delivery is not None and job.delivery.is_direct
    return job.destination.requester_id if is_direct else job.destination.channel_id
