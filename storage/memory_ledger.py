"""The ledger without a disk: what the triggers of the database do."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from core.jobs import Job
from core.ledger import Account, Booking, Entry, Scope, Usage, Window, account, closing, opening

_VIDEOS = {Booking.RESERVED: 1, Booking.RETURNED: -1, Booking.SETTLED: 0}


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
        if before is None and not after.has_ended:
            self._add(after, opening(after))
        entries = self._entries.get(after.id, ())
        has_ended_now = before is not None and after.state is not before.state and after.has_ended
        if has_ended_now and len(entries) == 1:
            self._add(after, closing(after, entries[0]))

    def use_of(self, job_id: int) -> tuple[int, int]:
        """Return what a job that has ended comes to: videos, and money spent."""
        entries = self.entries(job_id)
        return sum(_VIDEOS[entry.booking] for entry in entries), sum(entry.spent for entry in entries)

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
        open_jobs=usage.open_jobs + (1 if entry.booking is Booking.RESERVED else -1),
        videos=usage.videos + _VIDEOS[entry.booking],
        reserved=usage.reserved + entry.reserved,
        spent=usage.spent + entry.spent,
    )
