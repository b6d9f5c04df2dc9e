"""The loop's own time, in real programs that are paused."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.process import event_loop
from tests.bot.process.test_watchdog import PROJECT, standing_still

PAUSE = 0.6
WAITER = """
import asyncio, sys
from bot.process import event_loop

async def main(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"?")
    try:
        async with asyncio.timeout(0.5):
            print((await reader.readline()).decode(), end="", flush=True)
    except TimeoutError:
        print("nothing", flush=True)
    writer.close()

event_loop.run(main(int(sys.argv[1])))
"""


async def paused_reader(meanwhile: Callable[[asyncio.StreamWriter], None], waits: float = 0) -> str:
    """Pause a program that waits for half a second, for longer than that; return what it read.

    It is paused right after it has asked, or `waits` seconds later.
    """
    arrived: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        arrived.set_result(writer)

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WAITER, str(port)), cwd=PROJECT, stdout=asyncio.subprocess.PIPE
        )
        writer = await arrived
        await asyncio.sleep(waits)
        process.send_signal(signal.SIGSTOP)
        meanwhile(writer)
        await asyncio.sleep(1.5)
        process.send_signal(signal.SIGCONT)
        out, _ = await process.communicate()
        writer.transport.abort()  # the process has ended: no peer waits for a close
    return out.decode()


@pytest.mark.parametrize("waits", [0, 0.1, 0.3])
async def test_a08_what_arrived_during_a_pause_is_read_before_time_is_up(waits: float) -> None:
    assert await paused_reader(lambda writer: writer.write(b"hello\n"), waits) == "hello\n"


async def test_a08_time_is_up_after_a_pause_where_nothing_arrived() -> None:
    assert await paused_reader(lambda _: None) == "nothing\n"


async def test_a08_a_pause_that_is_longer_than_the_last_resort_ends_nothing() -> None:
    async with standing_still("not_blocked", dead=0.6, last_resort=0.7) as program:
        program.send_signal(signal.SIGSTOP)
        await asyncio.sleep(2)
        program.send_signal(signal.SIGCONT)
        out, err = await program.communicate()

    assert (program.returncode, out, err) == (0, b"the end\n", b"")


def test_a08_what_arrived_while_the_loop_was_blocked_is_read_too() -> None:
    async def blocked() -> bytes:
        loop, (ours, theirs) = asyncio.get_running_loop(), socket.socketpair()
        ours.settimeout(0)
        with ours, theirs:
            loop.call_soon(block, theirs)
            async with asyncio.timeout(0.2):
                return await loop.sock_recv(ours, 10)

    def block(theirs: socket.socket) -> None:
        theirs.send(b"hello")
        time.sleep(PAUSE)

    assert event_loop.run(blocked()) == b"hello"


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3])
def test_timers_of_a_loop_that_is_not_paused_are_on_time(seconds: float) -> None:
    assert 0 <= event_loop.run(_slept(seconds)) - seconds < PAUSE


def _slept(seconds: float) -> Coroutine[Any, Any, float]:
    async def sleep() -> float:
        began = time.monotonic()
        await asyncio.sleep(seconds)
        return time.monotonic() - began

    return sleep()
