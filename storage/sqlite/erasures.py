"""Erasures in SQLite: the database itself refuses every other change of a job that has ended."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Collection

from core.model.errors import Stale, StoreFull
from core.model.job import IllegalMove, Job
from core.ports import Erasure
from storage.sqlite.batch_writer import Row
from storage.sqlite.database import Database
from storage.sqlite.erasure_sql import (
    BEGIN_ERASURE,
    ERASE,
    ERASURES,
    FINISH_ERASURE,
    HELD,
    HOLD,
    RENAME_EVENTS,
    RENAME_JOBS,
    SHARED_PICTURES,
    SIZE,
)
from storage.sqlite.jobs import RESERVE
from storage.sqlite.rows import IDENTITY, changed_parts, identity, micros, moment, standing


class SqliteErasures:
    """`core.ports.Erasures` on SQLite."""

    def __init__(self, database: Database, *, reserve: int = RESERVE) -> None:
        self._database = database
        self._reserve = reserve

    async def begin(self, erasure: Erasure) -> Erasure:
        line = (erasure.pseudonym, erasure.member_id, micros(erasure.asked_at))
        return _erasure((await self._database.rows(BEGIN_ERASURE, line))[0])

    async def under_way(self) -> list[Erasure]:
        return [_erasure(row) for row in await self._database.rows(ERASURES)]

    async def hold(self, erasure: Erasure, periods: Collection[str]) -> bool:
        await self._database.rows(HOLD, (json.dumps(sorted(periods)), erasure.pseudonym))
        return bool(await self._database.rows(HELD, (erasure.pseudonym,)))

    async def erase(self, before: Job, after: Job) -> None:
        nobody = dict(zip(IDENTITY[1:4], identity(after)[1:4], strict=True))
        changes = {**(changed_parts(before, after) or {}), **nobody, "limits": None}
        line = [before.id, before.state, before.version, *standing(after), changes]
        try:
            is_erased = await self._database.write(ERASE, before.id, line)
        except sqlite3.IntegrityError as error:
            raise IllegalMove(before, after.state) from error
        if not is_erased:
            raise Stale(f"job {before.id} is no longer {before.state} in version {before.version}")

    async def rename(self, erasure: Erasure) -> None:
        names = (str(erasure.pseudonym), str(erasure.member_id))
        await self._database.rows(RENAME_EVENTS, (*names, micros(erasure.asked_at)))
        await self._database.rows(RENAME_JOBS, names)

    async def shared_pictures(self, erasure: Erasure, pictures: Collection[str]) -> set[str]:
        if not pictures:
            return set()
        asked = (json.dumps(sorted(pictures)), erasure.member_id, micros(erasure.asked_at))
        return {picture for (picture,) in await self._database.rows(SHARED_PICTURES, asked)}

    async def finish(self, erasure: Erasure) -> bool:
        return bool(await self._database.rows(FINISH_ERASURE, (erasure.pseudonym,)))

    async def vacuum(self) -> bool:
        ((size,),) = await self._database.rows(SIZE)
        path, needed = self._database.path, 2 * size  # a copy of the file, then all of it in the log
        if shutil.disk_usage(path.parent).free < needed + self._reserve:
            raise StoreFull(
                f"{path} is not written anew, so its free pages may still hold what was erased: that takes "
                f"{needed / 1e6:.0f} MB of free disk. Make room; it is tried again within the hour."
            )
        return await self._database.vacuum()


def _erasure(row: Row) -> Erasure:
    pseudonym, member_id, asked_at = row
    return Erasure(pseudonym, member_id, moment(asked_at))
