from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from core.delivery.signed_links import SharedLink
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.shared_links import SqliteSharedLinks
from tests.contracts.examples import queued

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def link(number: int, job_id: int, *, days: int = 7) -> SharedLink:
    return SharedLink(bytes([number]) * 16, job_id, NOW + timedelta(days=days))


@pytest.fixture
async def links(database: Database) -> SqliteSharedLinks:
    for job_id in (1, 2):
        await SqliteJobStore(database).admit(queued(job_id))
    return SqliteSharedLinks(database)


async def test_a_link_is_found_by_its_own_id_only(links: SqliteSharedLinks) -> None:
    await links.add(link(1, 1), NOW)

    assert await links.get(bytes([1]) * 16) == link(1, 1)
    assert await links.get(bytes([2]) * 16) is None


async def test_the_link_that_lives_longest_is_the_one_to_give_out_again(links: SqliteSharedLinks) -> None:
    for given_out in (link(1, 1, days=3), link(2, 1, days=6), link(3, 2, days=7)):
        await links.add(given_out, NOW)

    assert await links.latest(1) == link(2, 1, days=6)
    assert await links.latest(3) is None


async def test_withdrawing_concerns_every_link_of_a_job_and_no_other(links: SqliteSharedLinks) -> None:
    for given_out in (link(1, 1), link(2, 1), link(3, 2)):
        await links.add(given_out, NOW)

    await links.withdraw(1)

    assert await links.latest(1) is None
    assert await links.get(bytes([1]) * 16) is None
    assert await links.get(bytes([3]) * 16) == link(3, 2)


async def test_expired_links_make_room_for_new_ones(links: SqliteSharedLinks, database: Database) -> None:
    await links.add(link(1, 1, days=-1), NOW)
    await links.add(link(2, 1), NOW)

    assert await database.rows("SELECT count(*) FROM shared_links") == [(1,)]


async def test_a_link_goes_with_its_job(links: SqliteSharedLinks, database: Database) -> None:
    await links.add(link(1, 1), NOW)

    await database.rows("DELETE FROM jobs WHERE id = 1")

    assert await links.get(bytes([1]) * 16) is None


async def test_there_is_no_link_to_a_job_that_does_not_exist(links: SqliteSharedLinks) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        await links.add(link(1, 99), NOW)
