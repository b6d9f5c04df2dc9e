from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from core.model.errors import StoreFull
from core.model.job import JobState
from core.model.limits import Known
from storage.sqlite.database import Database, open_database
from storage.sqlite.jobs import SqliteJobStore
from tests.contracts.examples import NOON, life, queued

MORE_THAN_ANY_DISK_HAS = 2**62


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "matinee.db") as database:
        yield database


@pytest.fixture
def roomy(database: Database) -> SqliteJobStore:
    return SqliteJobStore(database)


@pytest.fixture
def full(database: Database) -> SqliteJobStore:
    """The same database on a disk that is nearly full."""
    return SqliteJobStore(database, reserve=MORE_THAN_ANY_DISK_HAS)


async def test_with_the_reserve_nothing_new_is_ordered(full: SqliteJobStore) -> None:
    with pytest.raises(StoreFull, match=r"nearly full.*nothing new is bought.*Make room"):
        await full.admit(queued(1))

    assert await full.get(1) is None


async def test_with_the_reserve_nothing_that_waits_is_sent(
    roomy: SqliteJobStore, full: SqliteJobStore
) -> None:
    job = queued(1)
    await roomy.admit(job)

    with pytest.raises(StoreFull):
        await full.move(job, job.submitting("anyint", NOON))

    assert await full.get(1) == job


async def test_an_order_that_comes_again_is_known_all_the_same(
    roomy: SqliteJobStore, full: SqliteJobStore
) -> None:
    await roomy.admit(queued(1))

    assert await full.admit(queued(1)) == Known(queued(1))


async def test_what_was_sent_is_written_down_with_the_reserve(
    roomy: SqliteJobStore, full: SqliteJobStore
) -> None:
    job, *moments = life(1)
    await roomy.admit(job)
    await roomy.move(job, moments[0])

    for before, after in pairwise(moments):
        await full.move(before, after)

    assert moments[0].state is JobState.SUBMITTING
    assert await full.get(1) == moments[-1]
