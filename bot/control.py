"""How a command line reaches the bot that runs on the same data: a socket file, one line each way."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias

from core.errors import MatineeError

log = logging.getLogger(__name__)

SOCKET: Final = "control.sock"
LONGEST_LINE: Final = 4096
ANSWER_SECONDS: Final = 30.0

Action: TypeAlias = Callable[[int], Awaitable[str]]
Listening: TypeAlias = AbstractAsyncContextManager[None]


class NobodyListens(Exception):
    """No bot runs on this data."""


class Refusal(Exception):
    """The running bot says no, in words for the operator."""


@asynccontextmanager
async def listening(folder: Path, actions: Mapping[str, Action]) -> AsyncGenerator[None]:
    """Obey commands that come through the socket in this folder; only its owner can reach it."""
    path = folder / SOCKET
    await asyncio.to_thread(path.unlink, missing_ok=True)
    try:
        server = await asyncio.start_unix_server(_answering(actions), path, limit=LONGEST_LINE)
    except OSError as error:
        log.warning("operator's commands cannot reach this bot", extra={"why": str(error)})
        yield
        return
    try:
        await asyncio.to_thread(path.chmod, 0o600)
        yield
    finally:
        server.close()
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def ask(folder: Path, action: str, job_id: int) -> str:
    """Have the running bot do something and return what it says. Raise NobodyListens or Refusal."""
    try:
        reader, writer = await asyncio.open_unix_connection(folder / SOCKET)
    except OSError as error:
        raise NobodyListens from error
    try:
        writer.write(json.dumps({"action": action, "job": job_id}).encode() + b"\n")
        async with asyncio.timeout(ANSWER_SECONDS):
            answer = json.loads(await reader.readline())
    except (OSError, TimeoutError, ValueError) as error:
        raise Refusal("The bot did not answer; look at its log.") from error
    finally:
        writer.close()
    if "refused" in answer:
        raise Refusal(str(answer["refused"]))
    return str(answer["done"])


def _answering(
    actions: Mapping[str, Action],
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = json.loads(await reader.readline())
            said = {"done": await actions[asked["action"]](int(asked["job"]))}
        except MatineeError as error:
            said = {"refused": str(error)}
        except (ValueError, KeyError, TypeError, OSError) as error:
            log.warning("an operator's command was not understood", extra={"why": type(error).__name__})
            said = {"refused": "That command is not known to the running bot."}
        writer.write(json.dumps(said).encode() + b"\n")
        writer.close()

    return answer
