"""Every adapter that keeps the promises of a port. Another database joins here, with one line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.ports import JobStore, Notes, ReplyLog
from storage.database import open_database
from storage.jobs import SqliteJobStore
from storage.memory import MemoryJobStore, MemoryNotes, MemoryReplyLog
from storage.notes import SqliteNotes
from storage.replies import FileReplyLog


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    if request.param == "memory":
        yield MemoryJobStore()
        return
    async with open_database(tmp_path / "matinee.db") as database:
        yield SqliteJobStore(database)


@pytest.fixture(params=["memory", "sqlite"])
async def notes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Notes]:
    if request.param == "memory":
        yield MemoryNotes()
        return
    async with open_database(tmp_path / "matinee.db") as database:
        yield SqliteNotes(database)


@pytest.fixture(params=["memory", "file"])
def replies(request: pytest.FixtureRequest, tmp_path: Path) -> ReplyLog:
    return MemoryReplyLog() if request.param == "memory" else FileReplyLog(tmp_path / "replies.log")
