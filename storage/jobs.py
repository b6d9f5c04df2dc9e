"""Jobs in SQLite. Every change is one compare-and-swap statement, and those that wait together share it."""

from __future__ import annotations

import sqlite3
from typing import Final, NoReturn

from core.errors import Stale, TaskTaken
from core.jobs import IllegalMove, Job
from core.ports import Event
from storage.database import Database
from storage.records import changed_parts, event_from, identity, is_same_order, job_from, parts, standing
from storage.statements import ADMIT, EVENTS, JOB, MOVE, OF_REQUESTER, PENDING, RECENT
from storage.writer import Row

PAGE: Final = 500
"""Jobs that are read at once: turning more rows into jobs would hold up everybody else."""

_BEFORE_ALL: Final = (-(2**63), 0)


class SqliteJobStore:
    """`core.ports.JobStore` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admit(self, job: Job) -> bool:
        line = [*identity(job), *standing(job), *parts(job)]
        try:
            return await self._database.write(ADMIT, job.id, line)
        except sqlite3.IntegrityError as error:
            _refuse(error, job, job)

    async def move(self, before: Job, after: Job) -> None:
        if not is_same_order(before, after):
            raise IllegalMove(before, after.state)
        line = [before.id, before.state, before.version, *standing(after), changed_parts(before, after)]
        try:
            is_moved = await self._database.write(MOVE, before.id, line)
        except sqlite3.IntegrityError as error:
            _refuse(error, before, after)
        if not is_moved:
            raise Stale(f"job {before.id} is no longer {before.state} in version {before.version}")

    async def get(self, job_id: int) -> Job | None:
        found = await self._found(JOB, (job_id,))
        return found[0] if found else None

    async def pending(self) -> list[Job]:
        jobs: list[Job] = []
        last = _BEFORE_ALL
        while page := await self._database.rows(PENDING, (*last, PAGE)):
            jobs += map(job_from, page)
            last = (page[-1][1], page[-1][0])
        return jobs

    async def of_requester(self, requester_id: int, *, limit: int = 25) -> list[Job]:
        return await self._found(OF_REQUESTER, (requester_id, limit))

    async def recent(self, *, limit: int = 50) -> list[Job]:
        return await self._found(RECENT, (limit,))

    async def events(self, job_id: int) -> list[Event]:
        return [event_from(row) for row in await self._database.rows(EVENTS, (job_id,))]

    async def _found(self, statement: str, parameters: Row) -> list[Job]:
        return [job_from(row) for row in await self._database.rows(statement, parameters)]


def _refuse(error: sqlite3.IntegrityError, before: Job, after: Job) -> NoReturn:
    """Say which rule of the database a change broke."""
    if error.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE":
        raise TaskTaken(f"the task of job {before.id} belongs to another job already") from error
    raise IllegalMove(before, after.state) from error
