from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.delivery import Delivery, Destination, Obstacle, Way
from core.model.job import ENDED, Charge, Job, JobState, Notice, Reason, Ticket
from core.model.job_outline import Outline, outline
from core.model.video import Mode, Result, StoredVideo, VideoRequest
from storage.sqlite.database import open_database
from storage.sqlite.job_sql import ADMIT, JOB
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.rows import IDENTITY, PARTS, READ, STANDING, micros, moment
from tests.contracts.examples import NOON, queued

SNOWFLAKES = st.integers(0, 2**63 - 1)
TEXTS = st.text(st.characters())  # whatever a gateway or a member may say, lone surrogates too
COLUMN_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TIMES = st.datetimes(timezones=st.just(UTC))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


REQUESTS = st.builds(
    VideoRequest,
    model=TEXTS,
    prompt=TEXTS,
    duration_seconds=st.integers(1, 60),
    aspect_ratio=TEXTS,
    mode=maybe(st.sampled_from(Mode)),
    audio=maybe(st.booleans()),
    first_frame=maybe(TEXTS),
    reference=maybe(TEXTS),
)
DESTINATIONS = st.builds(
    Destination,
    requester_id=SNOWFLAKES,
    channel_id=SNOWFLAKES,
    guild_id=maybe(SNOWFLAKES),
    card_id=maybe(SNOWFLAKES),
    upload_limit=maybe(SNOWFLAKES),
    is_private=st.booleans(),
)
PART_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "price": maybe(SNOWFLAKES),
    "attempts": st.integers(0, 100),
    "provider": maybe(COLUMN_TEXTS.filter(lambda name: name != "none")),  # it meant that there was none
    "submitted_at": maybe(TIMES),
    "request": REQUESTS,
    "ticket": maybe(
        st.builds(Ticket, provider=TEXTS, task_id=TEXTS, family=TEXTS, base_url=TEXTS, key_fingerprint=TEXTS)
    ),
    "result": maybe(st.builds(Result, url=maybe(TEXTS), seen_at=TIMES)),
    "video": maybe(st.builds(StoredVideo, file=TEXTS, size=SNOWFLAKES, sha256=TEXTS)),
    "delivery": maybe(
        st.builds(
            Delivery,
            plan=st.sampled_from(Way),
            why=maybe(st.sampled_from(Obstacle)),
            attempt=st.integers(0, 9),
            channel_id=maybe(SNOWFLAKES),
            message_id=maybe(SNOWFLAKES),
        )
    ),
    "reason": maybe(st.builds(Reason, code=TEXTS, said=TEXTS, charge=st.sampled_from(Charge))),
    "notice": maybe(st.sampled_from(Notice)),
}
STANDING_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "updated_at": TIMES,
    "next_at": TIMES,
    "actor": COLUMN_TEXTS,
    "detail": maybe(COLUMN_TEXTS),
}
JOBS = st.builds(
    Job,
    id=SNOWFLAKES,
    destination=DESTINATIONS,
    ordered_at=TIMES,
    parent_id=maybe(SNOWFLAKES),
    state=st.sampled_from(JobState),
    version=st.integers(0, 1000),
    **STANDING_VALUES,
    **PART_VALUES,
)


async def through_the_store(job: Job, after: Job | None = None) -> Job | None:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "matinee.db") as database:
            store = SqliteJobStore(database)
            await store.admit(job)
            if after is not None:
                await store.move(job, after)
            return await store.get(job.id)


async def outlined(job: Job) -> list[Outline]:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "matinee.db") as database:
            store = SqliteJobStore(database)
            await store.admit(job)
            return [found async for found in store.outlines()]


@settings(max_examples=40, deadline=None)
@given(JOBS)
def test_every_job_comes_back_as_it_was_admitted(job: Job) -> None:
    assert asyncio.run(through_the_store(job)) == job


@settings(max_examples=40, deadline=None)
@given(JOBS, st.fixed_dictionaries({}, optional={**PART_VALUES, **STANDING_VALUES}))
def test_every_job_comes_back_as_a_move_left_it(job: Job, changes: dict[str, Any]) -> None:
    before = replace(job, state=JobState.RUNNING)
    after = replace(before, version=before.version + 1, **changes)

    assert asyncio.run(through_the_store(before, after)) == after


@settings(max_examples=40, deadline=None)
@given(JOBS)
def test_every_outline_says_what_its_job_says(job: Job) -> None:
    assert asyncio.run(outlined(job)) == [outline(job)]


@given(TIMES)
def test_a_time_keeps_its_microseconds(at: datetime) -> None:
    assert moment(micros(at)) == at


def test_text_that_a_column_cannot_hold_does_no_harm() -> None:
    order = replace(queued(1), detail="said \0 and \ud800", actor="\udfff")

    job = asyncio.run(through_the_store(order))

    assert job is not None
    assert (job.actor, job.detail) == ("?", "said \ufffd and ?")


def test_an_ended_job_may_have_nothing_left_to_do() -> None:
    for state in ENDED:
        job = replace(queued(1), state=state, next_at=None)

        assert asyncio.run(through_the_store(job)) == job


def test_a_time_without_a_zone_is_a_mistake() -> None:
    naive = replace(queued(1), updated_at=NOON.replace(tzinfo=None))

    with pytest.raises(TypeError):
        asyncio.run(through_the_store(naive))


@pytest.mark.parametrize(
    ("statement", "columns"), [(ADMIT, (*IDENTITY, *STANDING, *PARTS)), (JOB, READ)], ids=["admit", "read"]
)
def test_statements_name_the_columns_in_the_order_of_the_records(
    statement: str, columns: tuple[str, ...]
) -> None:
    assert ", ".join(columns) in " ".join(statement.split())
