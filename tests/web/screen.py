"""A web server that shows one job's video, over a real database and a real folder."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import aiohttp

from bot.process.clock import SystemClock
from core.delivery.signed_links import LinkKey, Signer
from core.model.job import Job
from core.model.video import StoredVideo
from storage.files.clips import FolderClips
from storage.sqlite.database import Database, open_database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.shared_links import SqliteSharedLinks
from tests.contracts.examples import life
from tests.fakes.clock import VirtualClock
from web.connections import Patience
from web.links.link_context import LinkContext
from web.links.video_links import LinkKinds, OwnLinks
from web.rate_limit import RateLimit
from web.server import serving
from web.streams import Streams
from web.videos import VideoRoutes

PUBLIC = "https://videos.example.org"
KEY = LinkKey(b"key1", bytes(range(32)))
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Screen:
    """`address` is where the server listens; links say the public address instead."""

    address: str
    job: Job
    clip: Path
    clock: VirtualClock
    signer: Signer
    shared: SqliteSharedLinks
    clips: FolderClips
    streams: Streams
    links: LinkKinds
    browser: aiohttp.ClientSession

    async def path(self) -> str:
        """The path of a new or known link to the video."""
        link = await self.links.offer(self.job, None)
        assert link is not None
        return link.url.removeprefix(PUBLIC)

    def get(self, path: str, **headers: str) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self.browser.get(f"{self.address}{path}", headers=headers)

    async def status(self, path: str, **headers: str) -> int:
        async with self.get(path, **headers) as answer:
            return answer.status


async def stored_job(database: Database, clips: FolderClips, content: bytes, job_id: int = 7) -> Job:
    """Bring a job to where its video is on the disk and delivered."""
    store = SqliteJobStore(database)
    clips.path(job_id).write_bytes(content)
    video = StoredVideo(
        file=clips.path(job_id).name, size=len(content), sha256=hashlib.sha256(content).hexdigest()
    )
    steps = [step if step.video is None else replace(step, video=video) for step in life(job_id)]
    await store.admit(steps[0])
    for before, after in pairwise(steps):
        await store.move(before, after)
    return steps[-1]


@asynccontextmanager
async def opened(
    folder: Path,
    content: bytes,
    *,
    address: str = "127.0.0.1:0",
    at_once: int = 500,
    streams: Streams | None = None,
    patience: Patience | None = None,
) -> AsyncGenerator[Screen]:
    clock, signer, streams = VirtualClock(), Signer([KEY]), streams or Streams()
    async with open_database(folder / "matinee.db") as database, aiohttp.ClientSession() as browser:
        shared, clips = SqliteSharedLinks(database), FolderClips(folder / "videos")
        job = await stored_job(database, clips, content)
        link_context = LinkContext(PUBLIC, signer, shared, SqliteJobStore(database), clips, clock)
        own = OwnLinks(
            signer=signer, shared=shared, clips=clips, clock=clock, public_url=PUBLIC, lifetime=WEEK
        )
        routes = VideoRoutes(
            link_context, streams=streams, rate_limit=RateLimit(clock, at_once=at_once)
        ).routes
        async with serving(address, routes, SystemClock(), patience=patience) as place:
            yield Screen(
                address=f"http://{place}",
                job=job,
                clip=clips.path(job.id),
                clock=clock,
                signer=signer,
                shared=shared,
                clips=clips,
                streams=streams,
                links=LinkKinds([own]),
                browser=browser,
            )
