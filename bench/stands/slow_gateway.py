"""A gateway that says of every task that it is still working: plain asyncio, in a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

_BODY = b'{"id":"%s","object":"video","model":"kling-3.0","status":"processing","progress":40}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where it listens: `near` answers at once, `far` after the delay."""

    near: str
    far: str


class _Connection(asyncio.Protocol):
    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while _END in self._received:
            head, _, self._received = self._received.partition(_END)
            asyncio.get_running_loop().call_later(self._delay, self._answer, _task_id(head))

    def _answer(self, task_id: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            body = _BODY % task_id
            self._transport.write(_ANSWER % (len(body), body))


def _task_id(head: bytes) -> bytes:
    """Return what a question asks about: the last part of its path."""
    return head.split(b" ", 2)[1].rpartition(b"/")[2]


@contextmanager
def running(delay: float) -> Generator[Gateway]:
    """Run the gateway beside this process until the block ends."""
    command = [sys.executable, "-m", __name__, str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - this module itself
        try:
            ports = (process.stdout.readline() if process.stdout else "").split()
            near, far = (f"http://127.0.0.1:{port}" for port in ports)
            yield Gateway(near, far)
        finally:
            process.terminate()


async def _serve(delay: float) -> None:
    loop = asyncio.get_running_loop()
    servers = [
        await loop.create_server(partial(_Connection, wait), "127.0.0.1", 0, backlog=1024)
        for wait in (0.0, delay)
    ]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
