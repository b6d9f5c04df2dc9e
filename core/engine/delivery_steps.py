"""Delivers stored videos to their members, way after way; each is saved before it is tried."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from core.delivery.attempt import Blocked, DeliveryTarget, DeliveryTools, attempt
from core.delivery.plan import begin_delivery, choose_first_way, next_way
from core.dispatch import end_reasons as words
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.step import Step, StepContext
from core.model.delivery import Delivery, Obstacle, Way
from core.model.errors import CheckFailed, DeliveryDelayed, NobodyThere, TaskMissing
from core.model.job import Job, JobState
from core.model.video import Result
from core.ports import Finished, Link, Provider

log = logging.getLogger(__name__)

ENCODER_BUSY_SECONDS: Final = 2.0
QUICK_TRIES: Final = 2
REPEATED_SECONDS: Final = 10.0
"""After so many failures in a row a way waits longer."""

MOST_FETCHED_AGAIN: Final = 5

_LINK_IS_FRESH: Final = timedelta(minutes=30)


class DeliverySteps:
    """A job that waits for the encoder delays no other: only one at a time waits for it."""

    def __init__(self, context: StepContext, registry: ProviderRegistry, tools: DeliveryTools) -> None:
        self._context = context
        self._registry = registry
        self._tools = tools
        self._line = asyncio.Lock()

    async def plan(self, job: Job) -> Step:
        """Choose how the video will be delivered, and save it before it is tried."""
        return await self._choose(job, begin_delivery(job))

    async def deliver(self, job: Job) -> Step:
        """Try the way that is saved; at an obstacle save the next."""
        video, tried = job.video, job.delivery
        if video is None or not await self._tools.clips.holds(job.id, video):
            return await self._fetch_again(job)
        if tried is None or tried.plan is Way.UNDECIDED:
            return await self._choose(job, tried or begin_delivery(job))
        if tried.plan is Way.REENCODE and self._line.locked():
            return Step(job, ENCODER_BUSY_SECONDS)
        tried = self._note_try(job, tried)
        try:
            brought = await self._attempt(job, tried, video.size)
        except DeliveryDelayed as delayed:
            return self._delay(job, tried, delayed)
        except Blocked as blocked:
            return await self._go_on(job, tried, blocked)
        return await self._finish(
            job, replace(tried, channel_id=brought.channel_id, message_id=brought.message_id)
        )

    async def _fetch_again(self, job: Job) -> Step:
        """Have a clip fetched once more whose file is gone or damaged; give up on a disk that stores none."""
        memory, provider = self._context.memory(job), self._registry.of(job)
        if provider is None or job.result is None or memory.fetched_again >= MOST_FETCHED_AGAIN:
            return await self._context.end(job, JobState.UNDELIVERABLE, words.FILE_GONE)
        log.warning("the file of a finished video is gone; it is fetched anew", extra={"job": job.id})
        delivery = job.delivery or begin_delivery(job)
        if memory.untried != job.version:
            delivery = replace(delivery, may_be_there=True)
        step = await self._context.save(job, job.fetched_again(delivery, self._context.clock.now()))
        memory.fetched_again += 1
        return step

    async def _choose(self, job: Job, delivery: Delivery) -> Step:
        limit = await self._limit(job, delivery)
        size = 0 if job.video is None else job.video.size
        return await self._announce(job, choose_first_way(delivery, size, limit))

    async def _announce(self, job: Job, delivery: Delivery) -> Step:
        step = await self._context.save(job, job.delivering(delivery, self._context.clock.now()))
        self._context.memory(job).untried = step.job.version
        return step

    async def _attempt(self, job: Job, tried: Delivery, size: int) -> Delivery:
        """Try the way that is saved. Raise Blocked or DeliveryDelayed."""
        way, put = tried.plan, partial(self._put, job)
        limit = await self._limit(job, tried) if way is Way.REENCODE else size
        target = DeliveryTarget(job, put, partial(self._public_result, job), self._line)
        try:
            return await attempt(self._tools, target, way, size, limit)
        except NobodyThere as error:
            raise Blocked(Obstacle.CLOSED) from error

    async def _put(self, job: Job, clip: Path | Link) -> Delivery:
        """Turn the job's card into its result; beside a smaller copy stands a link to the original."""
        courier, original = self._tools.courier, None
        if isinstance(clip, Link):
            return await courier.deliver_link(job, clip)
        if clip == self._tools.clips.fitted(job.id):
            original = await self._tools.links.offer(job, await self._public_result(job))
        return await courier.deliver(job, clip, original=original)

    async def _public_result(self, job: Job) -> Result | None:
        """Return the gateway's own link, if anyone can open it; ask for another where it may be old."""
        provider = _showing(self._registry, job)
        if provider is None:
            return None
        known = self._context.memory(job).result or job.result
        if known and known.url and self._context.elapsed(job, known.seen_at) < _LINK_IS_FRESH:
            return known
        asked = await public_result(self._registry, job)
        if asked is not None:
            self._context.memory(job).result = asked
        return asked

    async def _go_on(self, job: Job, tried: Delivery, blocked: Blocked) -> Step:
        """Save the next way, or end with the video stored."""
        if blocked.size:
            place = job.destination
            await self._tools.limits.note_refused_size(place, blocked.size, is_direct=tried.is_direct)
        onwards = next_way(tried, blocked.obstacle, can_go_direct=not job.destination.is_private)
        if onwards is None:
            reason = words.NOBODY_THERE if blocked.obstacle is Obstacle.CLOSED else words.TOO_LARGE
            return await self._context.end(job, JobState.UNDELIVERABLE, reason)
        self._context.clear_failures(job.id)
        if onwards.plan is Way.UNDECIDED:
            return await self._choose(job, onwards)
        return await self._announce(job, onwards)

    def _delay(self, job: Job, tried: Delivery, delayed: DeliveryDelayed) -> Step:
        """Wait, longer after each failure: each try may be a whole upload.

        A refusal proves that the try had no effect, so the next try is as good as the first.
        """
        memory, is_repeated = self._context.memory(job), self._context.failures(job.id) >= QUICK_TRIES
        if delayed.is_refusal and not tried.may_be_there:
            memory.untried = job.version
        seconds = self._context.record_failure(job.id, least=REPEATED_SECONDS if is_repeated else 2.0)
        return Step(job, max(seconds, delayed.seconds))

    def _note_try(self, job: Job, tried: Delivery) -> Delivery:
        """Note that a way is tried; one that was tried before may have worked without an answer."""
        memory = self._context.memory(job)
        is_first, memory.untried = memory.untried == job.version, None
        return tried if is_first else replace(tried, may_be_there=True)

    async def _finish(self, job: Job, delivery: Delivery) -> Step:
        self._context.clear_failures(job.id)
        step = await self._context.save(job, job.delivered(delivery, self._context.clock.now()))
        if delivery.plan is Way.REENCODE:
            await self._tools.clips.discard_fitted(job.id)
        return step

    async def _limit(self, job: Job, delivery: Delivery) -> int:
        return await self._tools.limits.of(job.destination, is_direct=delivery.is_direct)


async def public_result(registry: ProviderRegistry, job: Job) -> Result | None:
    """Ask the gateway for its link to a clip; None where it has none that anyone can open."""
    provider = _showing(registry, job)
    if provider is None or job.ticket is None:
        return None
    try:
        progress = await provider.check(job.ticket)
    except (CheckFailed, TaskMissing):
        return None
    return progress.result if isinstance(progress, Finished) and progress.result.url else None


def _showing(registry: ProviderRegistry, job: Job) -> Provider | None:
    """Find a job's gateway, if its links need no key."""
    provider = registry.of(job)
    return provider if provider is not None and provider.links_are_public else None
