"""Who may start next: so many places at the providers, so many for each member, members take turns."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque


class Turns:
    """The queue of jobs that wait for a place.

    Members are served in rotation, each in the order of their own jobs, so that one member with
    fifty jobs does not keep out one with one.
    """

    def __init__(self, *, places: int, places_for_member: int) -> None:
        self._places = places
        self._places_for_member = places_for_member
        self._waiting: OrderedDict[int, deque[int]] = OrderedDict()
        self._owners: dict[int, int] = {}
        self._started: dict[int, int] = {}
        self._started_by: Counter[int] = Counter()

    def __len__(self) -> int:
        """How many jobs wait for a place."""
        return len(self._owners)

    def enter(self, job_id: int, member_id: int) -> None:
        """Wait for a place. Entering twice changes nothing."""
        if job_id not in self._owners and job_id not in self._started:
            self._owners[job_id] = member_id
            self._waiting.setdefault(member_id, deque()).append(job_id)

    def start(self, job_id: int, member_id: int) -> None:
        """Count a job that has a place already, such as one found running when the program starts."""
        self.leave(job_id)
        self._started[job_id] = member_id
        self._started_by[member_id] += 1

    def has_started(self, job_id: int) -> bool:
        return job_id in self._started

    def leave(self, job_id: int) -> None:
        """Give the place back, or stop waiting for one."""
        member_id = self._started.pop(job_id, None)
        if member_id is not None:
            self._started_by -= Counter([member_id])
        waiting_for = self._owners.pop(job_id, None)
        if waiting_for is not None:
            line = self._waiting[waiting_for]
            line.remove(job_id)
            if not line:
                del self._waiting[waiting_for]

    def take(self) -> int | None:
        """Give the next job its place, or None while nobody may start."""
        if len(self._started) >= self._places:
            return None
        for member_id, line in self._waiting.items():
            if self._started_by[member_id] < self._places_for_member:
                self._waiting.move_to_end(member_id)
                job_id = line[0]
                self.start(job_id, member_id)
                return job_id
        return None

    def ahead(self, job_id: int) -> int | None:
        """How many jobs start before this one if nothing else changes; None if it does not wait."""
        owner = self._owners.get(job_id)
        if owner is None:
            return None
        place = self._waiting[owner].index(job_id)
        count, is_before = 0, True
        for member_id, line in self._waiting.items():
            is_before = is_before and member_id != owner
            count += min(len(line), place + is_before)
        return count
