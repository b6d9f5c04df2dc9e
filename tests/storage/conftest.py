"""A database on the disk, and a second pair of eyes on it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.sqlite.database import Database, open_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "matinee.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    async with open_database(path) as database:
        yield database


@pytest.fixture
def other(database: Database) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the same file, which never waits."""
    with closing(sqlite3.connect(database.path, timeout=0, isolation_level=None)) as connection:
        yield connection
