from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storage.maintenance.backup import check
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobStore


def acknowledged_before_the_kill(path: Path, lines: int) -> dict[int, int]:
    """Let a process write, kill it after so many acknowledgements; return the last version of each job."""
    command = [sys.executable, "-m", "tests.storage.endless_writer", str(path)]
    versions: dict[int, int] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603 - ours
        assert writer.stdout is not None
        for _ in range(lines):
            job_id, version = map(int, writer.stdout.readline().split())
            versions[job_id] = version
        writer.kill()
        for line in writer.stdout:  # acknowledged before the kill, read after it
            if line.endswith("\n"):
                job_id, version = map(int, line.split())
                versions[job_id] = version
    return versions


@pytest.mark.parametrize("lines", [37, 800, 3000])
async def test_what_was_acknowledged_survives_a_kill(path: Path, lines: int) -> None:
    versions = acknowledged_before_the_kill(path, lines)

    async with open_database(path) as database:
        store = SqliteJobStore(database)
        assert await check(database) == []
        for job_id, version in versions.items():
            job = await store.get(job_id)
            assert job is not None
            assert job.version >= version
            assert len(await store.events(job_id)) == job.version + 1


async def test_one_file_survives_kill_after_kill(path: Path) -> None:
    known: dict[int, int] = {}
    for _ in range(2):
        known |= acknowledged_before_the_kill(path, 500)

    async with open_database(path) as database:
        jobs = {job.id: job async for job in SqliteJobStore(database).pending()}
        assert all(jobs[job_id].version >= version for job_id, version in known.items())
