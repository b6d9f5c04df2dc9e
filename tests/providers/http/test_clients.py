"""What lies between us and a gateway: names, certificates, connections, patience."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from core.model.errors import CheckFailed, FetchFailed, NotSent
from core.model.job import Ticket
from core.ports import Provider
from providers import AnyInt, Network, open_network
from providers.http.clients import Limits
from sandbox.gateways import FOREVER, LocalGateways
from sandbox.gateways.faults import create_accepted_slowly, file_drips
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, built, fetched, film, order, place


class Counter:
    """A gateway of one sentence that counts connections and requests."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests = 0

    @asynccontextmanager
    async def opened(self, tls: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
        """Listen on a port of this machine."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        async with server:
            yield int(server.sockets[0].getsockname()[1])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"(?i)content-length: (\d+)", head)
                await reader.readexactly(int(length[1]) if length else 0)
                self.requests += 1
                body = json.dumps({"id": f"task-{self.requests}", "status": "processing"}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def gateway_at(url: str, network: Network) -> AnyInt:
    return AnyInt(base_url=url, key="a-key", network=network, replies=RememberedReplies())


async def test_each_paid_request_has_a_connection_of_its_own_and_questions_share_one() -> None:
    counter = Counter()
    async with counter.opened() as port, open_network(clock=VirtualClock()) as network:
        anyint = gateway_at(f"http://127.0.0.1:{port}", network)
        tickets: list[Ticket] = [(await anyint.create(order("anyint", job_id=n))).ticket for n in range(5)]
        for_creates = counter.connections

        for ticket in tickets:
            await anyint.check(ticket)

    assert for_creates == 5
    assert (counter.connections, counter.requests) == (6, 10)


async def test_an_untrusted_certificate_is_never_accepted() -> None:
    counter = Counter()
    tls = untrusted_certificate()
    async with counter.opened(tls) as port, open_network(clock=VirtualClock()) as network:
        anyint = gateway_at(f"https://127.0.0.1:{port}", network)
        ticket = Ticket(provider="anyint", task_id="t", family="videos", base_url="", key_fingerprint="")

        with pytest.raises(NotSent, match="certificate verify failed"):
            await anyint.create(order("anyint"))
        with pytest.raises(CheckFailed):
            await anyint.check(ticket)

    assert counter.requests == 0


def untrusted_certificate() -> ssl.SSLContext:
    """Make a certificate as an attacker on the way would."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    return tls


async def test_names_are_looked_up_in_threads_so_that_a_slow_answer_delays_no_other_request(
    gateways: LocalGateways, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[threading.Thread] = []
    really = socket.getaddrinfo

    def look_up(host: str | bytes | None, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as it is
        looked_up.append(threading.current_thread())
        return really("127.0.0.1" if host in {"localhost", b"localhost"} else host, *arguments, **options)

    gateways.anyint_url = gateways.anyint_url.replace("127.0.0.1", "localhost")
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    async with open_network(clock=VirtualClock(), allowed_hosts=[place(gateways.anyint_url)]) as network:
        anyint = built("anyint", gateways, network, RememberedReplies())
        created = await anyint.create(order("anyint"))
        video = await film(anyint, created.ticket, gateways, tmp_path / "video-1.mp4")

    assert video.size == len(CLIP)
    assert threading.main_thread() not in looked_up
    assert len(looked_up) >= 3, "for the create, the question and the clip"


async def test_an_answer_that_comes_late_is_an_answer(provider: Provider, gateways: LocalGateways) -> None:
    gateways.faults.add(create_accepted_slowly(0.4))  # of the half second that these tests wait

    created = await provider.create(order(provider.name))

    assert [task.id for task in gateways.tasks] == [created.ticket.task_id]


async def test_nothing_packed_is_asked_for(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    await fetched(provider, gateways, tmp_path)

    assert {sent.headers["Accept-Encoding"] for sent in gateways.requests} == {"identity"}
    assert {sent.stage for sent in gateways.requests} >= {"create", "status"}


async def test_a_clip_that_never_comes_to_its_end_is_given_up(
    provider: Provider, gateways: LocalGateways, network: Network, tmp_path: Path
) -> None:
    steady = replace(network, limits=Limits(least_bytes_per_second=1, window_seconds=0.1, file_seconds=0.5))
    gateways.faults.add(file_drips(0.02), times=FOREVER)

    with pytest.raises(FetchFailed, match="did not arrive within"):
        await fetched(built(provider.name, gateways, steady, RememberedReplies()), gateways, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_the_bounds_of_what_is_taken_are_those_that_are_promised() -> None:
    limits = Limits()

    assert (limits.least_bytes_per_second, limits.window_seconds) == (20_000, 30)
    assert limits.file_seconds == 15 * 60
    assert limits.file_bytes == 512 * 2**20


async def test_a_create_is_waited_for_as_long_as_it_is_worth() -> None:
    async with open_network(clock=VirtualClock()) as network:
        timeout = network.paying.timeout

        assert (timeout.connect, timeout.read) == (10, 120)
        assert network.create_total_seconds == 150
