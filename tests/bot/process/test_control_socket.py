from __future__ import annotations

import asyncio
import logging
import os
import socket
import stat
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.process import control_socket
from bot.process.control_socket import LONGEST_COMMAND, SOCKET, NoBotListens, Refusal, ask, listening
from core.model.errors import NotAllowed


async def greet(job_id: int) -> str:
    return f"hello {job_id}"


async def refuse(job_id: int) -> str:
    raise NotAllowed(f"not {job_id}")


async def break_down(job_id: int) -> str:
    raise ZeroDivisionError(job_id)


@pytest.fixture
async def bot(folder: Path) -> AsyncIterator[Path]:
    """The folder of something that listens."""
    async with listening(folder, {"greet": greet, "refuse": refuse, "break": break_down}):
        yield folder


@asynccontextmanager
async def rude_bot(folder: Path, answer: bytes) -> AsyncGenerator[None]:
    """Let something listen that reads a command, says this and hangs up."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_unix_server(hang_up, folder / SOCKET)
    try:
        yield
    finally:
        server.close()


async def said_to(folder: Path, command: bytes) -> bytes:
    """Send something to the socket and return the whole answer."""
    connector = aiohttp.UnixConnector(str(folder / SOCKET))
    async with (
        aiohttp.ClientSession(connector=connector) as operator,
        operator.post("http://matinee/", data=command) as answer,
    ):
        return await answer.read()


async def test_a_command_is_done_and_answered(bot: Path) -> None:
    assert await ask(bot, "greet", 7) == "hello 7"


async def test_two_commands_at_once_are_both_answered(bot: Path) -> None:
    answers = await asyncio.gather(*(ask(bot, "greet", job_id) for job_id in range(20)))

    assert answers == [f"hello {job_id}" for job_id in range(20)]


async def test_a_no_comes_in_the_bots_words(bot: Path) -> None:
    with pytest.raises(Refusal, match="not 7"):
        await ask(bot, "refuse", 7)


async def test_what_breaks_is_said_and_logged(bot: Path, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Refusal, match="its log says why"):
        await ask(bot, "break", 7)

    assert "ZeroDivisionError" in caplog.text


async def test_only_the_owner_can_reach_it(folder: Path) -> None:
    before = os.umask(0)
    try:
        async with listening(folder, {}):
            mode = (folder / SOCKET).stat().st_mode
    finally:
        os.umask(before)

    assert (stat.S_ISSOCK(mode), stat.S_IMODE(mode)) == (True, 0o600)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"dismiss 7\n",
        b"\xff\xfe\n",
        b"[]\n",
        b'"greet"\n',
        b'{"action": "greet"}\n',
        b'{"action": "greet", "job": "7"}\n',
        b'{"action": "delete everything", "job": 7}\n',
        b'{"action": ["greet"], "job": 7}\n',
        b"[" * (LONGEST_COMMAND - 100) + b"\n",
    ],
)
async def test_an_unknown_command_is_answered_and_the_next_is_read(bot: Path, line: bytes) -> None:
    answer = await said_to(bot, line)

    assert b'{"refused": "The running bot does not know that command' in answer
    assert await ask(bot, "greet", 7) == "hello 7"


@pytest.mark.parametrize("line", [b"", b"x" * (LONGEST_COMMAND * 3)], ids=["silence", "an endless line"])
async def test_a_client_that_sends_nothing_or_too_much_delays_no_other(bot: Path, line: bytes) -> None:
    _, writer = await asyncio.open_unix_connection(bot / SOCKET)
    writer.write(line)

    assert await ask(bot, "greet", 7) == "hello 7"
    writer.close()


async def test_a_command_that_is_too_long_is_not_understood_but_noted(
    bot: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await said_to(bot, b" " * (LONGEST_COMMAND + 1))

    assert b"refused" not in answer
    assert "an operator's command did not arrive" in caplog.text


async def test_who_says_nothing_is_hung_up_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_socket, "ASK_SECONDS", 0.1)
    async with listening(folder, {"greet": greet}):
        reader, writer = await asyncio.open_unix_connection(folder / SOCKET)

        assert await reader.read() == b""
        writer.close()


async def test_a_command_under_way_ends_with_the_bot_though_its_client_has_left(folder: Path) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def linger(job_id: int) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return f"never {job_id}"

    async with listening(folder, {"linger": linger, "greet": greet}):
        asking = asyncio.create_task(ask(folder, "linger", 7))
        await begun.wait()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await ask(folder, "greet", 7)

        assert not ended.is_set()

    assert ended.is_set()


async def test_who_says_nothing_does_not_hold_up_the_end(folder: Path) -> None:
    async with listening(folder, {"greet": greet}):
        reader, writer = await asyncio.open_unix_connection(folder / SOCKET)
        await ask(folder, "greet", 7)

    assert await reader.read() == b""
    assert not (folder / SOCKET).exists()
    writer.close()


async def test_no_bot_listens_where_none_runs(folder: Path) -> None:
    with pytest.raises(NoBotListens):
        await ask(folder, "greet", 7)


async def test_the_socket_of_a_bot_that_was_killed_is_dead_and_is_replaced(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as abandoned:
        abandoned.bind(str(folder / SOCKET))

    with pytest.raises(NoBotListens):
        await ask(folder, "greet", 7)
    async with listening(folder, {"greet": greet}):
        assert await ask(folder, "greet", 7) == "hello 7"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b'{"done": "al',
        b"\xff\n",
        HEAD,
        HEAD + b'{"done": "a',
        HEAD + b'{"done": "al',
        HEAD + b"\xff" * 12,
    ],
    ids=["nothing", "half", "no HTTP", "a head", "half of one", "half a JSON", "no JSON"],
)
async def test_a_bot_that_dies_meanwhile_leaves_it_open_and_that_is_said(folder: Path, answer: bytes) -> None:
    async with rude_bot(folder, answer):
        with pytest.raises(Refusal, match=r"nobody knows whether it was done.*matinee jobs show 7"):
            await ask(folder, "greet", 7)


async def test_where_no_socket_can_be_made_the_bot_runs_on_and_says_so(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    deep = folder / ("long" * 30)
    deep.mkdir()

    async with listening(deep, {"greet": greet}):
        with pytest.raises(NoBotListens):
            await ask(deep, "greet", 7)

    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "the command line cannot reach this bot" in caplog.text


async def test_what_ends_the_bot_is_raised_as_it_is(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with listening(folder, {"greet": greet}):
            raise ZeroDivisionError
