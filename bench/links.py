"""Fifty people watch a linked video of 25 MB at once: memory, processor time and stalls of the server.

The server is a process of its own, with the bot's real routes, database and signed links. The straightforward
way reads the file and answers with it. Both are watched from here, where every byte is read.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from aiohttp import web

from bench.machine import measure_effort, peak_megabytes
from bench.report import Report, Target, run
from bench.stands import orders
from bot.process.clock import SystemClock
from core.delivery.signed_links import FILE_ID_SIZE, KEY_ID_SIZE, SECRET_SIZE, LinkKey, Signer
from core.model.job import Job
from core.model.video import Result, StoredVideo
from storage.files.clips import FolderClips
from storage.sqlite.database import Database, open_database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.shared_links import SqliteSharedLinks
from web.links.link_context import LinkContext
from web.links.video_links import OwnLinks
from web.rate_limit import RateLimit
from web.server import serving
from web.streams import Streams
from web.videos import VideoRoutes

WATCHING: Final = 50
VIDEOS: Final = 10
"""A video never gets all streams, and the fewer are free, the fewer it may have: so viewers watch several."""

BYTES: Final = 25 * 2**20
_PIECE: Final = 2**18
_TRIES: Final = 3
"""Other work of this machine shows as a stall, too; the best try is the bot's own."""

_PUBLIC: Final = "https://videos.example.org"


@dataclass(slots=True)
class Found:
    """What serving cost: in the server, and `seconds` for the viewers."""

    megabytes: float = 0.0
    cpu: float = 0.0
    stall: float = 0.0
    seconds: float = 0.0

    def as_row(self, name: str) -> list[str | float]:
        rate = WATCHING * BYTES / 1e6 / self.seconds
        return [name, self.megabytes, self.cpu, self.stall * 1000, rate]


def measure() -> Report:
    tries = [_found("ours") for _ in range(_TRIES)]
    ours, theirs = min(tries, key=lambda found: found.stall), _found("whole")
    rows = [ours.as_row("the bot's links"), theirs.as_row("the whole file in each answer")]
    less = theirs.megabytes / ours.megabytes
    title = (
        f"Linked videos: {WATCHING} streams of {BYTES // 2**20} MB at once; {less:.0f} times less memory, "
        f"{theirs.cpu / ours.cpu:.1f} times less CPU"
    )
    return Report(title, ["", "peak MB", "CPU s", "stall ms", "MB/s"], rows, _targets(ours, theirs))


def _targets(ours: Found, theirs: Found) -> list[Target]:
    return [
        Target("peak memory of the server, MB", ours.megabytes, 60.0, is_least=False),
        Target("times less memory", theirs.megabytes / ours.megabytes, 30.0, is_least=True),
        Target("times less CPU", theirs.cpu / ours.cpu, 5.0, is_least=True),
        Target("longest stall, ms", ours.stall * 1000, 50.0, is_least=False),
    ]


# ------------------------------------------------------------ viewers


def _found(way: str) -> Found:
    with TemporaryDirectory() as folder:
        return asyncio.run(_watch_all(way, Path(folder)))


async def _watch_all(way: str, folder: Path) -> Found:
    """Start a server, have all viewers watch, and ask it what that cost."""
    command = (sys.executable, "-m", "bench.links", way, str(folder))
    server = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if server.stdin is None or server.stdout is None:
        raise OSError("the server has no pipes")
    place, *paths = (await server.stdout.readline()).decode().split()
    started = perf_counter()
    await asyncio.gather(*(_watch(place, paths[number % VIDEOS]) for number in range(WATCHING)))
    seconds = perf_counter() - started
    server.stdin.close()
    found = Found(**json.loads(await server.stdout.readline()))
    await server.wait()
    found.seconds = seconds
    return found


async def _watch(place: str, path: str) -> None:
    host, _, port = place.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=_PIECE)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\n\r\n".encode())
    status = await reader.readline()
    while await reader.readline() != b"\r\n":
        pass
    size = 0
    while piece := await reader.read(_PIECE):
        size += len(piece)
    writer.close()
    if size != BYTES:
        raise AssertionError(f"{status!r}: {size:,} bytes instead of {BYTES:,}")


# ------------------------------------------------------------ servers


@asynccontextmanager
async def _ours(folder: Path) -> AsyncGenerator[tuple[str, list[str]]]:
    clock, signer = (
        SystemClock(),
        Signer([LinkKey(secrets.token_bytes(KEY_ID_SIZE), secrets.token_bytes(SECRET_SIZE))]),
    )
    async with open_database(folder / "matinee.db") as database:
        clips, shared = FolderClips(folder / "videos"), SqliteSharedLinks(database)
        own = OwnLinks(
            signer=signer,
            shared=shared,
            clips=clips,
            clock=clock,
            public_url=_PUBLIC,
            lifetime=timedelta(days=7),
        )
        jobs = [await _stored(database, clips, number) for number in range(1, VIDEOS + 1)]
        links = [link for job in jobs if (link := await own.offer(job, None)) is not None]
        link_context = LinkContext(_PUBLIC, signer, shared, SqliteJobStore(database), clips, clock)
        routes = VideoRoutes(link_context, streams=Streams(2 * WATCHING), rate_limit=RateLimit(clock)).routes
        async with serving("127.0.0.1:0", routes, SystemClock()) as place:
            yield place, [f"{link.url.removeprefix(_PUBLIC)}.mp4" for link in links]


async def _stored(database: Database, clips: FolderClips, number: int) -> Job:
    """Bring a job to where its video is on the disk."""
    store, at = SqliteJobStore(database), datetime.now(UTC)
    order, sent, running = orders.life(number, at, "https://gateway.example", due_in=timedelta())
    ready = running.ready(Result(url=None, seen_at=at), at)
    path = clips.path(order.id)
    digest = _written(path)
    stored = ready.stored(StoredVideo(file=path.name, size=BYTES, sha256=digest), at)
    await store.admit(order)
    for before, after in pairwise([order, sent, running, ready, stored]):
        await store.move(before, after)
    return stored


@asynccontextmanager
async def _whole(folder: Path) -> AsyncGenerator[tuple[str, list[str]]]:
    path = folder / f"{secrets.token_hex(FILE_ID_SIZE)}.mp4"
    _written(path)

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=path.read_bytes(), content_type="video/mp4")

    async with serving("127.0.0.1:0", [web.get(f"/v/{path.name}", answer)], SystemClock()) as place:
        yield place, [f"/v/{path.name}"] * VIDEOS


def _written(path: Path) -> str:
    """Write a video, a piece at a time, and return its digest."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(BYTES // _PIECE):
            piece = secrets.token_bytes(_PIECE)
            file.write(piece)
            digest.update(piece)
    return digest.hexdigest()


Way = Callable[[Path], AbstractAsyncContextManager[tuple[str, list[str]]]]
WAYS: Final[dict[str, Way]] = {"ours": _ours, "whole": _whole}


async def _serve(way: str, folder: Path) -> None:
    """Say where the video is; when all viewers have left, say what it cost."""
    async with WAYS[way](folder) as (place, paths):
        print(place, *paths, flush=True)
        async with measure_effort() as effort:
            await asyncio.to_thread(sys.stdin.read)
        found = Found(megabytes=peak_megabytes(), cpu=effort.cpu, stall=effort.stall)
    print(json.dumps(asdict(found)), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        asyncio.run(_serve(sys.argv[1], Path(sys.argv[2])))
    else:
        sys.exit(run([sys.modules[__name__]]))
