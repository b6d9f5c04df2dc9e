"""A data folder as an earlier run of the bot left it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from core.dispatch.confirmations import Confirmations
from core.dispatch.end_reasons import UNPROVED
from core.model.delivery import Delivery, Way
from core.model.job import Job, JobState, Reason
from core.model.video import Result, StoredVideo
from core.ports import Event
from storage.sqlite.database import open_database, open_for_reading
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues
from tests.contracts.examples import NOON, life, queued

DATABASE = Path("data/matinee.db")
TOO_LARGE = Reason(code="too_large", said="Larger than Discord takes here.")


def asking_for(prompt: str, job_id: int) -> Job:
    order = queued(job_id)
    return replace(order, request=replace(order.request, prompt=prompt))


def undelivered(job_id: int) -> list[Job]:
    """A job whose video is stored because it could not be delivered."""
    stored = next(job for job in life(job_id) if job.state is JobState.STORED)
    before = life(job_id)[: stored.version + 1]
    kept = replace(stored, video=StoredVideo(file=f"video-{job_id}.mp4", size=9, sha256="ab" * 32))
    trying = kept.delivering(Delivery(plan=Way.ATTACH, channel_id=201), NOON)
    return [*before[:-1], kept, trying, trying.ended(JobState.UNDELIVERABLE, TOO_LARGE, NOON)]


def offered(job_id: int) -> list[Job]:
    """A lost job to which a clip was offered that did not say whose it is."""
    running = next(job for job in life(job_id) if job.state is JobState.RUNNING)
    link = f"https://media.example/{job_id}.mp4?token=1"
    clip = Result(url=link, seen_at=NOON, is_proved=False, model="kling-v1", seconds=4)
    lost = running.ended(JobState.LOST, UNPROVED, NOON)
    return [*life(job_id)[: running.version + 1], replace(lost, result=clip)]


async def keep(*lives: Sequence[Job]) -> None:
    """Write jobs down as they went, each move after the other."""
    DATABASE.parent.mkdir(exist_ok=True)
    async with open_database(DATABASE) as database:
        store = SqliteJobStore(database)
        for moves in lives:
            await store.admit(moves[0])
            for before, after in pairwise(moves):
                await store.move(before, after)


async def ask_for(*job_ids: int) -> None:
    """Let these jobs wait for a yes, as after going back to a copy."""
    async with open_database(DATABASE) as database:
        await Confirmations(SqliteKeyValues(database)).ask_for(job_ids)


async def job(job_id: int) -> Job:
    async with open_for_reading(DATABASE) as database:
        found = await SqliteJobStore(database).get(job_id)
    assert found is not None
    return found


async def last_event(job_id: int) -> Event:
    async with open_for_reading(DATABASE) as database:
        return (await SqliteJobStore(database).events(job_id))[-1]
