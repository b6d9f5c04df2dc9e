"""The state after the database was put back: which jobs wait for a yes, which were paid without it."""

from __future__ import annotations

import json
import logging
from typing import Final

from core.dispatch.confirmations import UNSENT, Confirmations, find_later_reply
from core.model.job import JobState
from core.model.operator_alerts import DatabasePutBack, RepliesUnknown
from core.ports import AlertChannel, Clock
from core.ports.json_notes import recall, whole_numbers
from storage.files.reply_log import FileReplyLog
from storage.maintenance.progress_mark import ProgressMark
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues

MARK_SECONDS: Final = 1.0
_TOLD: Final = "replies told of"

log = logging.getLogger(__name__)


class RestoredCopyGuard:
    """Checks at the start whether the database is an older copy, and marks how far it is from then on."""

    def __init__(self, database: Database, replies: FileReplyLog, mark: ProgressMark, clock: Clock) -> None:
        self._store = SqliteJobStore(database)
        self._notes = SqliteKeyValues(database)
        self._replies = replies
        self._mark = mark
        self._clock = clock
        self.confirmations = Confirmations(self._notes)

    async def look(self, alerts: AlertChannel) -> None:
        """Find out which jobs wait for a yes. To be called before any job is resumed.

        The findings are noted in the database before the mark says that it was checked.
        """
        await self.confirmations.recall(self._store)
        if await self._mark.is_put_back():
            await self._ask(alerts)
        await self._tell_unknown(alerts)
        await self._mark.begin()

    async def run(self) -> None:
        """Keep the mark up to date, until cancelled."""
        while True:
            await self._mark.write()
            await self._clock.sleep(MARK_SECONDS)

    async def finish(self) -> None:
        await self._mark.write()

    async def _ask(self, alerts: AlertChannel) -> None:
        unsent = [job async for job in self._store.pending() if job.state in UNSENT]
        await self.confirmations.ask_for(job.id for job in unsent)
        queued = (job for job in unsent if job.state is JobState.QUEUED)
        waiting = tuple([job.id for job in queued if not await find_later_reply(job, self._replies)])
        log.warning("the database was put back to an older copy", extra={"waiting": len(waiting)})
        alerts.send(DatabasePutBack(waiting))

    async def _tell_unknown(self, alerts: AlertChannel) -> None:
        """Alert once about replies to paid requests whose jobs the database does not know."""
        unknown = await self._store.unknown(self._replies.job_ids)
        reported = await recall(self._notes, _TOLD, whole_numbers) or []
        news = sorted(set(unknown) - set(reported))
        if news:
            log.error("replies to paid requests of unknown jobs", extra={"count": len(news), "jobs": news})
            alerts.send(RepliesUnknown(tuple(news)))
            await self._notes.remember(_TOLD, json.dumps(unknown))
