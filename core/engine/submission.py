"""Buys videos: the paid request, sent at most once, and its outcome."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final, TypeAlias

from core.dispatch import end_reasons as words
from core.dispatch.confirmations import find_later_reply
from core.dispatch.fair_queue import FairQueue
from core.dispatch.provider_registry import Closed, Free, Later, Offer, ProviderRegistry
from core.engine.look_ups import LookUps
from core.engine.poller import Poller
from core.engine.preparation import ProviderChoice, ShownPictures
from core.engine.step import Step, StepContext
from core.model.errors import (
    DeliveryDelayed,
    NotSent,
    OutcomeUnknown,
    PictureLost,
    Refusal,
    Refused,
    TaskTaken,
    Withheld,
)
from core.model.job import Job, JobState, Reason, Ticket
from core.model.limits import LimitReached
from core.model.operator_alerts import OutcomeUnclear
from core.polling.schedule import OUTAGE
from core.ports import Created, NoReply, Order, Progress, Reply, ReplyLog

log = logging.getLogger(__name__)

MOST_UPSTREAM_TRIES: Final = 3
SHORTEST_WAIT: Final = 1.0
_BUSY_SECONDS: Final = 15.0
_A_LITTLE_LATER: Final = 1.0
_LOOKED_AT_AGAIN: Final = 60.0
_SENT_SINCE: Final = "refused, and sent again, before the database was put back"

Outcome: TypeAlias = Created | NotSent | Refused | OutcomeUnknown


class Submission:
    def __init__(
        self,
        *,
        context: StepContext,
        registry: ProviderRegistry,
        provider_choice: ProviderChoice,
        replies: ReplyLog,
        poller: Poller,
        fair_queue: FairQueue,
        pictures: ShownPictures,
        look_ups: LookUps,
    ) -> None:
        self._look_ups = look_ups
        self._context = context
        self._pictures = pictures
        self._fair_queue = fair_queue
        self._registry = registry
        self._provider_choice = provider_choice
        self._poller = poller
        self._create_health = registry.provider_health.creates
        self._replies = replies

    async def submit(self, job: Job) -> Step:
        """Buy the video: save that first, send once, and save what is known afterwards."""
        self._context.memory(job).is_sending = False
        reply = await find_later_reply(job, self._replies)
        if reply is not None:
            return await self._settle_earlier(job, reply)
        found = await self._look_ups.find(job) if job.attempts else None
        if found is not None:
            return await self._adopt(job, found)
        if self.lacks_picture(job):
            return await self._show_picture(job)
        offer = self._provider_choice.claim(job)
        return await self._wait(job) if offer is None else await self._send(job, offer)

    def lacks_picture(self, job: Job) -> bool:
        """Whether a job's picture needs a link for gateways first. No place is held while that is made."""
        return self._pictures.lacks(job)

    async def awaits_yes(self, job: Job) -> bool:
        """Whether a job waits for the operator's yes. One that a gateway has answered needs none."""
        is_asked = self._context.confirmations.awaits(job.id)
        return is_asked and await find_later_reply(job, self._replies) is None

    def patience(self, job: Job) -> float:
        """Seconds for which a job may wait on for its turn; 0 where it has waited too long.

        It waits on while a provider takes orders: then only its turn has not come.
        """
        if not self._context.is_overdue(job):
            return self._context.until_overdue(job) + _A_LITTLE_LATER
        return _LOOKED_AT_AGAIN if self._provider_choice.is_any_taking(job) else 0.0

    async def _show_picture(self, job: Job) -> Step:
        """Make a link to the picture for gateways; wait where that fails, but not for ever."""
        try:
            await self._pictures.show(job)
        except DeliveryDelayed:
            if not self._context.is_overdue(job):
                return Step(job, self._context.record_failure(job.id))
            return await self._reject(job, words.PICTURE_LOST)
        except PictureLost:
            return await self._reject(job, words.PICTURE_LOST)
        return Step(job)

    async def _send(self, job: Job, offer: Offer) -> Step:
        memory = self._context.memory(job)
        memory.outcome = None
        memory.is_sending = True
        self._create_health.begin(offer.name)
        try:
            announced = await self._announce(job, offer)
            memory.outcome = await self._send_once(announced, offer)
        except LimitReached as error:
            memory.is_sending = False
            return await self._too_dear(job, offer, error)
        finally:
            self._create_health.end(offer.name)
        step = await self.settle(announced)
        if announced.price != job.price:
            await self._context.allowance.look(announced)
        return step

    async def _announce(self, job: Job, offer: Offer) -> Job:
        """Save that the job is sent now, at the price of this offer. Raise LimitReached."""
        announced = job.submitting(offer.name, self._context.clock.now())
        priced = announced.priced(offer.model.price(job.request))
        return await self._context.move(job, priced, self._context.allowance.limits)

    async def _too_dear(self, job: Job, offer: Offer, error: LimitReached) -> Step:
        """Go to a provider whose price fits, if there is one; else say which limit has no room."""
        memory = self._context.memory(job)
        memory.gave_up_on.add(offer.name)
        memory.rejection = words.no_room(error, self._context.clock.now())
        await self._context.allowance.came_up(error)
        return Step(job) if self._is_any_free(job) else await self._wait(job)

    async def _settle_earlier(self, job: Job, reply: Reply | NoReply) -> Step:
        """Use the reply to a request that the database, an older copy, has no record of."""
        log.warning("sent before the database was put back", extra={"job": job.id})
        return await self.settle(await self._announce_again(job, reply.provider, reply.attempt))

    async def _adopt(self, job: Job, created: Created) -> Step:
        """Follow a task that an earlier request of the job made after all; nothing is sent."""
        log.warning("made by an earlier request", extra={"job": job.id})
        memory = self._context.memory(job)
        memory.outcome, memory.is_sending = created, True
        return await self.settle(await self._announce_again(job, created.ticket.provider, job.attempts))

    async def _announce_again(self, job: Job, provider: str, attempt: int) -> Job:
        """Save what was sent before, at its price there: no limit blocks what is paid for."""
        announced = job.submitting(provider, self._context.clock.now(), attempt=attempt)
        return await self._context.move(job, announced.priced(self._registry.price(job, provider)))

    async def _send_once(self, job: Job, offer: Offer) -> Outcome:
        """Send a paid request once, and return its outcome.

        While it was announced, other jobs may have learned that the gateway is paused.
        """
        provider, sent_at = offer.provider, self._context.clock.monotonic()
        if self._create_health.is_left_alone(offer.name):
            return Withheld("the gateway is left alone for now")
        order = Order(job.id, self._pictures.sendable(job), offer.model, job.attempts)
        try:
            created = await provider.create(order)
        except OutcomeUnknown as error:
            if error.is_from_elsewhere:
                self._create_health.reject_key(provider.name, str(error))
            self._create_health.note_unconfirmed(provider.name, str(error), sent_at=sent_at)
            return error
        except (NotSent, Refused) as error:
            return error
        # A task that is found later confirms nothing that is sent now.
        self._create_health.note_success(provider.name, offer.model.name)
        self._fair_queue.note_acceptance(provider.name)
        return created

    async def settle(self, job: Job) -> Step:
        """Save the outcome of the paid request, as often as it takes until it is saved.

        An unknown outcome is left to a person: it is never sent again. After a crash the reply may be
        in the log, though the program had no time to read it.
        """
        memory = self._context.memory(job)
        if not memory.is_sending:
            if await find_later_reply(job, self._replies) is not None:
                now = self._context.clock.now()
                return await self._context.save(job, job.requeued(_SENT_SINCE, now, next_at=now))
            memory.outcome = await self._read_stored_reply(job)
        return await self._save_outcome(job, memory.outcome)

    async def _save_outcome(self, job: Job, outcome: Outcome | None) -> Step:
        match outcome:
            case Created(ticket, progress):
                self._context.clear_failures(job.id)
                return await self._accept(job, ticket, progress)
            case NotSent() as error:
                return await self._unsent(job, error)
            case Refused() as error:
                return await self._handle_refusal(job, error)
            case OutcomeUnknown() | None as error:
                await self._keep_silence(job)
                return await self._mark_unknown(job, error)

    async def _read_stored_reply(self, job: Job) -> Outcome | None:
        """Read the reply that an earlier run stored of this very request, if there is one."""
        reply, provider = await self._replies.last(job.id), self._registry.by_name(job.provider)
        if not isinstance(reply, Reply) or provider is None:
            return None
        if (reply.provider, reply.attempt) != (job.provider, job.attempts):
            return None  # it answers an earlier request of this job
        try:
            return provider.read(reply, self._registry.order(job))
        except (Refused, OutcomeUnknown) as error:
            return error

    async def _keep_silence(self, job: Job) -> None:
        """Note outside the database, too, that this request was sent and has no answer."""
        reply = await self._replies.last(job.id)
        if reply is None or reply.attempt < job.attempts:
            await self._replies.append(job.id, NoReply(job.provider or "", job.attempts))

    async def _wait(self, job: Job) -> Step:
        """Wait for a provider that is full, slow or down; where none is left, end the job at once."""
        choice = self._provider_choice.choose(job)
        if isinstance(choice, Closed):
            return await self._reject(job, self._context.memory(job).rejection or choice.reason)
        if self._context.is_overdue(job):
            return await self._reject(job, words.NOT_TAKEN)
        return Step(job, max(SHORTEST_WAIT, choice.seconds) if isinstance(choice, Later) else SHORTEST_WAIT)

    async def _reject(self, job: Job, reason: Reason) -> Step:
        """End a job that is not sent."""
        return await self._context.end(job, JobState.REJECTED, reason)

    async def _mark_unknown(self, job: Job, error: OutcomeUnknown | None = None) -> Step:
        step = await self._context.save(job, job.unknown(words.IN_DOUBT, self._context.clock.now()))
        said = "" if error is None else error.said
        log.warning(
            "a request was not confirmed",
            extra={"job": job.id, "provider": job.provider, "why": str(error or "no answer"), "said": said},
        )
        self._context.alerts.send(OutcomeUnclear(job.id, job.provider or "", job.price, said))
        return step

    async def _accept(self, job: Job, ticket: Ticket, progress: Progress) -> Step:
        """Save the task's id before anything else; then see what the reply already says of it."""
        now = self._context.clock.now()
        first = now + timedelta(seconds=self._context.schedule.first_seconds)
        try:
            running = await self._context.move(job, job.running(ticket, now, next_at=first))
        except TaskTaken:
            return await self._mark_unknown(job)
        look = self._poller.begin(running, progress)
        self._context.forget_submission(job.id)
        return await self._poller.settle(running, look)

    async def _unsent(self, job: Job, error: NotSent) -> Step:
        if isinstance(error, Withheld):
            return await self._elsewhere_or_later(job, str(error), SHORTEST_WAIT)
        self._create_health.pause(job.provider or "", str(error))
        return await self._elsewhere_or_later(job, str(error))

    async def _handle_refusal(self, job: Job, error: Refused) -> Step:
        """Nothing was made. After the provider's own trouble another provider may take the job.

        A refusal inside an answer of success is not sent elsewhere: if it is wrong, the video is paid once.
        """
        retry_after = self._context.schedule.honour_retry_after(error.retry_after, _BUSY_SECONDS)
        self._learn(job, error, retry_after)
        if error.is_final or error.why is Refusal.REQUEST:
            return await self._context.end(job, JobState.REJECTED, words.refused(error))
        return await self._handle_provider_refusal(job, error, retry_after)

    def _learn(self, job: Job, error: Refused, retry_after: float) -> None:
        """Learn about the provider from a refusal."""
        name, is_busy = job.provider or "", error.why is Refusal.BUSY
        self._create_health.disable(
            name, error, model=self._model(job), seconds=retry_after if is_busy else None
        )
        if is_busy:
            self._fair_queue.note_refusal(name, self._context.clock.monotonic())

    async def _handle_provider_refusal(self, job: Job, error: Refused, retry_after: float) -> Step:
        name = job.provider or ""
        match error.why:
            case Refusal.BUSY:
                return await self._elsewhere_or_later(job, error.said, retry_after)
            case Refusal.UPSTREAM:
                tries = self._context.memory(job).upstream_tries
                tries[name] += 1
                if tries[name] < MOST_UPSTREAM_TRIES:
                    return await self._elsewhere_or_later(job, error.said)
            case Refusal.CREDIT | Refusal.CONFIGURATION | Refusal.REQUEST:
                pass
        self._context.memory(job).gave_up_on.add(name)
        if not isinstance(self._provider_choice.choose(job), Closed):
            return await self._elsewhere_or_later(job, error.said)
        return await self._context.end(job, JobState.REJECTED, words.refused(error))

    def _model(self, job: Job) -> str:
        """Name the model that makes the job's video at its provider."""
        order = self._registry.order(job)
        return "" if order is None else order.model.name

    async def _elsewhere_or_later(self, job: Job, why: str, retry_after: float | None = None) -> Step:
        """Go to another provider at once if one is free; else wait for another turn, but not for ever."""
        now, trouble = self._context.clock.now(), self._context.record_failure(job.id)
        if self._context.is_overdue(job) and self._context.failing_for(job.id) > OUTAGE:
            return await self._context.end(job, JobState.REJECTED, words.NOT_TAKEN)
        wait = trouble if retry_after is None else retry_after
        seconds = 0.0 if self._is_any_free(job) else wait
        return await self._context.save(
            job, job.requeued(why, now, next_at=now + timedelta(seconds=seconds)), seconds
        )

    def _is_any_free(self, job: Job) -> bool:
        return isinstance(self._provider_choice.choose(job), Free)
