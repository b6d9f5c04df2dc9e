"""Keeps questions from a provider that does not answer; when it does again, they come back spread out."""

from __future__ import annotations

import logging
from collections import deque
from datetime import timedelta
from typing import Final

from core.polling.circuit_breaker import CircuitBreaker, spread
from core.polling.due_heap import DueHeap
from core.ports import Clock

log = logging.getLogger(__name__)

_AT_ONCE: Final = 200

TOLD_AFTER: Final = timedelta(minutes=1)
"""A shorter outage is nothing that members have to know of."""


class Outage:
    """One provider's circuit, and who waits for it to close.

    `probe` is the job whose turn it is to ask, `returning` those that are called again, at which moment;
    `notified` are those whose members know of the outage. At `knew_at` it last knew a task it was asked
    about, at `knew_again_at` it first did so after it had known none; `knows_none` while that lasts.
    """

    def __init__(self) -> None:
        self.breaker = CircuitBreaker()
        self.parked: dict[int, None] = {}
        self.notified: set[int] = set()
        self.returning: deque[tuple[int, float]] = deque()
        self.probe: int | None = None
        self.since = 0.0
        self.knew_at = float("-inf")
        self.knew_again_at = float("-inf")
        self.knows_none = False


class Outages:
    """While a circuit is open, one job asks now and then and all others are parked, at no cost."""

    def __init__(self, clock: Clock, due_heap: DueHeap) -> None:
        self._clock = clock
        self._due_heap = due_heap
        self._outages: dict[str, Outage] = {}

    @property
    def open(self) -> list[str]:
        """The providers that do not answer."""
        return [name for name, outage in self._outages.items() if outage.breaker.is_open]

    def hold(self, provider: str, job_id: int) -> float | None:
        """Return None if the question may be asked, else the seconds until the job may come again.

        Those are infinite for a job that is parked: it is called when the provider answers.
        """
        outage = self._of(provider)
        if not outage.breaker.is_open:
            return None
        wait = outage.breaker.wait(self._clock.monotonic())
        if outage.probe in {None, job_id} or wait <= 0:
            outage.probe = job_id
            outage.parked.pop(job_id, None)
            return wait or None
        outage.parked[job_id] = None
        return float("inf")

    def lasted(self, provider: str) -> timedelta:
        """How long the provider has not answered."""
        outage = self._of(provider)
        seconds = self._clock.monotonic() - outage.since if outage.breaker.is_open else 0.0
        return timedelta(seconds=seconds)

    def has_notified(self, provider: str, job_id: int) -> bool:
        """Whether the member of this job is to know, or knows, that its provider does not answer."""
        outage = self._outages.get(provider)
        return outage is not None and job_id in outage.notified

    def note_notified(self, provider: str, job_id: int) -> bool:
        """Note that a member is told, if the outage is long enough; return whether that is news."""
        outage = self._of(provider)
        is_news = self.lasted(provider) >= TOLD_AFTER and job_id not in outage.notified
        if is_news:
            outage.notified.add(job_id)
        return is_news

    def withdraw_notice(self, provider: str, job_id: int) -> bool:
        """Note that a job's provider answers; return whether that is news to its member."""
        outage = self._outages.get(provider)
        is_news = outage is not None and job_id in outage.notified
        if outage is not None:
            outage.notified.discard(job_id)
        return is_news

    def failed(self, provider: str, retry_after: float = 0.0) -> None:
        """Count a question that the provider did not answer, wishing to be left alone for so many seconds.

        In an outage the next question is another job's: some gateways fail at one task only.
        """
        outage, now = self._of(provider), self._clock.monotonic()
        if outage.breaker.failed(now, retry_after):
            outage.since = now
            log.warning("a provider does not answer; asking seldom", extra={"provider": provider})
        if outage.breaker.is_open and outage.parked:
            outage.probe = next(iter(outage.parked))
            self._due_heap.put(outage.probe, seconds=outage.breaker.rest(now))

    def knew(self, provider: str) -> None:
        """Note that the provider answered about a task as one that it knows."""
        self.answered(provider)
        outage, now = self._of(provider), self._clock.monotonic()
        outage.knew_at = now
        if outage.knows_none:
            outage.knew_again_at, outage.knows_none = now, False

    def knew_none(self, provider: str) -> None:
        """Note that the provider knows none of its tasks for the time being."""
        self._of(provider).knows_none = True

    def knew_again_at(self, provider: str) -> float:
        """Return the moment of the monotonic clock from which on an unknown task may count as lost."""
        return self._of(provider).knew_again_at

    def has_known(self, provider: str, since: float) -> bool:
        """Whether the provider has known any of its tasks since then."""
        return self._of(provider).knew_at > since

    def answered(self, provider: str) -> None:
        """Close the circuit. Whoever was parked asks within half a minute, not all at once."""
        outage = self._of(provider)
        if outage.breaker.answered():
            log.info("a provider answers again", extra={"provider": provider})
            now, parked = self._clock.monotonic(), sorted(outage.parked)
            moments = (now + seconds for seconds in spread(len(parked)))
            outage.returning.extend(zip(parked, moments, strict=True))
            outage.parked, outage.probe = {}, None
        if outage.returning:
            self._call_some(outage)

    def _call_some(self, outage: Outage) -> None:
        """Call the next jobs; each answer that one of them gets calls more. All at once would take long."""
        now = self._clock.monotonic()
        for _ in range(min(_AT_ONCE, len(outage.returning))):
            job_id, moment = outage.returning.popleft()
            self._due_heap.put(job_id, seconds=moment - now)

    def forget(self, provider: str, job_id: int) -> None:
        """The job asks no more. If it was the one to ask in an outage, another one is."""
        outage = self._outages.get(provider)
        if outage is None:
            return
        outage.parked.pop(job_id, None)
        outage.notified.discard(job_id)
        if outage.probe == job_id:
            outage.probe = None
            if outage.parked:
                self._due_heap.put(outage.parked.popitem()[0])

    def _of(self, provider: str) -> Outage:
        outage = self._outages.get(provider)
        if outage is None:
            outage = self._outages[provider] = Outage()
        return outage
