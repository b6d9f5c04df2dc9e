"""Jobs in SQLite. Every change is one compare-and-swap statement, and those that wait together share it."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from typing import Final, NoReturn

from core.engine.job_integrity import amiss
from core.model.errors import JobDamaged, Stale, TaskTaken
from core.model.job import IllegalMove, Job, JobState
from core.model.job_outline import Outline
from core.model.ledger import Account, Entry, Usage, reserved
from core.model.limits import Admission, Admitted, Known, Limit, LimitReached, OverLimit, without
from core.model.operator_alerts import JobSetAside, NoAlerts
from core.ports import AlertChannel, Event, TaskClaim
from storage.sqlite.batch_writer import Line, Row
from storage.sqlite.database import Database
from storage.sqlite.errors import without_room
from storage.sqlite.job_sql import (
    ADMIT,
    BY_MESSAGE,
    ENTRIES,
    EVENTS,
    EVERY,
    JOB,
    OF_REQUESTER,
    OUTLINES,
    PENDING,
    RECENT,
    RIVALS,
    UNKNOWN,
    USAGE,
    move,
)
from storage.sqlite.rows import (
    PARTS,
    STANDING,
    bounds,
    changed_parts,
    entry_from,
    events_from,
    identity,
    is_same_order,
    job_from,
    outline_from,
    parts,
    standing,
)

log = logging.getLogger(__name__)

PAGE: Final = 1000
"""Jobs that are read at once: turning more rows into jobs would delay other callers."""

RESERVE: Final = 16 * 1024 * 1024
"""With fewer bytes free on the disk nothing new is begun: they are for saving what is under way."""

_CHANGES: Final = 3 + len(STANDING)
"""Where a line that moves a job has the parts that it changes, if it changes any."""

_BEFORE_ALL: Final = (-(2**63), 0)


class SqliteJobStore:
    """`core.ports.JobStore` on SQLite. An order that could not be recorded to its end is not begun.

    Rows that cannot be read are left out of every list; `alerts` gets one for each, once. `observe` is called
    with a job before and after each move that was saved.
    """

    def __init__(self, database: Database, *, reserve: int = RESERVE) -> None:
        self._database = database
        self._reserve = reserve
        self._damaged: set[int] = set()
        self.alerts: AlertChannel = NoAlerts()
        self.observe: Callable[[Job, Job], None] = _ignore

    async def admit(self, job: Job, limits: Sequence[Limit] = ()) -> Admission:
        if not self._has_room():
            return await self._known(job)
        line = [*identity(job), *standing(job), *parts(job), bounds(job, limits)]
        while True:
            try:
                is_admitted = await self._database.write(ADMIT, job.id, line)
            except sqlite3.IntegrityError as error:
                _refuse(error, job, job)
            # The statement does not say why it passed over a line. Where no limit refuses the job
            # any more, room was made since then.
            outcome = Admitted(job) if is_admitted else await self._why_passed_over(job, limits)
            if outcome is not None:
                return outcome

    def _has_room(self) -> bool:
        return shutil.disk_usage(self._database.path.parent).free >= self._reserve

    async def _known(self, job: Job) -> Known:
        """Find a job that was admitted before. Raise StoreFull where it is new."""
        known = await self.get(job.id)
        if known is None:
            raise without_room(self._database.path)
        return Known(known)

    async def _why_passed_over(self, job: Job, limits: Sequence[Limit]) -> Known | OverLimit | None:
        known = await self.get(job.id)
        if known is not None:
            return Known(known)
        for limit in limits:
            account = limit.account(job)
            if account is not None and not limit.has_room(job, usage := await self.usage(account)):
                return OverLimit(limit, usage.of(limit.measure))
        return None

    async def usage(self, account: Account) -> Usage:
        rows = await self._database.rows(USAGE, (account.scope, account.id, account.period))
        return Usage(*rows[0]) if rows else Usage()

    async def entries(self, job_id: int) -> list[Entry]:
        return [entry_from(row) for row in await self._database.rows(ENTRIES, (job_id,))]

    async def move(self, before: Job, after: Job, limits: Sequence[Limit] = ()) -> None:
        if not is_same_order(before, after):
            raise IllegalMove(before, after.state)
        if after.state is JobState.SUBMITTING and not self._has_room():
            raise without_room(self._database.path)
        line = _move_line(before, after, limits)
        while True:
            try:
                is_moved = await self._database.write(_moves, before.id, line)
            except sqlite3.IntegrityError as error:
                _refuse(error, before, after)
            # Nor does this statement say why it passed over a line.
            over = None if is_moved else await self._left_out(before, after, limits)
            if over is not None:
                raise LimitReached(over, after)
            if is_moved:
                self.observe(before, after)
                return

    async def _left_out(self, before: Job, after: Job, limits: Sequence[Limit]) -> OverLimit | None:
        """Find the limit that has no room for a job, None where room was made. Raise Stale."""
        now = await self.get(before.id)
        if not limits or now is None or (now.state, now.version) != (before.state, before.version):
            raise Stale(f"job {before.id} is no longer {before.state} in version {before.version}")
        own = reserved(await self.entries(before.id))
        for limit in limits:
            account = limit.account(after)
            if account is not None and not limit.has_room_still(
                after, usage := await self.usage(account), own
            ):
                return OverLimit(limit, without(usage, own).of(limit.measure))
        return None

    async def get(self, job_id: int) -> Job | None:
        rows = await self._database.rows(JOB, (job_id,))
        try:
            return job_from(rows[0]) if rows else None
        except JobDamaged as damage:
            self._tell(damage)
            raise

    async def unknown(self, job_ids: Collection[int]) -> list[int]:
        """Return those of these ids that no job has."""
        return [job_id for (job_id,) in await self._database.rows(UNKNOWN, (json.dumps(sorted(job_ids)),))]

    async def pending(self) -> AsyncIterator[Job]:
        async for page in self._pages(PENDING):
            for job in self._read(page):
                yield job

    async def outlines(self) -> AsyncIterator[Outline]:
        async for page in self._pages(OUTLINES):
            for row in page:
                try:
                    yield outline_from(row)
                except JobDamaged as damage:
                    self._tell(damage)

    async def _pages(self, statement: str) -> AsyncIterator[list[Row]]:
        """Read rows that begin with a job's id and when it was ordered, the oldest first."""
        last = _BEFORE_ALL
        while page := await self._database.rows(statement, (*last, PAGE)):
            yield page
            last = (page[-1][1], page[-1][0])

    async def of_requester(self, requester_id: int, *, limit: int = 25) -> list[Job]:
        return await self._found(OF_REQUESTER, (requester_id, limit))

    async def by_message(self, message_id: int) -> Job | None:
        found = await self._found(BY_MESSAGE, (message_id, message_id))
        return max(found, key=lambda job: job.id, default=None)

    async def recent(self, *, limit: int = 50) -> list[Job]:
        return await self._found(RECENT, (limit,))

    async def rivals(self, claim: TaskClaim) -> frozenset[JobState]:
        parameters = (claim.job_id, claim.provider, json.dumps(claim.task_ids), claim.link_mark)
        states = {state for (state,) in await self._database.rows(RIVALS, parameters)}
        return frozenset(state for state in JobState if state in states)

    async def events(self, job_id: int) -> list[Event]:
        return events_from(await self._database.rows(EVENTS, (job_id,)))

    async def damaged(self) -> list[JobDamaged]:
        """Read all jobs, and return those whose rows cannot be read."""
        found: list[JobDamaged] = []
        last = _BEFORE_ALL
        while page := await self._database.rows(EVERY, (*last, PAGE)):
            for row in page:
                try:
                    column = amiss(job_from(row))
                except JobDamaged as damage:
                    found.append(damage)
                else:
                    found += [JobDamaged(row[0], column)] if column else []
            last = (page[-1][1], page[-1][0])
        return found

    async def _found(self, statement: str, parameters: Row) -> list[Job]:
        return list(self._read(await self._database.rows(statement, parameters)))

    def _read(self, rows: Iterable[Row]) -> Iterator[Job]:
        """Read what can be read."""
        for row in rows:
            try:
                yield job_from(row)
            except JobDamaged as damage:
                self._tell(damage)

    def _tell(self, damage: JobDamaged) -> None:
        """Alert the operator to a damaged row, once."""
        if damage.job_id not in self._damaged:
            self._damaged.add(damage.job_id)
            log.error("a job cannot be read", extra={"job": damage.job_id, "column": damage.column})
            self.alerts.send(JobSetAside(damage.job_id, damage.column))


def _move_line(before: Job, after: Job, limits: Sequence[Limit]) -> Line:
    line: Line = [before.id, before.state, before.version, *standing(after)]
    changes = changed_parts(before, after)
    if limits:
        changes = {**(changes or {}), "limits": bounds(after, limits)}
    return line if changes is None else [*line, changes]


def _moves(lines: Sequence[Line]) -> str:
    changed = {name for line in lines if len(line) > _CHANGES for name in line[_CHANGES]}
    return move(tuple(name for name in (*PARTS, "limits") if name in changed))


def _refuse(error: sqlite3.IntegrityError, before: Job, after: Job) -> NoReturn:
    """Say which rule of the database a change broke."""
    if error.sqlite_errorname == "SQLITE_CONSTRAINT_UNIQUE":
        raise TaskTaken(f"the task of job {before.id} belongs to another job already") from error
    raise IllegalMove(before, after.state) from error


def _ignore(before: Job, after: Job) -> None:
    del before, after
