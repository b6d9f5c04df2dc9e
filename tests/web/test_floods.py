"""The web server under people who mean no good: floods, standing still, reading slowly (attack A12)."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from bot.process.clock import SystemClock
from bot.process.descriptors import raise_descriptor_limit
from tests.web import screen as screens
from tests.web.screen import Screen
from web.connections import Patience, most_connections
from web.server import serving
from web.streams import MOST_OF_ONE_FILE, Streams

QUICK = Patience(idle_seconds=0.3, window_seconds=0.4, bytes_per_second=50_000, look_seconds=0.05)
LARGE = bytes(30_000_000)


@dataclass(slots=True)
class Flood:
    """Connections from outside, opened one by one."""

    address: str
    writers: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])
    readers: list[asyncio.StreamReader] = field(default_factory=list[asyncio.StreamReader])

    async def opens(self, count: int, sending: bytes = b"") -> None:
        host, _, port = self.address.partition(":")
        for _ in range(count):
            reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
            writer.write(sending)
            self.writers.append(writer)
            self.readers.append(reader)

    async def closed(self) -> int:
        """How many of them the server has closed."""
        return sum([await _is_closed(reader) for reader in self.readers])


async def _is_closed(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.01):
            return not await reader.read(1)
    except TimeoutError:
        return False
    except ConnectionError:
        return True


@asynccontextmanager
async def flooding(address: str) -> AsyncGenerator[Flood]:
    flood = Flood(address)
    try:
        yield flood
    finally:
        for writer in flood.writers:
            writer.close()


async def become_true(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - the kernel sends no notice
            await asyncio.sleep(0.02)


async def hello(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="hello")


async def is_answered(address: str) -> bool:
    async with ClientSession() as visitor, visitor.get(f"http://{address}/hello") as answer:
        return await answer.text() == "hello"


@pytest.fixture
async def place() -> AsyncIterator[str]:
    async with serving(
        "127.0.0.1:0", [web.get("/hello", hello)], SystemClock(), most=20, patience=Patience(idle_seconds=60)
    ) as address:
        yield address


@pytest.fixture
async def quick_place() -> AsyncIterator[str]:
    async with serving("127.0.0.1:0", [web.get("/hello", hello)], SystemClock(), patience=QUICK) as address:
        yield address


async def test_a12_idle_connections_beyond_the_bound_give_way_to_new_visitors(
    place: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with flooding(place) as flood:
        await flood.opens(200)

        assert await is_answered(place)
        assert await flood.closed() >= 180

    warnings = [record for record in caplog.records if "too many connections" in record.message]
    assert len(warnings) == 1, "a flood writes one line"


@pytest.mark.parametrize(
    "sent", [b"", b"GET /hello HTTP/1.1\r\n", b"GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow: "]
)
async def test_a12_a_visitor_who_does_not_finish_the_headers_is_cut_off(
    quick_place: str, sent: bytes
) -> None:
    async with flooding(quick_place) as flood:
        await flood.opens(3, sent)

        await become_true(lambda: _all_closed(flood))


async def _all_closed(flood: Flood) -> bool:
    return await flood.closed() == len(flood.readers)


async def test_a12_headers_that_trickle_are_cut_off_too(quick_place: str) -> None:
    async with flooding(quick_place) as flood:
        await flood.opens(1, b"GET /hello HTTP/1.1\r\n")

        async def trickles() -> bool:
            flood.writers[0].write(b"X-A: b\r\n")
            return await _all_closed(flood)

        await become_true(trickles)


async def test_a_connection_that_is_kept_alive_and_used_is_not_cut_off(quick_place: str) -> None:
    async with flooding(quick_place) as flood:
        await flood.opens(1)
        for _ in range(8):
            flood.writers[0].write(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"hello" in await flood.readers[0].readuntil(b"hello")
            await asyncio.sleep(QUICK.idle_seconds / 3)


@asynccontextmanager
async def link_context(folder: Path, patience: Patience | None = None) -> AsyncGenerator[Screen]:
    async with screens.opened(folder, LARGE, streams=Streams(), patience=patience) as screen:
        yield screen


def asking(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


async def test_a12_one_link_does_not_take_all_streams(tmp_path: Path) -> None:
    async with link_context(tmp_path) as screen, flooding(screen.address.removeprefix("http://")) as flood:
        path = f"{await screen.path()}.mp4"

        await flood.opens(60, asking(path))
        statuses = [await reader.readuntil(b"\r\n") for reader in flood.readers]

        assert sum(b" 200 " in status for status in statuses) == MOST_OF_ONE_FILE
        assert sum(b" 503 " in status for status in statuses) == 60 - MOST_OF_ONE_FILE
        assert screen.streams.count == MOST_OF_ONE_FILE


async def test_a12_one_visitor_does_not_take_all_streams_of_a_link(tmp_path: Path) -> None:
    async with link_context(tmp_path) as screen, flooding(screen.address.removeprefix("http://")) as flood:
        path = f"{await screen.path()}.mp4"

        await flood.opens(15, asking(path).replace(b"Host: x", b"Host: x\r\nX-Forwarded-For: 203.0.113.7"))
        statuses = [await reader.readuntil(b"\r\n") for reader in flood.readers]

        assert sum(b" 200 " in status for status in statuses) == 10
        async with screen.get(path, **{"X-Forwarded-For": "203.0.113.8"}) as answer:
            assert answer.status == 200


def test_a12_a_handful_of_links_does_not_take_all_streams() -> None:
    streams, another = Streams(), Path("another")
    with ExitStack() as sending:
        for number in range(5):
            for _ in range(MOST_OF_ONE_FILE):
                with suppress(web.HTTPServiceUnavailable):
                    streams.file(Path(str(number)), {}, None)
                    sending.enter_context(streams.sending(Path(str(number))))

        assert streams.file(another, {}, "198.51.100.1")


async def test_a12_visitors_whom_a_proxy_names_with_their_ports_are_told_apart(tmp_path: Path) -> None:
    async with screens.opened(tmp_path, b"a clip", at_once=1) as screen:
        path = await screen.path()

        async def status(forwarded: str) -> int:
            return await screen.status(path, **{"X-Forwarded-For": forwarded})

        assert [await status(f"192.0.2.7:{port}") for port in (50312, 50313)] == [200, 429]
        assert await status("192.0.2.8:50312") == 200
        assert [await status(f"[2001:db8::7]:{port}") for port in (50312, 50313)] == [200, 429]
        assert await status("[2001:db8:0:1::7]") == 200


async def test_a12_a_visitor_who_reads_too_slowly_loses_the_stream(tmp_path: Path) -> None:
    async with (
        link_context(tmp_path, QUICK) as screen,
        flooding(screen.address.removeprefix("http://")) as flood,
    ):
        await flood.opens(3, asking(f"{await screen.path()}.mp4"))
        await become_true(lambda: _counts(screen, 3))

        async def reads_a_little() -> bool:
            for reader in flood.readers:
                await reader.read(100)
            return screen.streams.count == 0

        await become_true(reads_a_little)


async def _counts(screen: Screen, count: int) -> bool:
    return screen.streams.count == count


async def test_a_reader_at_a_steady_rate_gets_the_whole_file(tmp_path: Path) -> None:
    async with link_context(tmp_path, QUICK) as screen:
        got = 0
        async with screen.get(f"{await screen.path()}.mp4") as answer:
            async for piece in answer.content.iter_chunked(2**16):
                got += len(piece)
                await asyncio.sleep(0.003)

        assert got == len(LARGE)


async def test_a_link_that_is_asked_for_again_and_again_has_its_places_back(tmp_path: Path) -> None:
    async with screens.opened(tmp_path, b"a clip" * 1000) as screen:
        path = f"{await screen.path()}.mp4"

        for _ in range(3 * MOST_OF_ONE_FILE):
            assert await screen.status(path) == 200


# ------------------------------------------------------------ which visitor is limited by which address


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Proto", "X-Forwarded-Server", "x-forwarded-port", "X-Real-IP", "CF-Connecting-IP"]
)
async def test_a17_what_a_proxy_adds_keeps_it_out(header: str) -> None:
    async with (
        serving("127.0.0.1:0", [web.get("/metrics", hello)], SystemClock()) as address,
        ClientSession(headers={header: "1"}) as world,
        world.get(f"http://{address}/metrics") as answer,
    ):
        assert answer.status == 404


async def test_a17_a_plain_proxy_that_speaks_the_old_protocol_is_kept_out() -> None:
    async with (
        serving("127.0.0.1:0", [web.get("/metrics", hello)], SystemClock()) as address,
        flooding(address) as proxy,
    ):
        await proxy.opens(
            1, f"GET /metrics HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode()
        )

        assert b" 404 " in await proxy.readers[0].readuntil(b"\r\n")


# ------------------------------------------------------------ descriptors


@pytest.fixture
def hard_limit() -> Iterator[int]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a12_the_descriptor_limit_is_raised_to_the_hard_one(hard_limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard_limit))
    before = most_connections()

    raise_descriptor_limit()

    assert before == 50, "the web server leaves most of them to the work"
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard_limit, 65_536)
