"""Stops questions to a provider that does not answer, except one now and then."""

from __future__ import annotations

from typing import Final

FAILURES: Final = 5
PROBE_SECONDS: Final = 30.0
SPREAD_SECONDS: Final = 30.0
_WIDEST_SECONDS: Final = 0.25
_NARROWEST_SECONDS: Final = 0.001


class CircuitBreaker:
    """One provider's circuit breaker, for questions that are free.

    After so many failures in a row it opens: one question goes through as a probe each time, and
    the first answer closes it. Times are of the monotonic clock, in seconds.
    """

    def __init__(self, *, failures: int = FAILURES, probe_seconds: float = PROBE_SECONDS) -> None:
        self._limit = failures
        self._probe_seconds = probe_seconds
        self._failures = 0
        self._next_probe = 0.0

    @property
    def is_open(self) -> bool:
        return self._failures >= self._limit

    def wait(self, now: float) -> float:
        """Seconds until it is worth coming back. At zero the caller asks, in an outage as the probe."""
        if not self.is_open:
            return 0.0
        if now < self._next_probe:
            return self._next_probe - now
        self._next_probe = now + self._probe_seconds
        return 0.0

    def rest(self, now: float) -> float:
        """Seconds until the next question may be asked, without asking it."""
        return max(0.0, self._next_probe - now) if self.is_open else 0.0

    def note_failure(self, now: float, retry_after: float = 0.0) -> bool:
        """Count a question that the provider did not answer. Return whether this opened the circuit.

        `retry_after` is in seconds, as the provider gave it.
        """
        was_open = self.is_open
        self._failures += 1
        if self.is_open:
            self._next_probe = max(self._next_probe, now + max(self._probe_seconds, retry_after))
        return self.is_open and not was_open

    def note_answer(self) -> bool:
        """Start over after any answer. Return whether this ended an outage."""
        was_open = self.is_open
        self._failures = 0
        self._next_probe = 0.0
        return was_open


def spread(count: int, seconds: float = SPREAD_SECONDS) -> list[float]:
    """Return when to do each of so many things that are due: evenly within the seconds, the first now.

    Tens of thousands take longer, so that no more than a thousand are done in a second.
    """
    step = min(max(seconds / max(count, 1), _NARROWEST_SECONDS), _WIDEST_SECONDS)
    return [index * step for index in range(count)]
