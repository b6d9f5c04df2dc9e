"""Who may start next: so many places at the providers, so many for each member, members take turns."""

from __future__ import annotations

from collections import OrderedDict, deque


class Turns:
    """The queue of jobs that wait for a place.

    Members are served in rotation, each in the order of their own jobs, so that one member with
    fifty jobs does not keep out one with one.
    """

    def __init__(self, *, places: int, places_for_member: int) -> None:
        self._places = places
        self._places_for_member = places_for_member
        self._waiting: OrderedDict[int, deque[int]] = OrderedDict()
        self._started: dict[int, int] = {}

    def enter(self, job_id: int, member_id: int) -> None:
        """Wait for a place. Entering twice changes nothing."""
        line = self._waiting.setdefault(member_id, deque())
        if job_id not in line and job_id not in self._started:
            line.append(job_id)

    def start(self, job_id: int, member_id: int) -> None:
        """Count a job that has a place already, such as one found running when the program starts."""
        self.leave(job_id)
        self._started[job_id] = member_id

    def has_started(self, job_id: int) -> bool:
        return job_id in self._started

    def leave(self, job_id: int) -> None:
        """Give the place back, or stop waiting for one."""
        self._started.pop(job_id, None)
        for member_id, line in list(self._waiting.items()):
            if job_id in line:
                line.remove(job_id)
            if not line:
                del self._waiting[member_id]

    def take(self) -> int | None:
        """Give the next job its place, or None while nobody may start."""
        if len(self._started) >= self._places:
            return None
        for member_id, line in self._waiting.items():
            if self._of_member(member_id) < self._places_for_member:
                job_id = line.popleft()
                self._started[job_id] = member_id
                self._waiting.move_to_end(member_id)
                if not line:
                    del self._waiting[member_id]
                return job_id
        return None

    def ahead(self, job_id: int) -> int | None:
        """How many jobs start before this one if nothing else changes; None if it does not wait."""
        rounds = [list(line) for line in self._waiting.values()]
        for line in rounds:
            if job_id in line:
                place = line.index(job_id)
                earlier = rounds.index(line)
                return (
                    sum(
                        min(len(other), place + (1 if index < earlier else 0))
                        for index, other in enumerate(rounds)
                        if index != earlier
                    )
                    + place
                )
        return None

    def _of_member(self, member_id: int) -> int:
        return sum(1 for owner in self._started.values() if owner == member_id)
