"""What is kept about a member in SQLite: to be shown, and to be taken along."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from core.jobs import Job
from core.ports import Dossier, Event
from storage.database import Database
from storage.erasing_statements import ACTS, DOSSIER, OF_MEMBER
from storage.jobs import PAGE
from storage.records import event_from, job_from, moment

_AFTER_ALL: Final = (2**63 - 1, 2**63 - 1)


class SqlitePersonalData:
    """`core.ports.PersonalData` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def dossier(self, member_id: int) -> Dossier:
        ((jobs, open_jobs, since, *counts),) = await self._database.rows(DOSSIER, (member_id,))
        return Dossier(jobs, open_jobs, None if since is None else moment(since), *counts)

    async def jobs_of(self, member_id: int) -> AsyncIterator[Job]:
        last = _AFTER_ALL
        while page := await self._database.rows(OF_MEMBER, (member_id, *last, PAGE)):
            for row in page:
                yield job_from(row)
            last = (page[-1][1], page[-1][0])

    async def acts_of(self, member_id: int) -> list[Event]:
        return [event_from(row) for row in await self._database.rows(ACTS, (member_id,))]
