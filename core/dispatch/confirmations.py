"""Jobs that wait for the operator's yes: the database was put back, so they may have been cancelled since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from core.model.job import Job, JobState
from core.ports import JobStore, KeyValueStore, NoReply, Reply, ReplyLog
from core.ports.json_notes import job_of

UNSENT: Final = frozenset({JobState.QUEUED, JobState.SUBMITTING})
"""Where a job of a copy may be sent again: of one that was being sent, a refusal may be known by now."""

_KEY: Final = "waits for a yes: "


class Confirmations:
    """Which jobs wait, as noted in the database, so that a restart still knows it."""

    def __init__(self, notes: KeyValueStore | None = None) -> None:
        self._notes = notes
        self._waiting: set[int] = set()

    @property
    def waiting(self) -> frozenset[int]:
        return frozenset(self._waiting)

    def awaits(self, job_id: int) -> bool:
        """Whether a job is sent only after the operator has said yes."""
        return job_id in self._waiting

    async def recall(self, store: JobStore) -> None:
        """Read which jobs wait. What was sent meanwhile, or has ended, waits no more."""
        if self._notes is None:
            return
        for key in await self._notes.keys(_KEY):
            job = await job_of(store, key.removeprefix(_KEY))
            if job is not None and job.state in UNSENT:
                self._waiting.add(job.id)

    async def ask_for(self, job_ids: Iterable[int]) -> None:
        """Let these jobs wait. It is on the disk before this returns."""
        for job_id in job_ids:
            if self._notes is not None:
                await self._notes.remember(f"{_KEY}{job_id}", "")
            self._waiting.add(job_id)

    async def confirm(self, job_id: int) -> bool:
        """Let a job be sent; return whether it waited for that."""
        if job_id not in self._waiting:
            return False
        if self._notes is not None:
            await self._notes.forget(f"{_KEY}{job_id}")
        self._waiting.discard(job_id)
        return True


async def find_later_reply(job: Job, replies: ReplyLog) -> Reply | NoReply | None:
    """Find the reply to a request that the database, an older copy, has no record of."""
    reply = await replies.last(job.id)
    return reply if reply is not None and reply.attempt > job.attempts else None
