"""What has come from end to end counts, a JSON object or a film, however late the end of its body is."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.model.errors import FetchFailed, OutcomeUnknown
from core.model.job import Ticket
from core.model.video import Result
from providers import AnyInt, Network, open_network
from tests.providers.world import CLIP, FTYP, RememberedReplies, VirtualClock, box, moov, order

BODY = json.dumps({"id": "task-1", "status": "queued"}).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(BODY)


def chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


ENDLESS = {
    "a length that is never reached": HEAD + b"Content-Length: 4000\r\n\r\n" + BODY,
    "no last chunk": CHUNKED + chunk(BODY),
    "a chunk without its end": CHUNKED + chunk(BODY)[:-2],
    "a chunk that is longer": CHUNKED + f"{len(BODY) + 40:x}\r\n".encode() + BODY,
    "two chunks": CHUNKED + chunk(BODY[:9]) + chunk(BODY[9:]),
    "a last chunk without its end": CHUNKED + chunk(BODY) + b"0\r\n",
    "neither length nor chunks": HEAD + b"\r\n" + BODY,
    "spaces behind it": HEAD + b"Content-Length: 4000\r\n\r\n" + BODY + b"\n  ",
    "gzip without its end": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4000\r\n\r\n" + PACKED[:-8],
}
CUT = {
    "half of an object": HEAD + b"Content-Length: 4000\r\n\r\n" + BODY[:-1],
    "an object in a list": HEAD + b"Content-Length: 4000\r\n\r\n[" + BODY,
    "two objects": HEAD + b"Content-Length: 4000\r\n\r\n" + BODY + BODY,
    "half of it packed": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4000\r\n\r\n" + PACKED[:20],
    "no body": HEAD + b"Content-Length: 4000\r\n\r\n",
}


@asynccontextmanager
async def gateway(raw: bytes, *, resets: bool) -> AsyncGenerator[str]:
    """Answer everything so, and go on holding the connection, or reset it."""
    handlers: list[asyncio.Task[None]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(raw)
        await writer.drain()
        if resets:
            writer.transport.abort()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers.append(asyncio.get_running_loop().create_task(answer(reader, writer)))

    async with await asyncio.start_server(accepted, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.wait(handlers)


@asynccontextmanager
async def anyint(raw: bytes, *, resets: bool = False, total: float = 60.0) -> AsyncGenerator[AnyInt]:
    async with (
        gateway(raw, resets=resets) as url,
        open_network(clock=VirtualClock(), create_read_timeout=total) as network,
    ):
        yield surface(url, replace(network, create_total_seconds=total))


def surface(url: str, network: Network) -> AnyInt:
    return AnyInt(base_url=url, key="key", network=network, replies=RememberedReplies())


@pytest.mark.parametrize("raw", ENDLESS.values(), ids=ENDLESS.keys())
@pytest.mark.parametrize("resets", [False, True], ids=["held", "reset"])
async def test_a08_a_whole_reply_whose_end_is_missing_is_used(
    raw: bytes,
    resets: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    async with anyint(raw, resets=resets) as provider, asyncio.timeout(30):
        created = await provider.create(order("anyint"))
        asked = await provider.check(created.ticket)

    assert created.ticket.task_id == "task-1"
    assert asked == created.progress


@pytest.mark.parametrize("raw", CUT.values(), ids=CUT.keys())
async def test_a08_what_is_no_whole_object_stays_unknown(raw: bytes) -> None:
    async with anyint(raw, total=1) as provider:
        with pytest.raises(OutcomeUnknown):
            await provider.create(order("anyint"))


async def test_a08_the_limit_for_all_of_it_throws_nothing_away_that_has_come() -> None:
    async with anyint(ENDLESS["no last chunk"], total=0.5) as provider:
        created = await provider.create(order("anyint"))

    assert created.ticket.task_id == "task-1"


@pytest.mark.parametrize("status", [400, 402, 403, 404, 422])
async def test_a08_a_refusal_after_which_more_comes_late_is_none(status: int) -> None:
    refusal = b'{"error": {"message": "upstream timed out, trying again", "code": "1201"}}'
    head = f"HTTP/1.1 {status} Odd\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    async with anyint(head + chunk(refusal)) as provider:
        with pytest.raises(OutcomeUnknown):
            await provider.create(order("anyint"))


def film(head: bytes, body: bytes = CLIP) -> bytes:
    return b"HTTP/1.1 " + head + b"\r\n\r\n" + body


LONGER = f"Content-Length: {len(CLIP) + 100}".encode()
EXACT = f"Content-Length: {len(CLIP)}".encode()
FILMS = {
    "a length that is never reached": film(b"200 OK\r\n" + LONGER),
    "no last chunk": film(b"200 OK\r\nTransfer-Encoding: chunked", chunk(CLIP)),
    "206, all of it": film(b"206 Partial Content\r\nContent-Range: bytes 0-9/10\r\n" + EXACT),
    "203": film(b"203 Transformed\r\n" + EXACT),
    "packed, without a word": film(b"200 OK", gzip.compress(CLIP)),
    "packed in name only": film(b"200 OK\r\nContent-Encoding: gzip\r\n" + EXACT),
    "packed in two": film(
        b"200 OK\r\nContent-Encoding: gzip", gzip.compress(CLIP[:99]) + gzip.compress(CLIP[99:])
    ),
}
TICKET = Ticket(provider="anyint", task_id="task-1", family="videos", base_url="", key_fingerprint="")
FRAGMENT = box(b"moof", box(b"traf", box(b"trun", b"\0" * 4 + (1).to_bytes(4)))) + box(b"mdat", b"film")
OPEN = CLIP.replace((20_008).to_bytes(4) + b"mdat", b"\0\0\0\0mdat")
MAYBE_CUT = {
    "before the end of its part": CLIP[:-1],
    "fragments": FTYP + moov(samples=0) + FRAGMENT,
    "a part up to the end": OPEN,
}


ODDLY_BEGUN = {
    "free first": box(b"free", b"\0" * 4),
    "wide first": box(b"wide"),
    "uuid first": box(b"uuid", b"\0" * 32),
}


async def fetched(raw: bytes, folder: Path) -> bytes:
    async with anyint(raw, resets=True) as provider:
        link = Result(url=None, seen_at=datetime.now(UTC))
        await provider.fetch(TICKET, link, folder / "video-1.mp4")
    return (folder / "video-1.mp4").read_bytes()


@pytest.mark.parametrize("raw", FILMS.values(), ids=FILMS.keys())
async def test_a_whole_film_is_kept_however_its_answer_ends_and_is_called(raw: bytes, tmp_path: Path) -> None:
    assert await fetched(raw, tmp_path) == CLIP


@pytest.mark.parametrize("before", ODDLY_BEGUN.values(), ids=ODDLY_BEGUN.keys())
@pytest.mark.parametrize("start", [FTYP, b""], ids=["ftyp", "QuickTime"])
async def test_a_film_that_players_play_is_kept_whatever_it_begins_with(
    before: bytes, start: bytes, tmp_path: Path
) -> None:
    content = before + start + box(b"mdat", b"film" * 99) + moov(len(before + start) + 8)
    size = f"Content-Length: {len(content)}".encode()

    assert await fetched(film(b"200 OK\r\n" + size, content), tmp_path) == content


@pytest.mark.parametrize("content", MAYBE_CUT.values(), ids=MAYBE_CUT.keys())
async def test_a_film_that_may_be_cut_is_not_kept(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="not whole"):
        await fetched(film(b"200 OK\r\n" + LONGER, content), tmp_path)
