"""What is known of how a provider is doing: at paid creates, at free questions, and as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Condition(StrEnum):
    """From the best to the worst."""

    WORKING = "working"
    SLOW = "slow"
    DOWN = "down"
    UNCONFIRMED = "not confirming requests"
    OUT_OF_CREDIT = "out of credit"
    MISCONFIGURED = "misconfigured"


CLOSED: Final = frozenset({Condition.OUT_OF_CREDIT, Condition.MISCONFIGURED})
"""A closed state that only the operator ends. A request is still tried now and then: a refusal is free."""

_SEVERITY: Final = {condition: number for number, condition in enumerate(Condition)}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider is doing at one of the two; `since` is when that began.

    Until `until` nothing is sent. Both are moments of the monotonic clock, in seconds: a wall clock that is
    set changes nothing. With a `model`, it is so for this one only.
    """

    condition: Condition
    reason: str
    since: float
    until: float
    model: str | None = None

    @property
    def is_closed(self) -> bool:
        return self.condition in CLOSED


@dataclass(frozen=True, slots=True)
class Health:
    """How a provider is doing at paid `creates` and at `questions` about its tasks, which are free."""

    provider: str
    creates: Standing
    questions: Standing

    @property
    def worse(self) -> Standing:
        """How it is doing as a whole: no better than at either."""
        return max(self.creates, self.questions, key=lambda half: (_SEVERITY[half.condition], half.until))
