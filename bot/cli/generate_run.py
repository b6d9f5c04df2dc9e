"""Makes one video for `matinee generate`: the bot's own engine, over stores without a disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli.generate_endings import Verdict, timed_out
from bot.cli.generate_events import Events
from bot.cli.terminal_courier import TerminalCourier, terminal_tools
from bot.cli.terminal_provider import TerminalProvider
from core.dispatch.fair_queue import FairQueue
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.build import engine
from core.engine.step import StepContext
from core.model.catalog import Catalog
from core.model.delivery import Destination
from core.model.job import Job, JobState, Ticket
from core.model.video import VideoRequest
from core.polling.schedule import AdaptiveSchedule
from core.ports import Clock, JobView, Provider, ReplyLog
from core.services.orders import OrderService
from storage.memory.stores import MemoryJobStore

_TERMINAL: Final = Destination(requester_id=0, channel_id=0, wants_ping=False)
_UNTOLD: Final = VideoRequest(
    model="", prompt="", duration_seconds=0, aspect_ratio="", mode=None, audio=False
)
"""The request of an earlier run, of which only the task's id is known."""


class GenerateRun:
    """One order at one provider, from the paid request, or from its task's id, to the file.

    It waits as long as the bot waits, or for `timeout_seconds`; a paid request that is under way
    by then is awaited, since its answer has the task's id.
    """

    def __init__(
        self,
        *,
        provider: Provider,
        catalog: Catalog,
        clock: Clock,
        schedule: AdaptiveSchedule,
        replies: ReplyLog,
        events: Events,
        output: Path,
        timeout_seconds: float | None = None,
    ) -> None:
        self._clock = clock
        self._events = events
        self._output = output
        self._timeout_seconds = timeout_seconds
        self._verdict = Verdict()
        self._provider = TerminalProvider(provider, events, self._verdict)
        self._courier = TerminalCourier(events, self._verdict, self._provider, clock)
        self._store = MemoryJobStore()
        registry = ProviderRegistry({provider.name: self._provider}, catalog.of([provider.name]), clock)
        self._runner = engine(
            store=self._store,
            context=StepContext(store=self._store, clock=clock, schedule=schedule),
            schedule=schedule,
            registry=registry,
            tools=terminal_tools(self._courier, output, clock),
            replies=replies,
            fair_queue=FairQueue(places=1, places_for_member=1),
        ).runner
        self._orders = OrderService(store=self._store, registry=registry, clock=clock, wake=self._runner.wake)

    async def order(self, request: VideoRequest) -> None:
        """Order a video and bring it. Raise Ended where none comes; if interrupted, say what goes on."""
        job = await self._orders.order(self._number(), request, _TERMINAL)
        await self._finish(job.id)

    async def resume(self, routes: Sequence[Ticket]) -> None:
        """Bring the video of a task that was paid for before, asked about on each route; as `order`."""
        job = await self._record_sent(routes[0])
        self._provider.resume(routes)
        self._courier.show(JobView(job))
        self._runner.wake(job)
        await self._finish(job.id)

    async def _record_sent(self, ticket: Ticket) -> Job:
        """Record a job whose paid request an earlier run has sent: no step of ours sends it again."""
        now = self._clock.now()
        ordered = Job(
            id=self._number(),
            request=_UNTOLD,
            destination=_TERMINAL,
            ordered_at=now,
            updated_at=now,
            next_at=now,
        )
        sent = ordered.submitting(ticket.provider, now)
        running = sent.running(ticket, now, next_at=now)
        await self._store.admit(ordered)
        await self._store.move(ordered, sent)
        await self._store.move(sent, running)
        return running

    async def _finish(self, job_id: int) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._runner.run())
                await self._wait()
                self._runner.drain()
        except asyncio.CancelledError:
            self._events.note(self._left_behind())
            raise
        if not self._verdict.over.is_set():
            await self._out_of_time(job_id)
        if self._verdict.ended is not None:
            raise self._verdict.ended

    async def _wait(self) -> None:
        if self._timeout_seconds is None:
            await self._verdict.over.wait()
        else:
            await self._clock.wait(self._verdict.over, self._timeout_seconds)

    async def _out_of_time(self, job_id: int) -> None:
        """Say where the order is: a paid request that was under way has been answered by now."""
        job = await self._store.get(job_id)
        if job is not None and job.video is not None:
            await self._courier.deliver(job, self._output)
        elif job is not None and (job.has_ended or job.state is JobState.UNKNOWN):
            self._verdict.end(self._courier.ending(job))
        else:
            ticket = None if job is None else job.ticket
            self._verdict.end(timed_out(ticket, self._timeout_seconds or 0.0, self._output))

    def _left_behind(self) -> str:
        """Say what goes on after this command ends."""
        ticket = self._courier.ticket
        if ticket is not None:
            task = f"Task {ticket.task_id} goes on at {ticket.provider}"
            return f"Interrupted. {task} and will be charged; ask there for the video."
        if self._provider.is_sending:
            where = f"look at your account at {self._provider.name}"
            return f"Interrupted. The request may have arrived and may be charged; {where}."
        return "Interrupted. Nothing was made and nothing was charged."

    def _number(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
