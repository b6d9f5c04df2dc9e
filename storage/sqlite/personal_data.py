"""What is stored about a member in SQLite: to be shown and exported."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from core.model.errors import JobDamaged
from core.model.job import Job
from core.ports import DataSummary, Event
from storage.sqlite.database import Database
from storage.sqlite.erasure_sql import ACTS, DOSSIER, OF_MEMBER
from storage.sqlite.jobs import PAGE
from storage.sqlite.rows import events_from, job_from, moment

log = logging.getLogger(__name__)

_AFTER_ALL: Final = (2**63 - 1, 2**63 - 1)


class SqlitePersonalData:
    """`core.ports.PersonalData` on SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def summary(self, member_id: int) -> DataSummary:
        ((jobs, open_jobs, since, *counts),) = await self._database.rows(DOSSIER, (member_id,))
        return DataSummary(jobs, open_jobs, _moment(since), *counts)

    async def jobs_of(self, member_id: int) -> AsyncIterator[Job]:
        last = _AFTER_ALL
        while page := await self._database.rows(OF_MEMBER, (member_id, *last, PAGE)):
            for row in page:
                try:
                    yield job_from(row)
                except JobDamaged as damage:
                    log.warning("a job cannot be read", extra={"job": damage.job_id, "column": damage.column})
            last = (page[-1][1], page[-1][0])

    async def acts_of(self, member_id: int) -> list[Event]:
        return events_from(await self._database.rows(ACTS, (member_id,)))


def _moment(at: int | None) -> datetime | None:
    """Return when that was, None where a damaged row has an impossible time."""
    try:
        return None if at is None else moment(at)
    except OverflowError:
        return None
