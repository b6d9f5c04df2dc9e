"""Lets jobs wait for a provider that does not answer; when it does again, they ask spread out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from core.dispatch.question_health import QuestionHealth
from core.polling.circuit_breaker import spread
from core.polling.due_heap import DueHeap
from core.ports import Clock

_AT_ONCE: Final = 200

TOLD_AFTER: Final = timedelta(minutes=1)
"""A shorter outage is not shown to members."""


@dataclass(slots=True)
class _Waiting:
    """The jobs that wait for one provider.

    `probe` is the job whose turn it is to ask, `returning` those that are called again, at which moment;
    `notified` are those whose members know of the outage.
    """

    parked: dict[int, None] = field(default_factory=dict[int, None])
    notified: set[int] = field(default_factory=set[int])
    returning: deque[tuple[int, float]] = field(default_factory=deque[tuple[int, float]])
    probe: int | None = None


class Outages:
    """While a provider does not answer, one job asks now and then and all others are parked, at no cost."""

    def __init__(self, questions: QuestionHealth, due_heap: DueHeap, clock: Clock) -> None:
        self._questions = questions
        self._due_heap = due_heap
        self._clock = clock
        self._waiting: dict[str, _Waiting] = {}

    def hold(self, provider: str, job_id: int) -> float | None:
        """Return None if the question may be asked, else the seconds until the job may come again.

        Those are infinite for a job that is parked: it is called when the provider answers.
        """
        if not self._questions.is_silent(provider):
            return None
        waiting, wait = self._of(provider), self._questions.wait(provider)
        if waiting.probe in {None, job_id} or wait <= 0:
            waiting.probe = job_id
            waiting.parked.pop(job_id, None)
            return wait or None
        waiting.parked[job_id] = None
        return float("inf")

    def has_notified(self, provider: str, job_id: int) -> bool:
        """Whether the member of this job is to be told, or knows, that its provider does not answer."""
        waiting = self._waiting.get(provider)
        return waiting is not None and job_id in waiting.notified

    def note_notified(self, provider: str, job_id: int) -> bool:
        """Note that a member is told, if the outage is long enough; return whether that is new."""
        waiting = self._of(provider)
        is_news = self._questions.silence(provider) >= TOLD_AFTER and job_id not in waiting.notified
        if is_news:
            waiting.notified.add(job_id)
        return is_news

    def withdraw_notice(self, provider: str, job_id: int) -> bool:
        """Note that a job's provider answers; return whether that is new to its member."""
        is_news = self.has_notified(provider, job_id)
        if is_news:
            self._waiting[provider].notified.discard(job_id)
        return is_news

    def note_failure(self, provider: str, why: str, retry_after: float = 0.0) -> None:
        """Count a question that the provider did not answer; `retry_after` is in seconds.

        In an outage the next question is another job's: some gateways fail at one task only.
        """
        self._questions.note_failure(provider, why, retry_after)
        waiting = self._of(provider)
        if self._questions.is_silent(provider) and waiting.parked:
            waiting.probe = next(iter(waiting.parked))
            self._due_heap.put(waiting.probe, seconds=self._questions.rest(provider))

    def note_answer(self, provider: str) -> None:
        """End an outage. Jobs that were parked ask within half a minute, not all at once."""
        waiting = self._of(provider)
        if self._questions.note_answer(provider):
            now, parked = self._clock.monotonic(), sorted(waiting.parked)
            moments = (now + seconds for seconds in spread(len(parked)))
            waiting.returning.extend(zip(parked, moments, strict=True))
            waiting.parked, waiting.probe = {}, None
        if waiting.returning:
            self._call_some(waiting)

    def _call_some(self, waiting: _Waiting) -> None:
        """Call the next jobs; each answer that one of them gets calls more. All at once would take long."""
        now = self._clock.monotonic()
        for _ in range(min(_AT_ONCE, len(waiting.returning))):
            job_id, moment = waiting.returning.popleft()
            self._due_heap.put(job_id, seconds=moment - now)

    def forget(self, provider: str, job_id: int) -> None:
        """The job asks no more. If it was the one to ask in an outage, another one is."""
        waiting = self._waiting.get(provider)
        if waiting is None:
            return
        waiting.parked.pop(job_id, None)
        waiting.notified.discard(job_id)
        if waiting.probe == job_id:
            waiting.probe = None
            if waiting.parked:
                self._due_heap.put(waiting.parked.popitem()[0])

    def _of(self, provider: str) -> _Waiting:
        return self._waiting.setdefault(provider, _Waiting())
