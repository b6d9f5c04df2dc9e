"""Moves jobs: one step, one side effect, one save."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from core.agenda import Agenda
from core.errors import Stale
from core.handover import Handover
from core.jobs import AT_PROVIDER, Job, JobState
from core.ports import Courier, Glance, JobStore
from core.purchase import Purchase
from core.steps import Desk, Step
from core.turns import Turns

log = logging.getLogger(__name__)

_LANES: Final[Mapping[JobState, int]] = {
    JobState.QUEUED: 16,
    JobState.RUNNING: 64,
    JobState.READY: 4,
    JobState.DELIVERING: 4,
}
"""How many jobs take a step of this kind at once; all other kinds share one lane."""

_OTHER_LANE: Final = 16
_SAFE_TO_STOP: Final = frozenset({JobState.RUNNING, JobState.READY, JobState.UNKNOWN})
"""Steps that may be cut off at any point: nothing is lost but a question or a part of a download."""


class Runner:
    """Owns every job that has something left to do, from the start of the program to its end."""

    def __init__(
        self,
        *,
        store: JobStore,
        desk: Desk,
        purchase: Purchase,
        handover: Handover,
        courier: Courier,
        turns: Turns,
    ) -> None:
        self._store = store
        self._desk = desk
        self._courier = courier
        self._turns = turns
        self._agenda = Agenda(desk.clock)
        self._lanes = {state: asyncio.Semaphore(size) for state, size in _LANES.items()}
        self._other_lane = asyncio.Semaphore(_OTHER_LANE)
        self._at_work: dict[int, tuple[asyncio.Task[None], JobState]] = {}
        self._is_draining = False
        self._steps: Mapping[JobState, Callable[[Job], Awaitable[Step]]] = {
            JobState.QUEUED: purchase.submit,
            JobState.SUBMITTING: purchase.doubt,
            JobState.RUNNING: purchase.check,
            JobState.READY: handover.fetch,
            JobState.STORED: handover.plan,
            JobState.DELIVERING: handover.deliver,
            JobState.DELIVERED: handover.ping,
        }
        self._otherwise = handover.tell

    async def recover(self) -> None:
        """Take up what an earlier run left. What was being sent is never sent again: a person decides."""
        for job in await self._store.pending():
            if job.state is JobState.SUBMITTING:
                job = (await self._steps[job.state](job)).job  # noqa: PLW2901 - the job has moved
            if job.state in AT_PROVIDER:
                self._turns.start(job.id, job.destination.requester_id)
            delay = (job.next_at - self._desk.clock.now()).total_seconds() if job.next_at else 0.0
            self._agenda.put(job.id, seconds=delay)

    def take_up(self, job: Job) -> None:
        """Look at the job at once: it is new, or somebody changed it."""
        self._agenda.put(job.id)

    def ahead(self, job_id: int) -> int | None:
        """How many jobs wait before this one; None once it has started."""
        return self._turns.ahead(job_id)

    async def run(self) -> None:
        """Work until `drain` is called, then finish what must not be cut off."""
        async with asyncio.TaskGroup() as group:
            while not self._is_draining:
                for job_id in await self._agenda.due():
                    self._start(group, job_id)
                self._start_waiting(group)

    def drain(self) -> None:
        """Start nothing more. Paid requests and uploads under way are finished; the rest can wait."""
        self._is_draining = True
        self._agenda.wake()
        for task, state in self._at_work.values():
            if state in _SAFE_TO_STOP:
                task.cancel()

    def _start(self, group: asyncio.TaskGroup, job_id: int) -> None:
        if job_id in self._at_work:
            self._agenda.put(job_id, seconds=0.1)
            return
        task = group.create_task(self._work(job_id))
        self._at_work[job_id] = (task, JobState.UNKNOWN)
        task.add_done_callback(lambda _: self._leave(job_id))

    def _leave(self, job_id: int) -> None:
        self._at_work.pop(job_id, None)
        self._agenda.wake()

    def _start_waiting(self, group: asyncio.TaskGroup) -> None:
        while not self._is_draining and (job_id := self._turns.take()) is not None:
            self._start(group, job_id)

    async def _work(self, job_id: int) -> None:
        """Take steps with a job until it has to wait. Its troubles delay this job and no other."""
        try:
            seconds = await self._steps_of(job_id)
        except Stale:
            seconds = 0.0
        except Exception:
            log.exception("a step went wrong", extra={"job": job_id})
            seconds = self._desk.trouble(job_id)
        if seconds is not None:
            self._agenda.put(job_id, seconds=seconds)

    async def _steps_of(self, job_id: int) -> float | None:
        while not self._is_draining:
            job = await self._store.get(job_id)
            if job is None or job.next_at is None:
                self._forget(job_id)
                return None
            if job.state is JobState.QUEUED and not self._has_turn(job):
                return None
            step = await self._step(job)
            self._note(job, step)
            if step.seconds != 0:
                return step.seconds
        return 0.0

    def _has_turn(self, job: Job) -> bool:
        if self._turns.has_started(job.id):
            return True
        self._turns.enter(job.id, job.destination.requester_id)
        self._show(job)
        return False

    async def _step(self, job: Job) -> Step:
        async with self._lanes.get(job.state, self._other_lane):
            task, _ = self._at_work[job.id]
            self._at_work[job.id] = (task, job.state)
            return await self._steps.get(job.state, self._otherwise)(job)

    def _note(self, before: Job, step: Step) -> None:
        job = step.job
        if job.state is not before.state:
            log.info("job moved", extra={"job": job.id, "before": before.state, "after": job.state})
        if job.state not in AT_PROVIDER:
            self._turns.leave(job.id)
        if step.seconds is None:
            self._forget(job.id)
        elif not job.has_ended and job.state is not JobState.UNKNOWN:
            self._show(job)

    def _show(self, job: Job) -> None:
        self._courier.show(Glance(job, self._desk.progress(job.id), self._turns.ahead(job.id)))

    def _forget(self, job_id: int) -> None:
        self._agenda.drop(job_id)
        self._turns.leave(job_id)
        self._desk.forget(job_id)
