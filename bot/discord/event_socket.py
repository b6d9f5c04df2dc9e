"""A socket to Discord's gateway that skips events which discord.py cannot parse."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar, Final, TypeGuard

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket, WebSocketClosure

log = logging.getLogger(__name__)

UNREADABLE: Final = "unreadable_event"
"""Called for an event that was skipped, with its name and its data."""

MOST_KINDS: Final = 256
_LONGEST_NAME: Final = 64
_DISPATCH: Final = 0
_BROKEN: Final = (
    ReconnectWebSocket,
    WebSocketClosure,
    discord.ConnectionClosed,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)
"""Errors which mean that the connection has ended, rather than that an event could not be read."""


class EventSocket(DiscordWebSocket):
    """discord.py's own socket, but for one method.

    What a parser of discord.py 2.7 raises leaves `received_message`, `poll_event` and `Client.connect`: the
    connection is gone with it, and what came meanwhile is lost. This method is the smallest seam that has a
    type: it reads a frame, notes its number and calls the parser. The parsers themselves are entries of an
    untyped dictionary that is filled when a client is made, and the frame around an event would stay
    unguarded. An event that discord.py half understood leaves its cache half changed; nothing in this
    program relies on that cache.
    """

    _newest: ClassVar[EventSocket | None] = None

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, *, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(socket, loop=loop)
        EventSocket._newest = self

    @classmethod
    async def close_newest(cls) -> None:
        """Close the socket that `from_client` opened before it failed: no other code has it."""
        if cls._newest is not None:
            await cls._newest.close()

    async def received_message(self, msg: Any, /) -> None:  # noqa: ANN401 - discord.py's signature
        text = self._decompressor.decompress(msg) if isinstance(msg, bytes) else msg
        if text is None:
            return
        number, user = self.sequence, self._connection.user
        try:
            await super().received_message(text)
        except _BROKEN:
            raise
        except Exception as error:
            frame = _read(text)
            if frame is not None and frame.get("op") != _DISPATCH:
                raise  # the error is about the connection, which cannot go on then
            skipped.note(frame, error)
            self._go_on(frame or {}, user)
        if not (self.sequence is None or type(self.sequence) is int):
            self.sequence = number

    def _go_on(self, frame: dict[str, Any], user: discord.ClientUser | None) -> None:
        """Do what is needed after an event that was skipped."""
        event, data = frame.get("t"), frame.get("d")
        if event == "READY" and user is not None:
            self._be_ready(user)
        if isinstance(event, str):
            self._dispatch(UNREADABLE, event, data)

    def _be_ready(self, user: discord.ClientUser) -> None:
        """Start a session without READY's account of us and of the servers, which come by themselves."""
        if not isinstance(self.session_id, str):
            raise WebSocketClosure
        known = {"id": str(user.id), "username": user.name, "discriminator": "0", "avatar": None, "bot": True}
        self._discord_parsers["READY"]({"user": known, "guilds": []})


def _read(text: str) -> dict[str, Any] | None:
    """Return the frame if it is an object."""
    try:
        frame: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return frame if _is_object(frame) else None


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


class Skipped:
    """Logs once for each kind of event that it was skipped, and why, without its content."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, frame: dict[str, Any] | None, error: Exception) -> None:
        kind = (str((frame or {}).get("t"))[:_LONGEST_NAME], type(error).__name__)
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            return
        self._counts[kind] += 1
        if self._counts[kind] == 1:
            log.warning(
                "an event of Discord's could not be read and was skipped",
                extra={"event": kind[0], "why": kind[1], "where": _where(error)},
            )


skipped: Final = Skipped()
"""One for the process: a new connection repeats what the last one logged."""


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
