"""Pauses a provider that does not confirm paid requests: each of them may be paid for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.dispatch.health import Condition, Standing
from core.ports import Clock

IN_A_ROW: Final = 2
"""One lost answer may be chance; two in a row are a reason."""

_FIRST_REST_SECONDS: Final = 60.0
_LONGEST_REST_SECONDS: Final = 15 * 60.0
_WHILE_TRYING_SECONDS: Final = 1.0
_DOUBLINGS: Final = 4


@dataclass(slots=True)
class _Row:
    """Requests in a row that a provider did not confirm, and how often it was paused for them.

    `since` and `until` are moments of the monotonic clock; `is_trying` means that one request tries if it
    confirms again.
    """

    times: int = 0
    rests: int = 0
    since: float = float("-inf")
    until: float = float("-inf")
    is_trying: bool = False


class UnconfirmedCreates:
    """After two in a row nothing is sent for 1, 2, 4 … 15 minutes; then one request tries, and no other."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rows: dict[str, _Row] = {}

    def of(self, provider: str) -> Standing | None:
        """Return the state of a provider that is paused until a request is confirmed; else None."""
        row = self._rows.get(provider)
        if row is None or row.rests == 0:
            return None
        return Standing(Condition.UNCONFIRMED, "it did not confirm paid requests", row.since, row.until)

    def seconds_until_free(self, provider: str) -> float:
        """Return the seconds until a request may try; some while one does."""
        row = self._rows.get(provider)
        least = _WHILE_TRYING_SECONDS if row is not None and row.is_trying else 0.0
        return max(least, self.seconds_of_rest(provider))

    def seconds_of_rest(self, provider: str) -> float:
        """Return the seconds for which no request may try."""
        row = self._rows.get(provider)
        return 0.0 if row is None else max(0.0, row.until - self._clock.monotonic())

    def begin(self, provider: str) -> None:
        """A request is about to be sent; where the provider is paused, it is the only one."""
        row = self._rows.get(provider)
        if row is not None and row.rests > 0:
            row.is_trying = True

    def end(self, provider: str) -> None:
        """The request has ended, in whichever way."""
        if provider in self._rows:
            self._rows[provider].is_trying = False

    def note(self, provider: str, sent_at: float) -> bool:
        """Count a request that was not confirmed; return whether the provider is paused from now on.

        Requests that were sent before the pause say nothing new.
        """
        row = self._rows.setdefault(provider, _Row())
        row.times += 1
        if row.times < IN_A_ROW or sent_at < row.until:
            return False
        now, rest = self._clock.monotonic(), _FIRST_REST_SECONDS * 2 ** min(row.rests, _DOUBLINGS)
        row.since = now if row.rests == 0 else row.since
        row.rests += 1
        row.until = now + min(rest, _LONGEST_REST_SECONDS)
        return row.rests == 1

    def clear(self, provider: str) -> None:
        """One was confirmed, or the operator says that the provider works again."""
        self._rows.pop(provider, None)
