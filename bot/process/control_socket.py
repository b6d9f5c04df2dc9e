"""How the command line reaches the bot that runs on the same data: HTTP at a socket file."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import aiohttp
from aiohttp import web

from core.model.errors import MatineeError

log = logging.getLogger(__name__)

SOCKET: Final = "control.sock"
LONGEST_COMMAND: Final = 4096
ASK_SECONDS: Final = 10.0
"""Seconds within which a client has to send its command."""

ANSWER_SECONDS: Final = 60.0
_CLOSING_SECONDS: Final = 1.0

Action: TypeAlias = Callable[[int], Awaitable[str]]
Listening: TypeAlias = AbstractAsyncContextManager[None]

_UNKNOWN: Final = "The running bot does not know that command. Restart it after an update."
_WENT_WRONG: Final = (
    "That went wrong in the running bot; its log says why. Look at the job before you try again."
)
_SILENT: Final = (
    "The bot did not answer, so nobody knows whether it was done. Look at its log, and at the job with "
    "`matinee jobs show {job}`."
)


class NoBotListens(Exception):
    """No bot answers at this data."""


class Refusal(Exception):
    """The running bot refuses, in words for the operator."""


@asynccontextmanager
async def listening(folder: Path, actions: Mapping[str, Action]) -> AsyncGenerator[None]:
    """Serve commands that come through the socket in this folder; only its owner can reach it.

    Where no socket can be made the bot runs on without one.
    """
    path = folder / SOCKET
    try:
        door = await asyncio.to_thread(_open_socket, path)
    except OSError as error:
        log.warning(
            "the command line cannot reach this bot", extra={"why": str(error), "length": len(str(path))}
        )
        yield
        return
    try:
        async with _serve(door, actions):
            yield
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def ask(folder: Path, action: str, job_id: int, *, silent: str = _SILENT) -> str:
    """Have the running bot do something with a job, and return its answer.

    Raise NoBotListens or Refusal, which says `silent` where no answer came.
    """
    connector = aiohttp.UnixConnector(str(folder / SOCKET))
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    command = {"action": action, "job": job_id}
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post("http://matinee/", json=command) as response,
        ):
            answer: dict[str, str] = json.loads(await response.read())
    except aiohttp.ClientConnectorError as error:
        raise NoBotListens from error
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise Refusal(silent.format(job=job_id)) from error
    if "refused" in answer:
        raise Refusal(answer["refused"])
    return answer["done"]


def _open_socket(path: Path) -> socket.socket:
    """Make the socket, closed to other users before any client can connect."""
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        door.bind(str(path))
        path.chmod(0o600)
    except OSError:
        door.close()
        raise
    return door


@asynccontextmanager
async def _serve(door: socket.socket, actions: Mapping[str, Action]) -> AsyncGenerator[None]:
    """Answer at the socket. What is under way when that ends is cancelled, also where its caller has gone."""
    busy: set[asyncio.Task[None]] = set()
    runner = web.AppRunner(
        _application(actions, busy),
        access_log=None,
        keepalive_timeout=ASK_SECONDS,
        shutdown_timeout=_CLOSING_SECONDS,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, door).start()
        yield
    finally:
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)
        await runner.cleanup()


def _application(actions: Mapping[str, Action], busy: set[asyncio.Task[None]]) -> web.Application:
    async def answer(request: web.Request) -> web.Response:
        busy.add(request.task)
        request.task.add_done_callback(busy.discard)
        return web.json_response(await _carry_out(actions, await _read_command(request)))

    application = web.Application(client_max_size=LONGEST_COMMAND)
    application.add_routes([web.post("/", answer)])
    return application


async def _read_command(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await request.read()
    except (OSError, TimeoutError, web.HTTPException) as error:
        log.warning("an operator's command did not arrive", extra={"why": type(error).__name__})
        raise


async def _carry_out(actions: Mapping[str, Action], command: bytes) -> dict[str, str]:
    """Carry out a command and return the answer, whatever happens."""
    asked = _parse(command)
    name = str(asked.get("action"))
    action = actions.get(name)
    job_id = asked.get("job")
    if action is None or not isinstance(job_id, int):
        log.warning("an operator's command was not understood", extra={"bytes": len(command)})
        return {"refused": _UNKNOWN}
    try:
        return {"done": await action(job_id)}
    except MatineeError as error:
        return {"refused": str(error)}
    except Exception:
        log.exception("an operator's command went wrong", extra={"action": name})
        return {"refused": _WENT_WRONG}


def _parse(command: bytes) -> dict[str, Any]:
    try:
        asked: object = json.loads(command)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", asked) if isinstance(asked, dict) else {}
