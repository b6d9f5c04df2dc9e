"""The ledger without a disk: what the triggers of the database do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from core.model.job import Job
from core.model.ledger import Account, Entry, Scope, Usage, Window, account, booked, opening


class MemoryLedger:
    def __init__(self) -> None:
        self._entries: defaultdict[int, list[Entry]] = defaultdict(list)
        self._usage: dict[Account, Usage] = {}

    def usage(self, account: Account) -> Usage:
        return self._usage.get(account, Usage())

    def entries(self, job_id: int) -> list[Entry]:
        return list(self._entries.get(job_id, ()))

    def book(self, before: Job | None, after: Job) -> None:
        """Add the line that goes with a job's admission or move, if one does."""
        if before is not None:
            line = booked(before, after, self.entries(after.id))
        else:
            line = None if after.has_ended else opening(after)
        if line is not None:
            self._add(after, line)

    def use_of(self, job_id: int) -> tuple[int, int]:
        """Return the use of a job that has ended: videos, and money spent."""
        entries = self.entries(job_id)
        return sum(entry.videos for entry in entries), sum(entry.spent for entry in entries)

    def hand_over(self, period: str, before: int, after: int, use: tuple[int, int]) -> None:
        """Take a use from one member's account and add it to another's."""
        for owner, sign in ((before, -1), (after, 1)):
            counted_on = Account(Scope.MEMBER, owner, period)
            usage = self.usage(counted_on)
            self._usage[counted_on] = replace(
                usage, videos=usage.videos + sign * use[0], spent=usage.spent + sign * use[1]
            )

    def _add(self, job: Job, entry: Entry) -> None:
        self._entries[job.id].append(entry)
        for scope in Scope:
            for window in Window:
                counted_on = account(job, scope, window)
                if counted_on is not None:
                    self._usage[counted_on] = _with(self.usage(counted_on), entry)


def _with(usage: Usage, entry: Entry) -> Usage:
    return Usage(
        open_jobs=usage.open_jobs + entry.open_jobs,
        videos=usage.videos + entry.videos,
        reserved=usage.reserved + entry.reserved,
        spent=usage.spent + entry.spent,
    )
