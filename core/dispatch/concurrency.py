"""How many tasks a provider takes at once: as many as is configured, or fewer once it has refused one."""

from __future__ import annotations

from typing import Final

REGAIN_SECONDS: Final = 300.0
REGAIN_TASKS: Final = 10
"""After so much time, or so many tasks that were taken, one more is tried."""


class ConcurrencyLimits:
    """A provider's places. Times are of the monotonic clock, in seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._least = most
        self._lowered_at = 0.0
        self._accepted = 0

    def at(self, now: float) -> int:
        """How many there are at this moment."""
        if self._least >= self._most:
            return self._most
        regained = int((now - self._lowered_at) // REGAIN_SECONDS) + self._accepted // REGAIN_TASKS
        return min(self._most, self._least + regained)

    def note_refusal(self, running: int, now: float) -> None:
        """Learn from a refusal with so many under way, the refused one among them."""
        self._least = min(self.at(now), max(1, running - 1))
        self._lowered_at = now
        self._accepted = 0

    def note_acceptance(self) -> None:
        """Count a task that was taken."""
        self._accepted += 1
