"""Moves jobs: one step, one side effect, one save."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final

from core.engine.job_integrity import amiss
from core.engine.poller import Poller
from core.engine.state_steps import StateSteps
from core.engine.step import Step, StepContext
from core.engine.waiting_jobs import CardUpdates, WaitingJobs
from core.model.errors import JobDamaged, Stale
from core.model.job import AT_PROVIDER, Job, JobState
from core.model.job_outline import outline
from core.model.operator_alerts import JobSetAside
from core.polling.circuit_breaker import spread
from core.polling.due_heap import DueHeap
from core.ports import JobStore

log = logging.getLogger(__name__)

MOST_QUESTIONS: Final = 256
"""Questions to one provider that are in progress at once; further ones wait without a task of their own."""

_SAFE_TO_STOP: Final = frozenset({None, JobState.RUNNING, JobState.READY})
"""Steps that may be cut off at any point: at most a question or a part of a download is lost."""

_AGAIN_SOON: Final = 0.1
_AT_ONCE: Final = 2000


@dataclass(slots=True)
class Work:
    """A job at work. `asked` is the provider of a question about it.

    `state` is that of the step under way, None between steps and while waiting for one.
    """

    task: asyncio.Task[None]
    asked: str | None
    state: JobState | None = None


class Runner:
    """Owns every job that has something left to do, from the start of the program to its end."""

    def __init__(
        self,
        *,
        store: JobStore,
        context: StepContext,
        due_heap: DueHeap,
        poller: Poller,
        state_steps: StateSteps,
        card_updates: CardUpdates,
        waiting_jobs: WaitingJobs,
    ) -> None:
        self._store = store
        self._context = context
        self._due_heap = due_heap
        self._poller = poller
        self._state_steps = state_steps
        self._card_updates = card_updates
        self._waiting_jobs = waiting_jobs
        self._at_work: dict[int, Work] = {}
        self._called: set[int] = set()
        self._questions: Counter[str] = Counter()
        self._late: dict[str, deque[int]] = {}
        self._is_draining = False

    def __len__(self) -> int:
        """How many jobs are at work or have a known time for their next step."""
        late = chain.from_iterable(self._late.values())
        return len(self._at_work.keys() | self._called | set(late)) + len(self._due_heap)

    @property
    def lateness(self) -> float:
        """For how many seconds a job has been due without being worked on; 0 while all is well."""
        return 0.0 if self._is_draining else self._due_heap.lateness

    async def recover(self) -> None:
        """Resume what an earlier run left. Questions that became due meanwhile are not all asked at once.

        If the clock was set back since then, no job waits longer than was meant.
        """
        due: list[int] = []
        await self._context.identity.recall(self._store)
        async for job in self._store.outlines():
            if job.state in AT_PROVIDER:
                self._waiting_jobs.note(job)
            if job.state is JobState.RUNNING:
                self._poller.watch(job)
            now = max(self._context.clock.now(), job.updated_at)
            delay = ((job.next_at or now) - now).total_seconds()
            if delay <= 0 and job.state is JobState.RUNNING:
                due.append(job.id)
            else:
                self._due_heap.put(job.id, seconds=delay)
        for number, (job_id, seconds) in enumerate(zip(due, spread(len(due)), strict=True)):
            self._due_heap.put(job_id, seconds=seconds)
            if number % _AT_ONCE == 0:
                await self._context.clock.sleep(0)

    def wake(self, job: Job) -> None:
        """Look at the job at once: it is new, or another part of the program changed it."""
        _ = self._context.clock.now()  # notes which clock saved it
        if job.state is not JobState.RUNNING:
            self._poller.forget(job.id)
        if job.id in self._at_work:
            self._called.add(job.id)
        else:
            self._due_heap.put(job.id)

    def look_around(self) -> None:
        """Check which jobs may start: a provider may be free again."""
        self._due_heap.wake()

    def ahead(self, job_id: int) -> int | None:
        """How many jobs wait before this one; None once it has started."""
        return self._waiting_jobs.ahead(job_id)

    async def run(self) -> None:
        """Work until `drain` is called, then finish what must not be cut off."""
        async with asyncio.TaskGroup() as group:
            showing = group.create_task(self._waiting_jobs.run())
            while not self._is_draining:
                for job_id in await self._due_heap.due(self._waiting_jobs.nap()):
                    self._start(group, job_id)
                self._start_waiting(group)
            showing.cancel()

    def drain(self) -> None:
        """Start nothing more. Paid requests and uploads under way are finished; the rest can wait."""
        self._is_draining = True
        self._due_heap.wake()
        for job_id, work in self._at_work.items():
            is_unsent = work.state is JobState.QUEUED and not self._context.is_sending(job_id)
            if work.state in _SAFE_TO_STOP or is_unsent:
                work.task.cancel()

    def _start(self, group: asyncio.TaskGroup, job_id: int) -> None:
        question = self._poller.task(job_id)
        asked = None if question is None else question.provider
        if job_id in self._at_work:
            self._called.add(job_id)
        elif asked is not None and self._questions[asked] >= MOST_QUESTIONS:
            self._late.setdefault(asked, deque()).append(job_id)
        else:
            if asked is not None:
                self._questions[asked] += 1
            task = group.create_task(self._work(job_id))
            self._at_work[job_id] = Work(task, asked)
            task.add_done_callback(partial(self._leave, job_id))

    def _leave(self, job_id: int, task: asyncio.Task[None]) -> None:
        asked = self._at_work.pop(job_id).asked
        if asked is not None:
            self._questions[asked] -= 1
        if job_id in self._called:
            self._called.discard(job_id)
            self._due_heap.put(job_id)
        elif task.cancelled():
            self._due_heap.put(job_id, seconds=self._context.record_failure(job_id))
        if self._late or self._waiting_jobs:
            self._due_heap.wake()

    def _start_waiting(self, group: asyncio.TaskGroup) -> None:
        for asked, late in list(self._late.items()):
            while late and self._questions[asked] < MOST_QUESTIONS:
                self._start(group, late.popleft())
            if not late:
                del self._late[asked]
        while not self._is_draining and (job_id := self._waiting_jobs.take()) is not None:
            self._start(group, job_id)

    async def _work(self, job_id: int) -> None:
        """Take steps with a job until it has to wait. Its failures delay this job and no other."""
        try:
            seconds = await self._ask(job_id)
            if seconds is None:
                seconds = await self._steps_of(job_id)
        except Stale:
            seconds = self._context.record_failure(job_id, least=_AGAIN_SOON)
        except JobDamaged:
            self._forget(job_id)  # the job cannot be worked on, and its place belongs to others
            return
        except Exception:
            log.exception("a step went wrong", extra={"job": job_id})
            self._let_others_start(job_id)
            seconds = self._context.record_failure(job_id)
        if seconds is not None:
            self._due_heap.put(job_id, seconds=seconds)

    async def _ask(self, job_id: int) -> float | None:
        """Ask about a running task; None if its job has to be read, as there may be something to write."""
        task = self._poller.task(job_id)
        if task is None or task.outcome is not None or self._state_steps.is_hopeless(job_id):
            return None
        work = self._at_work[job_id]
        work.state = JobState.RUNNING
        look = await self._poller.look(task)
        work.state = None
        if look.news is None:
            return look.seconds
        task.outcome = look
        return None

    async def _steps_of(self, job_id: int) -> float | None:
        while not self._is_draining:
            job = await self._store.get(job_id)
            if job is None or job.next_at is None:
                self._forget(job_id)
                return None
            if column := amiss(job):
                self._context.alerts.send(JobSetAside(job_id, column))
                raise JobDamaged(job_id, column)
            if await self._state_steps.awaits_yes(job):
                self._waiting_jobs.leave(job_id)
                self._card_updates.show(job)
                return None
            if job.state is JobState.QUEUED and (patience := self._patience(job)) > 0:
                return patience
            step = await self._step(job)
            self._note(job, step)
            if step.seconds != 0:
                return step.seconds
        return 0.0

    def _patience(self, job: Job) -> float:
        """Seconds for which a job in the queue waits for its turn; 0 where there is something to do now."""
        if self._state_steps.lacks_picture(job):
            self._waiting_jobs.leave(job.id)
            return 0.0
        return 0.0 if self._waiting_jobs.has_turn(job) else self._state_steps.patience(job)

    async def _step(self, job: Job) -> Step:
        work = self._at_work[job.id]
        async with self._state_steps.lane(job):
            work.state = job.state
            step = await self._state_steps.step(job)
        work.state = None
        if step.seconds is None:
            await self._context.identity.drop(job.id)
        return step

    def _let_others_start(self, job_id: int) -> None:
        """Give back the place of a job that could not even be announced; it takes another turn."""
        if self._at_work[job_id].state in {None, JobState.QUEUED} and self._poller.task(job_id) is None:
            self._waiting_jobs.leave(job_id)

    def _note(self, before: Job, step: Step) -> None:
        job = step.job
        if job.state is not before.state:
            log.info("job moved", extra={"job": job.id, "before": before.state, "after": job.state})
        if job.state is not JobState.RUNNING:
            self._poller.forget(job.id)
        self._waiting_jobs.note(outline(job))
        if step.seconds is None:
            self._forget(job.id)
        elif not job.has_ended and job.state is not JobState.UNKNOWN:
            self._card_updates.show(job)

    def _forget(self, job_id: int) -> None:
        self._due_heap.drop(job_id)
        self._waiting_jobs.leave(job_id)
        self._poller.forget(job_id)
        self._context.forget(job_id)
