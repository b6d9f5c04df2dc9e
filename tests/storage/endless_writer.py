"""Moves jobs for ever and says on standard output what was acknowledged, for a test that kills it.

python -m tests.storage.endless_writer DATABASE
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pathlib import Path

from core.model.job import Job
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobStore
from tests.contracts.examples import NOON, queued, ticket

CALLERS = 16


def acknowledged(job: Job) -> None:
    os.write(1, f"{job.id} {job.version}\n".encode())


async def live(store: SqliteJobStore, caller: int, start: int) -> None:
    """Order one job after the other, and ask for each ten times while it runs."""
    for number in count():
        job = queued(start + number * CALLERS + caller)
        await store.admit(job)
        acknowledged(job)
        job = await moved(store, job, job.submitting("anyint", NOON))
        job = await moved(store, job, job.running(ticket(f"task-{job.id}"), NOON, next_at=NOON))
        for _ in range(10):
            job = await moved(store, job, job.relink("still running", NOON))


async def moved(store: SqliteJobStore, before: Job, after: Job) -> Job:
    await store.move(before, after)
    acknowledged(after)
    return after


async def main(path: Path) -> None:
    async with open_database(path) as database, asyncio.TaskGroup() as callers:
        store = SqliteJobStore(database)
        newest = await store.recent(limit=1)
        start = 1 if not newest else 1_000_000 + newest[0].id
        for caller in range(CALLERS):
            callers.create_task(live(store, caller, start))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
