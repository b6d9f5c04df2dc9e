"""Moves jobs: one step, one side effect, one save."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from core.agenda import Agenda
from core.errors import Stale
from core.handover import Handover
from core.jobs import AT_PROVIDER, Job, JobState
from core.ports import Courier, Glance, JobStore
from core.purchase import Purchase
from core.schedule import DEADLINE
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
_SAFE_TO_STOP: Final = frozenset({None, JobState.RUNNING, JobState.READY})
"""Steps that may be cut off at any point: nothing is lost but a question or a part of a download."""

_CAN_BE_GIVEN_UP: Final = frozenset(
    {JobState.RUNNING, JobState.READY, JobState.DELIVERING, JobState.DELIVERED}
)
_LONGEST_DELAY: Final = timedelta(days=1)
_AGAIN_SOON: Final = 0.1


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
        # The state is that of the step under way, None between steps and while waiting for a lane.
        self._at_work: dict[int, tuple[asyncio.Task[None], JobState | None]] = {}
        self._called: set[int] = set()
        self._is_draining = False
        self._steps: Mapping[JobState, Callable[[Job], Awaitable[Step]]] = {
            JobState.QUEUED: purchase.submit,
            JobState.SUBMITTING: purchase.settle,
            JobState.RUNNING: purchase.check,
            JobState.READY: handover.fetch,
            JobState.STORED: handover.plan,
            JobState.DELIVERING: handover.deliver,
            JobState.DELIVERED: handover.ping,
            JobState.UNKNOWN: self._decide,
        }
        self._purchase = purchase
        self._otherwise = handover.tell
        self._give_up = handover.give_up

    def __len__(self) -> int:
        """How many jobs are at work or will be looked at at a known time."""
        return len(self._at_work.keys() | self._called) + len(self._agenda)

    async def recover(self) -> None:
        """Take up what an earlier run left."""
        now = self._desk.clock.now()
        for job in await self._store.pending():
            if job.state in AT_PROVIDER:
                self._turns.start(job.id, job.destination.requester_id)
            delay = min((job.next_at or now) - now, _LONGEST_DELAY)
            self._agenda.put(job.id, seconds=delay.total_seconds())

    def take_up(self, job: Job) -> None:
        """Look at the job at once: it is new, or somebody changed it."""
        if job.id in self._at_work:
            self._called.add(job.id)
        else:
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
            self._called.add(job_id)
            return
        task = group.create_task(self._work(job_id))
        self._at_work[job_id] = (task, None)
        task.add_done_callback(lambda done: self._leave(job_id, done))

    def _leave(self, job_id: int, task: asyncio.Task[None]) -> None:
        self._at_work.pop(job_id, None)
        if job_id in self._called:
            self._called.discard(job_id)
            self._agenda.put(job_id)
        elif task.cancelled():
            self._agenda.put(job_id, seconds=self._desk.trouble(job_id))
        self._agenda.wake()

    def _start_waiting(self, group: asyncio.TaskGroup) -> None:
        while not self._is_draining and (job_id := self._turns.take()) is not None:
            self._start(group, job_id)

    async def _work(self, job_id: int) -> None:
        """Take steps with a job until it has to wait. Its troubles delay this job and no other."""
        try:
            seconds = await self._steps_of(job_id)
        except Stale:
            seconds = self._desk.trouble(job_id, least=_AGAIN_SOON)
        except Exception:
            log.exception("a step went wrong", extra={"job": job_id})
            self._let_others_start(job_id)
            seconds = self._desk.trouble(job_id)
        if seconds is not None:
            self._agenda.put(job_id, seconds=seconds)

    def _let_others_start(self, job_id: int) -> None:
        """Give back the place of a job that could not even be announced; it takes another turn."""
        _, state = self._at_work[job_id]
        if state in {None, JobState.QUEUED}:
            self._turns.leave(job_id)

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
        task, _ = self._at_work[job.id]
        async with self._lanes.get(job.state, self._other_lane):
            self._at_work[job.id] = (task, job.state)
            step = await self._kind(job)(job)
        self._at_work[job.id] = (task, None)
        return step

    def _kind(self, job: Job) -> Callable[[Job], Awaitable[Step]]:
        if job.state in _CAN_BE_GIVEN_UP and self._desk.troubled_for(job.id) > DEADLINE:
            return self._give_up
        return self._steps.get(job.state, self._otherwise)

    async def _decide(self, job: Job) -> Step:
        """Look for the task of a job in doubt; tell its member once that only a person can decide."""
        found = await self._purchase.reconsider(job)
        if found is not None:
            return found
        told = await self._otherwise(job)
        wait = self._purchase.next_look_up(job)
        return Step(told.job, wait if told.seconds is None else min(told.seconds, wait))

    def _note(self, before: Job, step: Step) -> None:
        job = step.job
        if job.state is not before.state:
            log.info("job moved", extra={"job": job.id, "before": before.state, "after": job.state})
        if job.state not in AT_PROVIDER:
            self._turns.leave(job.id)
        elif not self._turns.has_started(job.id):
            self._turns.start(job.id, job.destination.requester_id)
        if step.seconds is None:
            self._forget(job.id)
        elif not job.has_ended and job.state is not JobState.UNKNOWN:
            self._show(job)

    def _show(self, job: Job) -> None:
        """Show how the job stands. A card that cannot be drawn never holds up the work."""
        try:
            self._courier.show(Glance(job, self._desk.progress(job.id), self._turns.ahead(job.id)))
        except Exception:
            log.exception("a card went wrong", extra={"job": job.id})

    def _forget(self, job_id: int) -> None:
        self._agenda.drop(job_id)
        self._turns.leave(job_id)
        self._desk.forget(job_id)
