"""Every adapter that keeps the promises of a port. Another database joins here, with one line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.ports import Erasures, JobStore, KeyValueStore, PersonalData, ReplyArchive
from storage.files.reply_log import FileReplyLog
from storage.memory.erasures import MemoryErasures, MemoryPersonalData
from storage.memory.stores import MemoryJobStore, MemoryKeyValues, MemoryReplyLog
from storage.sqlite.database import open_database
from storage.sqlite.erasures import SqliteErasures
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues
from storage.sqlite.personal_data import SqlitePersonalData


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[JobStore]:
    if request.param == "memory":
        yield MemoryJobStore()
        return
    async with open_database(tmp_path / "matinee.db") as database:
        yield SqliteJobStore(database)


@dataclass(frozen=True, slots=True)
class Registry:
    """A store of jobs, with the other stores on the same data."""

    store: JobStore
    personal: PersonalData
    erasures: Erasures


@pytest.fixture(params=["memory", "sqlite"])
async def registry(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Registry]:
    if request.param == "memory":
        jobs = MemoryJobStore()
        yield Registry(jobs, MemoryPersonalData(jobs), MemoryErasures(jobs))
        return
    async with open_database(tmp_path / "matinee.db") as database:
        yield Registry(SqliteJobStore(database), SqlitePersonalData(database), SqliteErasures(database))


@pytest.fixture(params=["memory", "sqlite"])
async def notes(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[KeyValueStore]:
    if request.param == "memory":
        yield MemoryKeyValues()
        return
    async with open_database(tmp_path / "matinee.db") as database:
        yield SqliteKeyValues(database)


@pytest.fixture(params=["memory", "file"])
def replies(request: pytest.FixtureRequest, tmp_path: Path) -> ReplyArchive:
    return MemoryReplyLog() if request.param == "memory" else FileReplyLog(tmp_path / "replies.log")
