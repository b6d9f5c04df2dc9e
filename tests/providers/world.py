"""What the tests of the providers have in common: a small film, orders, a clock that never waits."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.model.catalog import Catalog
from core.model.errors import FetchFailed, LinkExpired, Refused
from core.model.job import Ticket
from core.model.video import Mode, Result, StoredVideo, VideoRequest
from core.ports import Failed, Finished, NoReply, Order, Progress, Provider, Reply, ReplyLog, Working
from providers import Network, build
from sandbox.gateways import LocalGateways


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


def table(*entries: int) -> bytes:
    """Write the content of a table of a sample table: its version, how many entries, and they."""
    return b"\0" * 4 + b"".join(number.to_bytes(4) for number in (len(entries), *entries))


def moov(*places: int, samples: int = 1, handler: bytes = b"vide") -> bytes:
    """Write an index of one track, whose samples lie at these places in the file."""
    sizes = b"\0" * 4 + (7).to_bytes(4) + samples.to_bytes(4)
    stbl = box(b"stbl", box(b"stsz", sizes) + box(b"stco", table(*places)))
    hdlr = box(b"hdlr", b"\0" * 8 + handler + b"\0" * 13)
    return box(b"moov", box(b"trak", box(b"mdia", hdlr + box(b"minf", stbl))))


FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2")
CLIP = FTYP + moov(len(FTYP) + len(moov(0)) + 8) + box(b"mdat", b"film" * 5000)
"""What a small MP4 looks like from outside: an index of one picture, and nothing that can be shown."""

PICTURE = "https://127.0.0.1:9/boat.png"
"""An address that serves no picture: the gateways of these tests try it, and fail without a network."""


class VirtualClock:
    """Sleeping takes no time but moves the clock; waits are remembered."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._ahead = 0.0

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._ahead += seconds
        await asyncio.sleep(0)

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        if not event.is_set():
            await self.sleep(seconds)


class RememberedReplies:
    """Keeps replies as they are given."""

    def __init__(self) -> None:
        self.kept: dict[int, list[Reply]] = {}

    async def append(self, job_id: int, reply: Reply | NoReply) -> None:
        assert isinstance(reply, Reply), "a provider keeps what came"
        self.kept.setdefault(job_id, []).append(reply)

    async def last(self, job_id: int) -> Reply | None:
        return self.kept.get(job_id, [None])[-1]


TEXT = VideoRequest(
    model="kling-v3",
    prompt="A paper boat in the rain",
    duration_seconds=5,
    aspect_ratio="16:9",
    mode=Mode.STD,
    audio=False,
)
OMNI = replace(TEXT, model="kling-v3-omni", mode=None)


def order(provider: str, request: VideoRequest = TEXT, *, job_id: int = 1) -> Order:
    """Order a request from this provider's model of the family."""
    model = next(model for model in Catalog.shipped().of([provider]) if model.family == request.model)
    return Order(job_id, request, model)


def place(url: str) -> str:
    return urlsplit(url).netloc


def built(name: str, gateways: LocalGateways, network: Network, replies: ReplyLog) -> Provider:
    return build(
        [name],
        keys={"anyint": gateways.anyint_key, "worldrouter": gateways.worldrouter_key},
        base_urls={"anyint": gateways.anyint_url, "worldrouter": gateways.worldrouter_url},
        network=network,
        replies=replies,
    )[name]


async def outcome(provider: Provider, ticket: Ticket, gateways: LocalGateways) -> Progress:
    """Ask when everything that was ordered is over."""
    await gateways.until(lambda: all(task.is_over for task in gateways.tasks))
    return await provider.check(ticket)


async def film(provider: Provider, ticket: Ticket, gateways: LocalGateways, into: Path) -> StoredVideo:
    """Wait for the clip and fetch it."""
    progress = await outcome(provider, ticket, gateways)
    assert isinstance(progress, Finished), progress
    return await provider.fetch(ticket, progress.result, into)


def percent(progress: Progress) -> int | None:
    assert isinstance(progress, Working), progress
    return progress.percent


def said(progress: Progress) -> str:
    assert isinstance(progress, Failed), progress
    return progress.said


async def refused(provider: Provider, an_order: Order | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        await provider.create(an_order or order(provider.name))
    return caught.value


async def ready(provider: Provider, gateways: LocalGateways) -> tuple[Ticket, Result]:
    """Order a clip and wait until it can be fetched."""
    created = await provider.create(order(provider.name))
    progress = await outcome(provider, created.ticket, gateways)
    assert isinstance(progress, Finished)
    return created.ticket, progress.result


async def fetched(provider: Provider, gateways: LocalGateways, folder: Path) -> StoredVideo:
    ticket, result = await ready(provider, gateways)
    return await provider.fetch(ticket, result, folder / "video-1.mp4")


async def fetched_at_last(
    provider: Provider, gateways: LocalGateways, folder: Path, *, failures: int
) -> StoredVideo:
    """Fetch a clip as often as the engine would, which waits between tries: so often it fails, then it comes.

    A failure leaves nothing behind and asks for no other link.
    """
    ticket, result = await ready(provider, gateways)
    for _ in range(failures):
        with pytest.raises(FetchFailed) as caught:
            await provider.fetch(ticket, result, folder / "video-1.mp4")
        assert not isinstance(caught.value, LinkExpired)
        assert list(folder.iterdir()) == []
    return await provider.fetch(ticket, result, folder / "video-1.mp4")


def keys_sent(gateways: LocalGateways) -> list[str | None]:
    """Return the authorisation of each request for a file, in order."""
    return [
        sent.headers.get("Authorization") for sent in gateways.requests if sent.stage in {"content", "media"}
    ]
