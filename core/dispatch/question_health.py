"""Whether providers answer questions about tasks, and know them; a silent one is asked only now and then."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from core.dispatch.health import Condition, Standing
from core.polling.circuit_breaker import CircuitBreaker
from core.ports import Clock

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Answers:
    """What one provider's answers show, in moments of the monotonic clock.

    It answers, or does not, `since` then. At `knew_at` it last knew a task it was asked about, at
    `knew_again_at` it first did so after it had known none; `knows_none` while that lasts.
    """

    since: float
    reason: str = "it answers"
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    knew_at: float = float("-inf")
    knew_again_at: float = float("-inf")
    knows_none: bool = False


class QuestionHealth:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: dict[str, _Answers] = {}

    def of(self, provider: str) -> Standing:
        answers, now = self._of(provider), self._clock.monotonic()
        condition = Condition.DOWN if answers.breaker.is_open else Condition.WORKING
        return Standing(condition, answers.reason, answers.since, now + answers.breaker.rest(now))

    def is_silent(self, provider: str) -> bool:
        """Whether the provider does not answer."""
        return self._of(provider).breaker.is_open

    def silence(self, provider: str) -> timedelta:
        """How long the provider has not answered."""
        seconds = self._clock.monotonic() - self._of(provider).since if self.is_silent(provider) else 0.0
        return timedelta(seconds=seconds)

    def wait(self, provider: str) -> float:
        """Seconds until it is worth coming back. At zero the caller asks, in an outage as the only one."""
        return self._of(provider).breaker.wait(self._clock.monotonic())

    def rest(self, provider: str) -> float:
        """Seconds until the next question may be asked, without asking it."""
        return self._of(provider).breaker.rest(self._clock.monotonic())

    def note_failure(self, provider: str, why: str, retry_after: float) -> None:
        """Count a question that the provider did not answer; `retry_after` is in seconds."""
        answers, now = self._of(provider), self._clock.monotonic()
        if answers.breaker.note_failure(now, retry_after):
            answers.since = now
            log.warning("a provider does not answer; asking seldom", extra={"provider": provider})
        if answers.breaker.is_open:
            answers.reason = why

    def note_answer(self, provider: str) -> bool:
        """Note any answer. Return whether this ended an outage."""
        answers = self._of(provider)
        has_ended = answers.breaker.note_answer()
        if has_ended:
            answers.since, answers.reason = self._clock.monotonic(), "it answers again"
            log.info("a provider answers again", extra={"provider": provider})
        return has_ended

    def knew(self, provider: str) -> None:
        """Note that the provider knows the task that it was asked about."""
        answers, now = self._of(provider), self._clock.monotonic()
        answers.knew_at = now
        if answers.knows_none:
            answers.knew_again_at, answers.knows_none = now, False

    def knew_none(self, provider: str) -> None:
        """Note that the provider knows none of its tasks for the time being."""
        self._of(provider).knows_none = True

    def knew_again_at(self, provider: str) -> float:
        """Return the moment of the monotonic clock from which on an unknown task may count as lost."""
        return self._of(provider).knew_again_at

    def has_known(self, provider: str, since: float) -> bool:
        """Whether the provider has known any of its tasks since then."""
        return self._of(provider).knew_at > since

    def _of(self, provider: str) -> _Answers:
        answers = self._answers.get(provider)
        if answers is None:
            answers = self._answers[provider] = _Answers(self._clock.monotonic())
        return answers
