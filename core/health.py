"""How each provider is doing: why, since when, and until when it is left alone."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.alarms import ProviderClosed, ProviderDown, Unheard
from core.errors import Refusal, Refused
from core.ports import Alarm, Clock
from core.schedule import OUTAGE

log = logging.getLogger(__name__)


class Condition(StrEnum):
    WORKING = "working"
    SLOW = "slow"
    OUT_OF_CREDIT = "out of credit"
    MISCONFIGURED = "misconfigured"
    DOWN = "down"


CLOSED: Final = frozenset({Condition.OUT_OF_CREDIT, Condition.MISCONFIGURED})
"""What only the operator ends. A request is still tried there now and then: a refusal is free."""

_CONDITION_OF: Final = {
    Refusal.BUSY: Condition.SLOW,
    Refusal.UPSTREAM: Condition.SLOW,
    Refusal.CREDIT: Condition.OUT_OF_CREDIT,
    Refusal.CONFIGURATION: Condition.MISCONFIGURED,
}
_REST: Final = {
    Condition.SLOW: timedelta(seconds=15),
    Condition.DOWN: timedelta(seconds=15),
    Condition.OUT_OF_CREDIT: timedelta(minutes=5),
    Condition.MISCONFIGURED: timedelta(minutes=5),
}
_ESTRANGED: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Health:
    """`since` is when it came to be so; until `until` no paid request is sent there.

    Both are moments of the monotonic clock, in seconds: a wall clock that is set changes nothing.
    """

    provider: str
    condition: Condition
    reason: str
    since: float
    until: float

    @property
    def is_closed(self) -> bool:
        return self.condition in CLOSED


class Infirmary:
    """Knows how the providers are doing, from what they answered. A start is a fresh look.

    The operator is told of each provider that closes, and of one that stays out of reach.
    """

    def __init__(self, clock: Clock, providers: Iterable[str], alarm: Alarm | None = None) -> None:
        self._clock = clock
        self._alarm = alarm or Unheard()
        self._told_of: set[str] = set()
        now = clock.monotonic()
        self._known = {
            name: Health(name, Condition.WORKING, "nothing went wrong yet", now, now) for name in providers
        }

    def all(self) -> list[Health]:
        """Every provider's health, the preferred provider's first."""
        return list(self._known.values())

    def of(self, provider: str) -> Health:
        return self._known[provider]

    def is_free(self, provider: str) -> bool:
        """Whether a paid request may be sent there now."""
        return self._clock.monotonic() >= self._known[provider].until

    def resting(self) -> frozenset[str]:
        """Return the providers to which no paid request is sent now."""
        return frozenset(name for name in self._known if not self.is_free(name))

    def closed(self) -> frozenset[str]:
        """Return those of them that only the operator can mend."""
        return frozenset(name for name in self.resting() if self._known[name].is_closed)

    def seconds_until_free(self, providers: Iterable[str]) -> float:
        """Return the seconds until the first of these is free."""
        return max(0.0, min(self._known[name].until for name in providers) - self._clock.monotonic())

    def free_at(self, provider: str) -> datetime:
        """Return when the provider is free, by the wall clock."""
        return self._clock.now() + timedelta(seconds=self.seconds_until_free([provider]))

    def worked(self, provider: str) -> None:
        self._note(provider, Condition.WORKING, "it answers", timedelta())

    def refused(self, provider: str, error: Refused, *, seconds: float | None = None) -> None:
        """Learn from a refusal; one that is the request's own fault says nothing about the provider.

        `seconds` is how long it wants to be left alone, if it says so.
        """
        condition = _CONDITION_OF.get(error.why)
        if condition is not None:
            rest = _REST[condition] if seconds is None else timedelta(seconds=seconds)
            self._note(provider, condition, error.said, rest)

    def unreachable(self, provider: str, why: str) -> None:
        """Learn from a request that could not be sent. After some minutes the operator is told, once."""
        self._note(provider, Condition.DOWN, why, _REST[Condition.DOWN])
        lasted = timedelta(seconds=self._clock.monotonic() - self._known[provider].since)
        if lasted > OUTAGE and provider not in self._told_of:
            self._told_of.add(provider)
            self._alarm.raised(ProviderDown(provider, why))

    def estranged(self, provider: str, why: str) -> None:
        """Learn that something else answered in its place: what is sent there now comes to doubt."""
        self._note(provider, Condition.DOWN, why, _ESTRANGED)

    def _note(self, provider: str, condition: Condition, reason: str, rest: timedelta) -> None:
        now = self._clock.monotonic()
        before = self._known[provider]
        has_changed = before.condition is not condition
        since = now if has_changed else before.since
        self._known[provider] = Health(provider, condition, reason, since, now + rest.total_seconds())
        if has_changed:
            self._told_of.discard(provider)
            level = logging.INFO if condition is Condition.WORKING else logging.WARNING
            level = logging.ERROR if condition in CLOSED else level
            log.log(level, "provider is %s", condition, extra={"provider": provider, "why": reason})
            if condition in CLOSED:
                self._alarm.raised(ProviderClosed(provider, condition is Condition.OUT_OF_CREDIT, reason))
