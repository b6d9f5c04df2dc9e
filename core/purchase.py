"""Buys videos: the paid request, sent at most once, and what became of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from core import words
from core.alarms import OutcomeUnclear
from core.errors import (
    CheckFailed,
    DeliveryDelayed,
    NotSent,
    OutcomeUnknown,
    PictureLost,
    Refusal,
    Refused,
    TaskTaken,
)
from core.inquiry import Inquiry
from core.jobs import Job, JobState, Reason, Ticket
from core.lineup import Lineup, Offer
from core.pictures import PictureHost, sendable
from core.ports import Created, Order, Progress, Provider, Reply, ReplyLog, silence
from core.schedule import OUTAGE
from core.steps import Desk, Step
from core.takers import Takers
from core.turns import Turns
from core.video import VideoRequest

log = logging.getLogger(__name__)

MOST_UPSTREAM_TRIES: Final = 3
SHORTEST_WAIT: Final = 1.0
LOOK_UP_WAITS: Final = (60.0, 600.0, 3600.0, 86_400.0)
_BUSY_SECONDS: Final = 15.0

NOBODY: Final = "none"
"""The provider of a job that is rejected without ever having been sent."""


class Purchase:
    def __init__(
        self,
        *,
        desk: Desk,
        lineup: Lineup,
        takers: Takers,
        replies: ReplyLog,
        inquiry: Inquiry,
        turns: Turns,
        host: PictureHost,
    ) -> None:
        self._desk = desk
        self._host = host
        self._turns = turns
        self._lineup = lineup
        self._takers = takers
        self._inquiry = inquiry
        self._infirmary = lineup.infirmary
        self._replies = replies

    async def submit(self, job: Job) -> Step:
        """Buy the video: say so first, send once, and write down what is known afterwards."""
        self._desk.memory(job).is_sending = False
        reply = await self._replies.last(job.id)
        if reply is not None and reply.attempt > job.attempts:
            return await self._sent_already(job, reply)
        offer = self._takers.claimed(job)
        if offer is None:
            return await self._wait(job)
        try:
            request = await sendable(job, self._host)
        except DeliveryDelayed:
            return await self._without_picture(job)
        except PictureLost:
            return await self._reject(job, words.PICTURE_LOST)
        return await self._send(job, offer, request)

    async def _send(self, job: Job, offer: Offer, request: VideoRequest) -> Step:
        memory = self._desk.memory(job)
        memory.outcome = None
        memory.is_sending = True
        announced = await self._desk.moved(job, job.submitting(offer.name, self._desk.clock.now()))
        order = Order(job.id, request, offer.model, announced.attempts)
        memory.outcome = await self._sent(announced, offer.provider, order)
        return await self.settle(announced)

    async def _sent_already(self, job: Job, reply: Reply) -> Step:
        """Go by the reply to a request that the database has forgotten, being an older copy."""
        now = self._desk.clock.now()
        announced = job.submitting(reply.provider, now, attempt=reply.attempt)
        log.warning("sent before the database was put back", extra={"job": job.id})
        return await self.settle(await self._desk.moved(job, announced))

    async def _sent(self, job: Job, provider: Provider, order: Order) -> Created | NotSent | Refused | None:
        """Send a paid request once; None where nobody knows what became of it."""
        try:
            return await provider.create(order)
        except (NotSent, Refused) as error:
            return error
        except OutcomeUnknown as error:
            self._note_doubt(job, error)
            if error.is_stranger:
                self._infirmary.estranged(provider.name, str(error))
            return None

    def _note_doubt(self, job: Job, error: OutcomeUnknown) -> None:
        """Write into the log why nobody knows what became of a request, and remember it for the operator."""
        self._desk.memory(job).doubt = error.said
        log.warning("the outcome of a paid request is unknown", extra={"job": job.id, "why": str(error)})

    async def _without_picture(self, job: Job) -> Step:
        """Wait until the picture can be shown to the provider, but not for ever."""
        if self._desk.is_overdue(job):
            return await self._reject(job, words.PICTURE_LOST)
        return Step(job, self._desk.trouble(job.id))

    async def settle(self, job: Job) -> Step:
        """Write down what became of the paid request, as often as it takes until it is saved.

        What nobody knows is left to a person: it is never sent again. After a crash the reply may be
        in the log, though nobody had time to read it.
        """
        memory = self._desk.memory(job)
        if job.provider == NOBODY:
            return await self._desk.end(job, JobState.REJECTED, memory.rejection or words.NOT_SENT)
        if not memory.is_sending:
            memory.outcome = await self._replied(job)
        match memory.outcome:
            case Created(ticket, progress):
                self._desk.relief(job.id)
                self._infirmary.worked(ticket.provider)
                self._turns.accepted(ticket.provider)
                return await self._accepted(job, ticket, progress)
            case NotSent() as error:
                return await self._unsent(job, error)
            case Refused() as error:
                return await self._refused(job, error)
            case None:
                await self._keep_silence(job)
                return await self._doubt(job)

    async def _replied(self, job: Job) -> Created | Refused | None:
        """Read the reply that an earlier run kept of this very request, if there is one."""
        reply, provider = await self._replies.last(job.id), self._lineup.named(job.provider)
        if reply is None or provider is None or reply.is_silence:
            return None
        if (reply.provider, reply.attempt) != (job.provider, job.attempts):
            return None  # it answers an earlier request of this job
        try:
            return provider.read(reply, self._lineup.order(job))
        except Refused as error:
            return error
        except OutcomeUnknown as error:
            self._note_doubt(job, error)
            return None

    async def _keep_silence(self, job: Job) -> None:
        """Note outside the database, too, that this request was sent and nobody knows what became of it."""
        reply = await self._replies.last(job.id)
        if reply is None or reply.attempt < job.attempts:
            await self._replies.append(job.id, silence(job.provider or NOBODY, job.attempts))

    async def _wait(self, job: Job) -> Step:
        """Wait for a provider that is slow or down; where none is left, say so at once."""
        waited_for = self._takers.waited_for(job)
        if not waited_for:
            return await self._reject(job, self._takers.why_none(job))
        if self._desk.is_overdue(job):
            return await self._reject(job, words.NOT_TAKEN)
        return Step(job, max(SHORTEST_WAIT, self._infirmary.seconds_until_free(waited_for)))

    async def _reject(self, job: Job, reason: Reason) -> Step:
        """End a job that was not sent: by way of SUBMITTING, as all that leave the queue."""
        self._desk.memory(job).rejection = reason
        announced = await self._desk.moved(job, job.submitting(NOBODY, self._desk.clock.now()))
        return await self.settle(announced)

    async def _doubt(self, job: Job) -> Step:
        said = self._desk.memory(job).doubt
        step = await self._desk.save(job, job.in_doubt(words.IN_DOUBT, self._desk.clock.now()))
        self._desk.alarm.raised(OutcomeUnclear(job.id, job.provider or "", job.price, said))
        return step

    async def reconsider(self, job: Job) -> Step | None:
        """Look for the task of a job in doubt, where its provider has a way to find it."""
        order, provider = self._lineup.order(job), self._lineup.named(job.provider)
        self._desk.memory(job).look_ups += 1
        if order is None or provider is None:
            return None
        try:
            created = await provider.look_up(order)
        except CheckFailed:
            return None
        if created is None:
            return None
        now = self._desk.clock.now()
        try:
            return await self._desk.save(job, job.running(created.ticket, now, next_at=now))
        except TaskTaken:
            return None

    def next_look_up(self, job: Job) -> float:
        """Seconds until a job in doubt is looked for again: soon at first, then once a day."""
        done = self._desk.memory(job).look_ups
        return LOOK_UP_WAITS[min(done, len(LOOK_UP_WAITS)) - 1]

    async def _accepted(self, job: Job, ticket: Ticket, progress: Progress) -> Step:
        """Write down the task's id before anything else; then see what the reply already says of it."""
        now = self._desk.clock.now()
        first = now + timedelta(seconds=self._desk.schedule.first_seconds)
        try:
            running = await self._desk.moved(job, job.running(ticket, now, next_at=first))
        except TaskTaken:
            return await self._doubt(job)
        look = self._inquiry.begun(running, progress)
        self._desk.forget_purchase(job.id)
        return await self._inquiry.settle(running, look)

    async def _unsent(self, job: Job, error: NotSent) -> Step:
        self._infirmary.unreachable(job.provider or "", str(error))
        return await self._elsewhere_or_later(job, str(error))

    async def _refused(self, job: Job, error: Refused) -> Step:
        """Nothing was made. What is the provider's own trouble may be another provider's work."""
        name = job.provider or ""
        wish = self._desk.schedule.at_wish(error.retry_after, _BUSY_SECONDS)
        self._infirmary.refused(name, error, seconds=wish if error.why is Refusal.BUSY else None)
        match error.why:
            case Refusal.REQUEST:
                return await self._desk.end(job, JobState.REJECTED, words.refused(error))
            case Refusal.BUSY:
                self._turns.refused(name, self._desk.clock.monotonic())
                return await self._elsewhere_or_later(job, error.said, wish)
            case Refusal.UPSTREAM:
                tries = self._desk.memory(job).upstream_tries
                tries[name] += 1
                if tries[name] < MOST_UPSTREAM_TRIES:
                    return await self._elsewhere_or_later(job, error.said)
            case Refusal.CREDIT | Refusal.CONFIGURATION:
                pass
        self._desk.memory(job).gave_up_on.add(name)
        if self._takers.waited_for(job):
            return await self._elsewhere_or_later(job, error.said)
        return await self._desk.end(job, JobState.REJECTED, words.refused(error))

    async def _elsewhere_or_later(self, job: Job, why: str, wish: float | None = None) -> Step:
        """Go to another provider at once if one is free; else wait for another turn, but not for ever."""
        now, trouble = self._desk.clock.now(), self._desk.trouble(job.id)
        if self._desk.is_overdue(job) and self._desk.troubled_for(job.id) > OUTAGE:
            return await self._desk.end(job, JobState.REJECTED, words.NOT_TAKEN)
        seconds = 0.0 if self._takers.is_any_free(job) else trouble if wish is None else wish
        return await self._desk.save(
            job, job.requeued(why, now, next_at=now + timedelta(seconds=seconds)), seconds
        )
