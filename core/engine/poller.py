"""Asks providers about running tasks. A question that changes nothing reads and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, assert_never

from core.dispatch import end_reasons as words
from core.dispatch.outages import TOLD_AFTER, Outages
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.step import Step, StepContext
from core.model.errors import CheckFailed, Silence, TaskMissing
from core.model.job import Job, JobState, Reason
from core.model.job_outline import Outline, outline
from core.model.operator_alerts import EndingUnproved, OtherKey, TasksUnknown
from core.polling.polled_task import News, PolledTask, PolledTasks, PollOutcome
from core.polling.schedule import DEADLINE, OUTAGE, PATIENCE, AdaptiveSchedule
from core.polling.task_identity import as_believed
from core.ports import Failed, Finished, Progress, Stage, Unlocated, Unproved, Working

_EASING_SECONDS: Final = 10.0
"""Several "too many questions" answers within this time count as one."""

_SHORTEST_HOLD: Final = 0.1
"""A question that is early by less than this is asked at once."""

_OLD_SECONDS: Final = 60.0
"""A provider may not know a younger task yet."""

_END_OF: Final = {words.NOWHERE.code: JobState.RESULT_GONE}
"""The state of a task that is given up, unless it is lost."""


class Poller:
    def __init__(
        self, context: StepContext, registry: ProviderRegistry, schedule: AdaptiveSchedule, outages: Outages
    ) -> None:
        self._context = context
        self._clock = context.clock
        self._registry = registry
        self._schedule = schedule
        self._outages = outages
        self._questions = registry.provider_health.questions
        self._tasks = PolledTasks()
        self._eased_at = float("-inf")

    def __len__(self) -> int:
        """How many tasks are asked about."""
        return len(self._tasks)

    def task(self, job_id: int) -> PolledTask | None:
        return self._tasks.get(job_id)

    def watch(self, job: Outline) -> PolledTask | None:
        """Follow the task of a job that is running; None where it has none."""
        task = self._tasks.get(job.id)
        if job.ticket is None or (task is not None and task.ticket == job.ticket):
            return task
        if task is not None:
            self.forget(job.id)
        return self._tasks.add(job.id, job.ticket, job.kind, self._context.moment(job.id, job.since))

    def forget(self, job_id: int) -> None:
        """Ask no more about the job's task."""
        task = self._tasks.pop(job_id)
        if task is not None:
            self._schedule.forget(job_id)
            self._outages.forget(task.provider, job_id)

    def progress(self, job_id: int) -> Working | None:
        """What the provider last said of a task that is still running."""
        task = self._tasks.get(job_id)
        return task.progress if task else None

    def estimate(self, job_id: int) -> datetime | None:
        """When the job will probably be ready, as far as that has been learned; it does not change each time.

        None also where the task is late, so that its end is unknown.
        """
        task = self._tasks.get(job_id)
        if task is not None and self.is_late(job_id):
            task.estimate = None
        elif task is not None and (task.estimate is None or self._is_past(task)):
            remaining = self._schedule.remaining(task, task.age(self._clock.monotonic()))
            task.estimate = None if remaining is None else self._clock.now() + remaining
        return task.estimate if task else None

    def is_late(self, job_id: int) -> bool:
        """Whether the job's task takes far longer than such tasks usually do."""
        task = self._tasks.get(job_id)
        return task is not None and self._schedule.is_late(task, task.age(self._clock.monotonic()))

    def is_silent(self, job_id: int) -> bool:
        """Whether the provider of the job's task has been silent for so long that its member is told."""
        task = self._tasks.get(job_id)
        return task is not None and self._outages.has_notified(task.provider, job_id)

    def begin(self, job: Job, progress: Progress) -> PollOutcome:
        """Follow a task that was just made; the reply may already contain its end."""
        task = self._watch_job(job)
        look = self._take_news(task, progress)
        return look if isinstance(look.news, Finished | Failed) else PollOutcome(look.seconds, look.age)

    async def look(self, task: PolledTask) -> PollOutcome:
        """Ask about a task, unless its provider is silent. A failure only changes when it is asked next."""
        name = task.provider
        provider = self._registry.by_name(name)
        if provider is None:
            return self._wait_on(task, self._context.record_failure(task.id, least=60))
        hold = self._outages.hold(name, task.id)
        if hold is not None:
            return self._hold(task, hold)
        try:
            progress = await provider.check(task.ticket)
        except TaskMissing:
            self._outages.note_answer(name)
            return self._missing(task)
        except CheckFailed as error:
            return self._handle_failure(task, error)
        return await self._take_answer(task, progress)

    async def _take_answer(self, task: PolledTask, progress: Progress) -> PollOutcome:
        name = task.provider
        self._outages.note_answer(name)
        if not isinstance(progress, Unproved) and not (isinstance(progress, Working) and progress.aliases):
            self._questions.knew(name)
        self._context.clear_failures(task.id)
        if isinstance(progress, Unlocated):
            return self._nowhere(task, words.NOWHERE)
        task.missing_since = None
        is_news = self._outages.withdraw_notice(name, task.id)
        if isinstance(progress, Unproved):
            return await self._weigh(task, progress, is_news=is_news)
        look = self._take_news(task, progress, is_news=is_news)
        await self._context.identity.keep(task.id)
        return look

    async def _weigh(self, task: PolledTask, unproved: Unproved, *, is_news: bool) -> PollOutcome:
        """Believe an unproved ending only with other evidence; else ask again."""
        now, identity = self._clock.monotonic(), self._context.identity
        age = task.age(now)
        if await identity.is_proved(task.id, task.provider, unproved, now):
            return PollOutcome(0.0, age, as_believed(unproved))
        if self._context.is_over(age):
            return PollOutcome(0.0, age, words.UNPROVED)
        by_id = unproved.by_id
        if by_id is not None and await identity.may_fetch(task.id, task.provider, unproved, now):
            return PollOutcome(0.0, age, Finished(by_id))
        if identity.alert(task.id, now):
            link = await identity.offered_link(task.id)
            self._context.alerts.send(EndingUnproved(task.id, task.provider, task.task_id, link))
        seconds = (self._soon if identity.is_fresh(task.id, now) else self._next_check)(task, age)
        return PollOutcome(seconds, age, task.progress or Working(Stage.RUNNING) if is_news else None)

    async def check(self, job: Job) -> Step:
        """Ask about a job's task, if that was not done yet, and save what there is to save."""
        task = self._watch_job(job)
        look, task.outcome = task.outcome or await self.look(task), None
        return await self.settle(job, look)

    async def settle(self, job: Job, look: PollOutcome) -> Step:
        """Save the outcome of a look. If the save fails, the provider is not asked again for it."""
        task, news = self._watch_job(job), look.news
        task.outcome = look if news is not None else None
        step = await self._save(job, look, news)
        task.outcome = None
        if isinstance(news, Finished) and news.result.is_proved:
            self._schedule.finished(task, look.age)
        elif isinstance(news, Failed):
            self._schedule.ended(task, look.age)
        return step

    async def _save(self, job: Job, look: PollOutcome, news: News | None) -> Step:
        match news:
            case None | Working():
                return Step(job, look.seconds)
            case Finished(result):
                result = self._registry.compare(job, result)
                self._context.memory(job).result = result
                ready = job.ready(result.without_signature(), self._clock.now())
                return await self._context.save(job, ready)
            case Failed():
                return await self._context.end(job, JobState.FAILED, words.failed(news))
            case Reason():
                offered = await self._context.identity.offered_link(job.id)
                return await self._context.end(
                    job, _END_OF.get(news.code, JobState.LOST), news, offered=offered
                )
            case _:
                assert_never(news)

    def _watch_job(self, job: Job) -> PolledTask:
        task = self.watch(outline(job))
        if task is None:
            raise ValueError(f"job {job.id} is {job.state} without a task")
        return task

    def _take_news(self, task: PolledTask, progress: Progress, *, is_news: bool = False) -> PollOutcome:
        age = task.age(self._clock.monotonic())
        if isinstance(progress, Unproved):
            return PollOutcome(self._next_check(task, age), age)
        if isinstance(progress, Finished | Failed):
            return PollOutcome(0.0, age, progress)
        if isinstance(progress, Unlocated):
            progress = Working(Stage.RUNNING, progress.percent)
        self._context.identity.note_unfinished(task.id, task.provider, progress.aliases)
        is_news = task.advanced(progress) or is_news or self._is_past(task)
        if self._context.is_over(age):
            return PollOutcome(0.0, age, words.LOST)
        return PollOutcome(self._next_check(task, age), age, progress if is_news else None)

    def _next_check(self, task: PolledTask, age: timedelta) -> float:
        """Ask seldom about an old task, but not about one that a changed clock makes look old."""
        lived = timedelta(seconds=self._clock.lived_seconds)
        return self._schedule.next_check(age if age <= PATIENCE else min(age, lived), task)

    def _is_past(self, task: PolledTask) -> bool:
        return task.estimate is not None and task.estimate < self._clock.now()

    def _handle_failure(self, task: PolledTask, error: CheckFailed) -> PollOutcome:
        name, retry_after = task.provider, self._context.schedule.honour_retry_after(error.retry_after, 0.0)
        task.missing_since = None  # a provider that gives no answer does not say that it knows nothing
        match error.why:
            case Silence.DOWN:
                self._outages.note_failure(name, str(error), retry_after)
                hold = self._outages.hold(name, task.id)
                if hold is not None:
                    return self._hold(task, hold)
            case Silence.TOO_MANY:
                self._outages.note_answer(name)
                self._ease()
            case Silence.OTHER_KEY:
                self._outages.note_answer(name)
                self._context.alerts.send(OtherKey(name))
            case Silence.OTHER:
                self._outages.note_answer(name)
            case _:
                assert_never(error.why)
        return self._wait_on(task, max(retry_after, self._context.record_failure(task.id)))

    def _ease(self) -> None:
        now = self._clock.monotonic()
        if now - self._eased_at >= _EASING_SECONDS:
            self._eased_at = now
            self._schedule.poll_budget.too_many()

    def _hold(self, task: PolledTask, seconds: float) -> PollOutcome:
        """Wait for the provider to answer, but not for longer than a task is waited for; report it once."""
        age, lasted = task.age(self._clock.monotonic()), self._questions.silence(task.provider)
        if self._context.is_over(age) and lasted > OUTAGE:
            return PollOutcome(0.0, age, words.LOST)
        seconds = max(_SHORTEST_HOLD, min(seconds, max(DEADLINE - age, OUTAGE).total_seconds()))
        if lasted < TOLD_AFTER:
            return PollOutcome(min(seconds, (TOLD_AFTER - lasted).total_seconds() + _SHORTEST_HOLD), age)
        is_news = self._outages.note_notified(task.provider, task.id)
        return PollOutcome(seconds, age, task.progress or Working(Stage.RUNNING) if is_news else None)

    def _wait_on(self, task: PolledTask, seconds: float) -> PollOutcome:
        """Wait. A few failed questions prove nothing about an old task: perhaps the network is not up yet."""
        age = task.age(self._clock.monotonic())
        is_over = self._context.is_over(age) and self._context.failing_for(task.id) > OUTAGE
        return PollOutcome(0.0, age, words.LOST) if is_over else PollOutcome(seconds, age)

    def _missing(self, task: PolledTask) -> PollOutcome:
        """Tolerate a provider that does not know its task, and longer where it knows none of its tasks."""
        now = self._clock.monotonic()
        if task.missing_since is None:
            task.missing_since = now
        knows_none = self._knows_none(task, task.missing_since, now)
        if knows_none:
            self._questions.knew_none(task.provider)
            if now - task.missing_since > _OLD_SECONDS:
                self._context.alerts.send(TasksUnknown(task.provider))
        else:
            task.missing_since = max(task.missing_since, self._questions.knew_again_at(task.provider))
        if (
            knows_none or not self._has_compared(task, task.missing_since, now)
        ) and not self._context.is_over(task.age(now)):
            return PollOutcome(self._soon(task, task.age(now)), task.age(now))
        return self._nowhere(task, words.FORGOTTEN)

    def _knows_none(self, task: PolledTask, since: float, now: float) -> bool:
        """Whether the provider knows no task that is older than a minute, and there are two at least."""
        if self._questions.has_known(task.provider, now - _OLD_SECONDS) or not _is_old(task, now):
            return False
        return any(
            other.missing_since is not None
            and not self._questions.has_known(task.provider, max(since, other.missing_since))
            for other in self._others(task, now)
        )

    def _has_compared(self, task: PolledTask, since: float, now: float) -> bool:
        """Whether another task was known while this one was not, or there is none to compare it with."""
        return self._questions.has_known(task.provider, since) or not any(self._others(task, now))

    def _others(self, task: PolledTask, now: float) -> Iterator[PolledTask]:
        """Yield the provider's other tasks that are old enough to be known by now."""
        return (
            other
            for other in self._tasks
            if other is not task and other.provider == task.provider and _is_old(other, now)
        )

    def _nowhere(self, task: PolledTask, reason: Reason) -> PollOutcome:
        """Tolerate for some minutes a provider that does not know its task, or has no clip for it yet."""
        now = self._clock.monotonic()
        age = task.age(now)
        if task.is_forgotten(now):
            return PollOutcome(0.0, age, reason)
        return PollOutcome(self._soon(task, age), age)

    def _soon(self, task: PolledTask, age: timedelta) -> float:
        """Ask often, however old the task is: the next answer may settle what this one left open."""
        return min(self._next_check(task, age), self._schedule.max_seconds)


def _is_old(task: PolledTask, now: float) -> bool:
    return now - task.started > _OLD_SECONDS
