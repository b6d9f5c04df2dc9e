"""How each provider is doing: the one view of it, for paid creates and for free questions alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from core.dispatch.create_health import CreateHealth
from core.dispatch.health import Condition, Health, Standing
from core.dispatch.question_health import QuestionHealth
from core.ports import AlertChannel, Clock

_WORKING: Final = frozenset({Condition.WORKING, Condition.SLOW})


class ProviderHealth:
    """Knows how the providers are doing, from their answers. A start begins without any.

    `creates` says when paid requests are sent, `questions` when their tasks are asked about.
    """

    def __init__(self, clock: Clock, providers: Iterable[str], alerts: AlertChannel | None = None) -> None:
        self._clock = clock
        self._providers = tuple(providers)
        self.creates = CreateHealth(clock, self._providers, alerts)
        self.questions = QuestionHealth(clock)

    def all(self) -> list[Health]:
        """Every provider's health, the preferred provider's first."""
        return [self.of(provider) for provider in self._providers]

    def of(self, provider: str) -> Health:
        return Health(provider, self.creates.of(provider), self.questions.of(provider))

    def is_working(self, health: Health) -> bool:
        """Whether a video can be ordered there: it works, or is tried again now after it was out of reach."""
        worse = health.worse
        is_tried_again = worse.condition is Condition.DOWN and self._clock.monotonic() >= worse.until
        return worse.condition in _WORKING or is_tried_again

    def began_at(self, standing: Standing) -> datetime:
        """Return since when this holds, by the wall clock."""
        return self._clock.now() - timedelta(seconds=self._clock.monotonic() - standing.since)

    def free_at(self, standing: Standing) -> datetime:
        """Return when it is tried again, by the wall clock."""
        return self._clock.now() + timedelta(seconds=max(0.0, standing.until - self._clock.monotonic()))
