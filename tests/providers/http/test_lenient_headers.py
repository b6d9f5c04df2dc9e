"""A line in the head of an answer that is no header stops neither a question nor a download."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.model.job import Ticket
from core.model.video import Result
from core.ports import Finished
from providers import AnyInt, Network, open_network
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, order

LINES = [
    b"X Bad: 1",
    b"no colon here",
    b": no name",
    b"X-Nul: a\x00b",
    b"X-Bad\x01: 1",
    b"X-Bad\t: 1",
    b"X-Return: a\rb",
    b"X-(note): 1",
    b"X Bad: 1\r\n  and what continues it",
    b"Transfer-Encoding: identity",
    b"X-Long: " + b"a" * 9000,
    b"X-Latin: \xe9\xff",
]
BODY = b'{"id": "t-1", "object": "video", "status": "completed", "error": null}'


class Serving(asyncio.Protocol):
    """Answers with documents and a clip, with that line in the head of each."""

    def __init__(self, line: bytes, interim: bytes, open_now: set[asyncio.Transport]) -> None:
        self._line, self._interim, self._open = line, interim, open_now
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if self._transport is not None:
            self._open.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if self._transport is not None and end and (head.startswith(b"GET") or body.endswith(b"}")):
            self._received = b""
            self._transport.write(self._answer(CLIP if b"/content" in head else BODY))

    def _answer(self, body: bytes) -> bytes:
        length = b"Content-Length: %d" % len(body)
        head = b"HTTP/1.1 200 OK\r\n" + self._line + b"\r\n" + length + b"\r\n\r\n"
        return self._interim + head + body


@asynccontextmanager
async def answering(line: bytes, *, interim: bytes = b"") -> AsyncGenerator[tuple[AnyInt, Network]]:
    open_now: set[asyncio.Transport] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Serving(line, interim, open_now), "127.0.0.1", 0)
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with open_network(clock=VirtualClock(), allowed_hosts={place}) as network:
        yield (
            AnyInt(base_url=f"http://{place}", key="k", network=network, replies=RememberedReplies()),
            network,
        )
    server.close()
    for transport in [*open_now]:
        transport.abort()
    await asyncio.sleep(0)


def ticket(anyint: AnyInt) -> Ticket:
    return Ticket(provider=anyint.name, task_id="t-1", family="videos", base_url="", key_fingerprint="k")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:12])
async def test_a_line_that_is_no_header_stops_no_question(line: bytes) -> None:
    async with answering(line) as (anyint, _):
        assert isinstance(await anyint.check(ticket(anyint)), Finished)
        assert isinstance(await anyint.check(ticket(anyint)), Finished)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:12])
async def test_a_line_that_is_no_header_stops_no_download(line: bytes, tmp_path: Path) -> None:
    async with answering(line) as (anyint, network):
        result = Result(url=None, seen_at=network.clock.now())
        video = await anyint.fetch(ticket(anyint), result, tmp_path / "video-1.mp4")

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP
    assert video.size == len(CLIP)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:12])
async def test_a_line_that_is_no_header_leaves_no_create_in_doubt(line: bytes) -> None:
    async with answering(line) as (anyint, _):
        created = await anyint.create(order("anyint"))

    assert created.ticket.task_id == "t-1"


@pytest.mark.parametrize(
    "interim",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\nnot a header\r\n\r\n" * 2,
    ],
)
async def test_what_comes_before_the_answer_is_passed_over(interim: bytes, tmp_path: Path) -> None:
    async with answering(b"X Bad: 1", interim=interim) as (anyint, network):
        result = Result(url=None, seen_at=network.clock.now())
        await anyint.fetch(ticket(anyint), result, tmp_path / "video-1.mp4")

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP
