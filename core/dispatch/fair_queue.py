"""Which job may start next: so many places at each provider, for each member and server, in turns."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import TypeAlias, TypeVar

from core.dispatch.concurrency import ConcurrencyLimits

T = TypeVar("T")

_NOWHERE = ""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A job that waits for a place, and the providers that can make it, the preferred one first.

    With none of these, or only closed ones, it needs no place: it starts, and ends with that reason.
    """

    job_id: int
    member_id: int
    server_id: int | None
    providers: tuple[str, ...]

    def competes_with(self, other: QueueEntry) -> bool:
        return not set(self.providers).isdisjoint(other.providers)


@dataclass(frozen=True, slots=True)
class Rest:
    """Providers to which nothing is sent now; those that are closed stay so until the operator acts."""

    resting: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()


AWAKE = Rest()

_Holder: TypeAlias = tuple[int, int | None, str]
"""Member, server and provider of a job that has a place."""


class FairQueue:
    """The queue of jobs that wait for a place.

    Members are served in rotation, each in the order of their own jobs, so that one member with
    fifty jobs does not keep out one with one. A job that no provider can take now is passed over.
    """

    def __init__(self, *, places: int, places_for_member: int, places_for_server: int | None = None) -> None:
        self._places_each = places
        self._places_for_member = places_for_member
        self._places_for_server = places_for_server
        self._places: dict[str, ConcurrencyLimits] = {}
        self._waiting: OrderedDict[int, deque[int]] = OrderedDict()
        self._entrants: dict[int, QueueEntry] = {}
        self._started: dict[int, _Holder] = {}
        self._alike: dict[_Holder, tuple[_Holder, int]] = {}
        self._of_member: Counter[int] = Counter()
        self._of_server: Counter[int | None] = Counter()
        self._at_provider: Counter[str] = Counter()
        self._changes = 0
        self._fruitless: tuple[int, frozenset[str], Rest] | None = None

    def __len__(self) -> int:
        """How many jobs wait for a place."""
        return len(self._entrants)

    def enter(self, entrant: QueueEntry) -> None:
        """Wait for a place. Entering twice changes nothing."""
        if entrant.job_id not in self._entrants and entrant.job_id not in self._started:
            self._changes += 1
            self._entrants[entrant.job_id] = entrant
            self._waiting.setdefault(entrant.member_id, deque()).append(entrant.job_id)
            for provider in entrant.providers:
                self._places_of(provider)

    def start(self, job_id: int, member_id: int, server_id: int | None, provider: str) -> None:
        """Count a job that has a place already, such as one found running when the program starts."""
        self.leave(job_id)
        self._started[job_id] = self._share((member_id, server_id, provider))
        self._of_member[member_id] += 1
        self._of_server[server_id] += 1
        self._at_provider[provider] += 1

    def has_started(self, job_id: int) -> bool:
        return job_id in self._started

    def provider_of(self, job_id: int) -> str:
        """Name the provider at which a job has its place; the empty string where it needs none."""
        holder = self._started.get(job_id)
        return _NOWHERE if holder is None else holder[2]

    def leave(self, job_id: int) -> None:
        """Give the place back, or stop waiting for one."""
        holder = self._started.pop(job_id, None)
        if holder is not None:
            member_id, server_id, provider = holder
            _take_off(self._of_member, member_id)
            _take_off(self._of_server, server_id)
            _take_off(self._at_provider, provider)
            self._unshare(holder)
            self._changes += 1
        entrant = self._entrants.pop(job_id, None)
        if entrant is not None:
            line = self._waiting[entrant.member_id]
            line.remove(job_id)
            self._changes += 1
            if not line:
                del self._waiting[entrant.member_id]

    def take(self, now: float, rest: Rest = AWAKE) -> int | None:
        """Give the next job its place, or None while no job may start."""
        if not self._entrants:
            return None
        free = frozenset(
            name for name in self._places if name not in rest.resting and self.has_room(name, now)
        )
        if self._fruitless == (self._changes, free, rest):
            return None
        for member_id in self._waiting:
            found = self._next_of(member_id, free, rest.closed)
            if found is not None:
                entrant, provider = found
                self._waiting.move_to_end(member_id)
                self.start(entrant.job_id, member_id, entrant.server_id, provider)
                return entrant.job_id
        self._fruitless = (self._changes, free, rest)
        return None

    def claim(self, job_id: int, provider: str, now: float) -> bool:
        """Let a job that has started have its place at this provider. Return whether there was one."""
        holder = self._started.get(job_id)
        if holder is None:
            return False
        member_id, server_id, held = holder
        if held == provider:
            return True
        if not self.has_room(provider, now):
            return False
        self.start(job_id, member_id, server_id, provider)
        return True

    def has_room(self, provider: str, now: float) -> bool:
        return self._at_provider[provider] < self._places_of(provider).at(now)

    def note_refusal(self, provider: str, now: float) -> None:
        """Keep to fewer places: the provider has refused one task more than these."""
        self._places_of(provider).note_refusal(self._at_provider[provider], now)
        self._changes += 1

    def note_acceptance(self, provider: str) -> None:
        self._places_of(provider).note_acceptance()

    def ahead(self, job_id: int) -> int | None:
        """How many jobs start before this one if nothing else changes; None if it does not wait."""
        entrant = self._entrants.get(job_id)
        if entrant is None:
            return None
        rivals = {member: self._rivals(entrant, line) for member, line in self._waiting.items()}
        place = rivals[entrant.member_id].index(job_id)
        count, is_before = 0, True
        for member_id, line in rivals.items():
            is_before = is_before and member_id != entrant.member_id
            count += min(len(line), place + is_before)
        return count

    def first(self, count: int) -> list[int]:
        """Return the jobs that start first if every place becomes free, in their order."""
        rounds = zip_longest(*self._waiting.values())
        return list(islice((job_id for job_id in chain.from_iterable(rounds) if job_id is not None), count))

    def _rivals(self, entrant: QueueEntry, line: deque[int]) -> list[int]:
        return [
            job_id
            for job_id in line
            if job_id == entrant.job_id or entrant.competes_with(self._entrants[job_id])
        ]

    def _next_of(
        self, member_id: int, free: frozenset[str], closed: frozenset[str]
    ) -> tuple[QueueEntry, str] | None:
        """Find the first job of a member that may start, and its provider."""
        if self._of_member[member_id] >= self._places_for_member:
            return None
        found = (self._place(self._entrants[job_id], free, closed) for job_id in self._waiting[member_id])
        return next(filter(None, found), None)

    def _place(
        self, entrant: QueueEntry, free: frozenset[str], closed: frozenset[str]
    ) -> tuple[QueueEntry, str] | None:
        if all(provider in closed for provider in entrant.providers):
            return entrant, _NOWHERE
        most = self._places_for_server
        if most is not None and entrant.server_id is not None and self._of_server[entrant.server_id] >= most:
            return None
        return next(((entrant, provider) for provider in entrant.providers if provider in free), None)

    def _share(self, holder: _Holder) -> _Holder:
        """Return the one set that jobs with the same member, server and provider share."""
        known, count = self._alike.get(holder, (holder, 0))
        self._alike[known] = known, count + 1
        return known

    def _unshare(self, holder: _Holder) -> None:
        known, count = self._alike.pop(holder)
        if count > 1:
            self._alike[known] = known, count - 1

    def _places_of(self, provider: str) -> ConcurrencyLimits:
        return self._places.setdefault(provider, ConcurrencyLimits(self._places_each))


def _take_off(counts: Counter[T], key: T) -> None:
    """Count one less; a count of zero is removed."""
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]
