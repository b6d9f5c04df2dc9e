"""One way to bring clips from a gateway to Discord, in a process that reports its own cost.

`python -m bench.relaying WAY COUNT URL`: one JSON object on standard output.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import aiohttp
import discord
import httpx

from bench.machine import Effort, measure_effort, peak_megabytes
from bench.stands import engine, orders
from bench.stands.clips import CLIP_BYTES
from bot.discord.client import Client, point_at
from bot.process.clock import SystemClock
from cogs.cards.card import Card
from cogs.cards.card_updater import CardUpdater
from cogs.cards.courier import DiscordCourier
from core.delivery.message_notes import StaleCards
from core.delivery.refusals import Refusals
from core.engine.build import Engine
from core.model.catalog import Catalog
from core.model.job import Job, JobState
from core.polling.poll_budget import PollBudget
from core.polling.schedule import AdaptiveSchedule
from core.polling.task_durations import DurationModel
from providers import build, open_network
from storage.memory.stores import MemoryKeyValues, MemoryReplyLog
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobStore

POLL_SECONDS = 0.25
_ALBUM_LIMIT = 100 * 2**20


def running_job(number: int, url: str) -> Job:
    """A job that is running, in a place that takes its clip as it is."""
    now = SystemClock().now()
    job = orders.life(number, now, url, due_in=timedelta())[-1]
    return replace(job, destination=replace(job.destination, upload_limit=_ALBUM_LIMIT))


@asynccontextmanager
async def logged_in(url: str) -> AsyncGenerator[Client]:
    point_at(f"{url}/api/v10", None, None)
    client = Client(notes=MemoryKeyValues(), on_error=_nothing)
    await client.login("made.up.token")
    try:
        yield client
    finally:
        await client.close()


async def _nothing(_interaction: discord.Interaction, _error: BaseException) -> None:
    return


@asynccontextmanager
async def works(url: str, folder: Path) -> AsyncGenerator[tuple[SqliteJobStore, Engine]]:
    """The bot's own engine between the gateway and Discord, without commands."""
    clock, catalog = SystemClock(), Catalog.shipped()
    host = frozenset({url.removeprefix("http://")})
    async with (
        open_database(folder / "matinee.db") as database,
        open_network(clock=clock, allowed_hosts=host) as network,
        logged_in(url) as client,
    ):
        card = Card(catalog)
        board = CardUpdater(client, card, clock, gap_seconds=20)
        store = SqliteJobStore(database)
        schedule = AdaptiveSchedule(
            first_seconds=POLL_SECONDS,
            min_seconds=POLL_SECONDS,
            max_seconds=POLL_SECONDS,
            chance=Random(1),
            durations=DurationModel(),
            poll_budget=PollBudget(1e9),
        )
        providers = build(
            ["anyint"],
            keys={"anyint": "sk-bench"},
            base_urls={"anyint": url},
            network=network,
            replies=MemoryReplyLog(),
        )
        courier = DiscordCourier(
            client, board, card, clock, StaleCards(MemoryKeyValues()), Refusals(clock), bot_id=1
        )
        yield store, engine.build(store, clock, providers, schedule, folder, courier)


async def relay(count: int, url: str, *, one_by_one: bool = False) -> Effort:
    """Bring so many clips, all due at once or each after the one before; the very first is not counted."""
    with TemporaryDirectory() as folder:
        async with works(url, Path(folder)) as (store, moving):
            task = asyncio.create_task(moving.runner.run())
            await _bring(store, moving, [running_job(count, url)])
            jobs = [running_job(number, url) for number in range(count)]
            async with measure_effort() as effort:
                for batch in [[job] for job in jobs] if one_by_one else [jobs]:
                    await _bring(store, moving, batch)
            moving.runner.drain()
            await task
    return effort


async def _bring(store: SqliteJobStore, moving: Engine, jobs: list[Job]) -> None:
    for job in jobs:
        await store.admit(job)
        moving.runner.wake(job)
    await _done(store, jobs)


async def _done(store: SqliteJobStore, jobs: list[Job]) -> None:
    waiting = {job.id for job in jobs}
    while waiting:
        await asyncio.sleep(0.05)
        found = [await store.get(job_id) for job_id in waiting]
        waiting -= {job.id for job in found if job and job.state is JobState.DONE}


async def whole(count: int, url: str) -> Effort:
    """The straightforward way: every clip into memory, and from there to Discord."""
    async with logged_in(url) as client, httpx.AsyncClient(timeout=120) as http:

        async def one(number: int) -> None:
            content = (await http.get(f"{url}/clips/{number}")).content
            file = discord.File(io.BytesIO(content), filename=f"video-{number}.mp4")
            await client.get_partial_messageable(1 + number).get_partial_message(1).edit(attachments=[file])

        async with measure_effort() as effort:
            await asyncio.gather(*map(one, range(count)))
    return effort


async def raw(count: int, url: str) -> float:
    """Return the seconds that a download, an upload and one wait between questions take by themselves."""
    started = time.perf_counter()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        async with httpx.AsyncClient(timeout=120) as http, aiohttp.ClientSession() as browser:
            for number in range(count):
                async with http.stream("GET", f"{url}/clips/{number}") as answer:
                    with path.open("wb") as file:
                        async for piece in answer.aiter_raw():
                            file.write(piece)
                with path.open("rb") as file:
                    form = aiohttp.FormData({"files[0]": file})
                    await browser.patch(f"{url}/api/v10/channels/1/messages/1", data=form)
                await http.get(f"{url}/openai/v1/videos/{number}")
    return (time.perf_counter() - started) / count + POLL_SECONDS


async def _latency(count: int, url: str) -> dict[str, float]:
    """Say how long after its end at the gateway a clip is visible, and how long the bare transfer takes."""
    bare = await raw(count, url)
    await relay(count, url, one_by_one=True)
    async with aiohttp.ClientSession() as browser, browser.get(f"{url}/seen") as answer:
        seen = await answer.json()
    waits: list[float] = []
    for number in range(count):
        job = running_job(number, url)
        task = job.ticket.task_id if job.ticket else ""
        waits.append(seen["received"][str(job.destination.card_id)] - seen["finished"][task])
    return {"bare": bare, "visible": sum(waits) / count}


def _cost(effort: Effort, count: int) -> dict[str, float]:
    return {
        "peak_mb": peak_megabytes(),
        "stall_ms": effort.stall * 1000,
        "cpu_ms": effort.cpu / count * 1000,
        "rate": count * CLIP_BYTES / effort.seconds / 1e6,
    }


async def _main(way: str, count: int, url: str) -> dict[str, float]:
    match way:
        case "latency":
            return await _latency(count, url)
        case "whole":
            return _cost(await whole(count, url), count)
        case _:
            return _cost(await relay(count, url), count)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))))
