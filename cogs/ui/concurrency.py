"""Bounds what members do at once: the same thing once, so much at a time, a few for each member."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Hashable
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Final

from core.dispatch.lanes import Lanes
from core.model.errors import NotAllowed
from core.ports import Clock

AT_ONCE: Final = 8
MOST_OF_CHANNEL: Final = 4
MOST_WAITING: Final = 500
MOST_OF_PERSON: Final = 10
_TOO_MANY: Final = "That is too much at once. Nothing was ordered; try again in a minute."


def lanes_by_channel(clock: Clock) -> Lanes:
    """Return the lanes in which messages are answered: a channel that hangs delays no other."""
    return Lanes(clock, each=MOST_OF_CHANNEL, together=AT_ONCE, patience=5.0)


class OneAtATime:
    """Refuses, in these words, what is under way already."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._under_way: set[Hashable] = set()

    @contextmanager
    def hold(self, key: Hashable) -> Generator[None]:
        """Raise NotAllowed where this is held by another."""
        if key in self._under_way:
            raise NotAllowed(self._said)
        self._under_way.add(key)
        try:
            yield
        finally:
            self._under_way.discard(key)


class Backpressure:
    """Bounds what comes without an interaction."""

    def __init__(self, clock: Clock) -> None:
        self._lanes = lanes_by_channel(clock)
        self._people: Counter[int] = Counter()

    @contextmanager
    def enter(self, person_id: int) -> Generator[None]:
        """Count a member who is here. Raise NotAllowed where too many are here already."""
        if self._people[person_id] >= MOST_OF_PERSON or self._people.total() >= MOST_WAITING:
            raise NotAllowed(_TOO_MANY)
        self._people[person_id] += 1
        try:
            yield
        finally:
            self._people[person_id] -= 1
            self._people += Counter[int]()  # leaves out members without any

    def turn(self, channel_id: int) -> AbstractAsyncContextManager[None]:
        """Wait for a turn in a channel."""
        return self._lanes.hold(channel_id)
