"""Connects the client to Discord and keeps it connected."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

import aiohttp
import discord
import yarl
from discord.gateway import ReconnectWebSocket, WebSocketClosure

from bot.discord.client import Client
from bot.discord.event_socket import EventSocket
from bot.discord.identify_budget import IdentifyBudget, session_starts
from bot.settings.settings import Settings, SettingsUnusable
from cogs.ui.discord_errors import translate_errors
from core.model.errors import DeliveryError
from core.ports import AlertChannel, Clock, KeyValueStore

log = logging.getLogger(__name__)

RECONNECT_SECONDS: Final = 5.0

MOST_CONNECTIONS: Final = 400
"""The most connections to Discord at once. Making one costs more than a request, so a burst waits."""

LOGIN_SECONDS: Final = 300.0
OPENING_SECONDS: Final = 60.0
STABLE_SECONDS: Final = 60.0
"""A connection that lasted this long is no part of a row of failures."""

LONGEST_PAUSE_SECONDS: Final = 60.0
MOST_RESUMES: Final = 5
"""After so many failed tries in a row to resume a session, a new one is started."""

READY_SECONDS: Final = 120.0
"""Discord says READY within seconds of an IDENTIFY, and a little later on a bad day."""

LOOK_AGAIN_SECONDS: Final = 600.0
"""While no session may be started, Discord is asked at least this often how many may be."""

_SESSION_OVER: Final = frozenset({4003, 4007, 4009})
"""Gateway close codes after which Discord wants a new session (Gateway Close Event Codes)."""

_CONTENT_REFUSED: Final = 4014
_REFUSED_FOR_GOOD: Final = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Gateway close codes after which connecting again is pointless (Gateway Close Event Codes)."""

_DEAF: Final = (
    "Discord refuses the text of messages: switch on MESSAGE CONTENT INTENT for this application (developer "
    "portal, Bot) and restart. Until then prompt channels hear only what mentions the bot."
)


async def log_in(client: Client, settings: Settings, clock: Clock, stop: asyncio.Event) -> bool:
    """Log in, as often as it takes; return False if the program is to stop first. Raise SettingsUnusable."""
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    while not stop.is_set():
        client.http.connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)  # the last one was closed
        try:
            async with translate_errors(LOGIN_SECONDS):
                await client.login(token)
        except discord.LoginFailure as error:
            raise SettingsUnusable(["DISCORD_TOKEN: Discord refuses it. Copy it anew."]) from error
        except DeliveryError as error:
            log.warning("Discord cannot be reached; trying again", extra={"why": str(error)})
            await client.http.close()
            await clock.wait(stop, RECONNECT_SECONDS)
        else:
            return True
    return False


async def stay_connected(
    client: Client, clock: Clock, stop: asyncio.Event, notes: KeyValueStore, alerts: AlertChannel
) -> Exception | None:
    """Hold the connection to Discord's gateway. Return the error that makes it pointless, if any."""
    budget = IdentifyBudget(notes, clock, alerts, lambda: session_starts(client))
    connection = Connection(client, clock, stop, budget)
    while not (stop.is_set() or client.is_closed()):
        problem = await _until_renewed(client, connection)
        if problem is None:
            continue
        if problem.code == _CONTENT_REFUSED and client.drop_message_content():
            log.warning(_DEAF)
            connection.session = None
            continue
        stop.set()
        return SettingsUnusable([f"DISCORD_TOKEN: Discord refuses the connection: {problem}."])
    return None


async def _until_renewed(client: Client, connection: Connection) -> discord.ConnectionClosed | None:
    """Stay connected until that ends, or until the client wants another session; return a final end."""
    async with asyncio.TaskGroup() as group:
        holding = group.create_task(_hold_until_end(connection))
        renewal = group.create_task(client.renewal.wait())
        _ = await asyncio.wait({holding, renewal}, return_when=asyncio.FIRST_COMPLETED)
        is_renewed = not holding.done()
        if is_renewed:
            log.info("connecting to Discord anew")
            await connection.leave()
        for task in (holding, renewal):
            task.cancel()
    client.renewal.clear()
    if is_renewed:
        connection.session = None
        return None
    return holding.result()


async def _hold_until_end(connection: Connection) -> discord.ConnectionClosed | None:
    """Return how the connection ended, as a value: a group would wrap what is raised."""
    try:
        await connection.hold()
    except discord.ConnectionClosed as error:
        return error
    return None


@dataclass(frozen=True, slots=True)
class Session:
    """What a RESUME needs to continue a session."""

    id: str
    sequence: int
    gateway: yarl.URL


class Connection:
    """Connects again and again, at once after a good connection, ever more slowly in a row of bad ones.

    discord.py's own `Client.connect` begins with an IDENTIFY, repeats lost connections without a pause and
    counts nothing. `session` is the one that the next connection resumes, if there is one.
    """

    def __init__(self, client: Client, clock: Clock, stop: asyncio.Event, budget: IdentifyBudget) -> None:
        self.session: Session | None = None
        self._client = client
        self._clock = clock
        self._stop = stop
        self._budget = budget
        self._failures = 0
        self._failed_resumes = 0
        client.note_identify = budget.count

    async def hold(self) -> None:
        """Stay connected until the client is closed. Raise ConnectionClosed where that is for good."""
        while not (self._client.is_closed() or self._stop.is_set()):
            began = self._clock.monotonic()
            try:
                await self._connect()
            except discord.ConnectionClosed as error:
                if self._client.is_closed():
                    return
                if error.code in _REFUSED_FOR_GOOD:
                    raise
                log.warning("Discord closed the connection", extra={"code": error.code})
            except ReconnectWebSocket:
                log.info("Discord asks for a new connection")
            except (aiohttp.ClientError, OSError, TimeoutError, WebSocketClosure) as error:
                log.warning("the connection to Discord is lost", extra={"why": type(error).__name__})
            except Exception:
                log.exception("the connection to Discord broke; connecting again")
            await self._pause(self._clock.monotonic() - began)

    async def _pause(self, lasted: float) -> None:
        self._failures = 0 if lasted >= STABLE_SECONDS else self._failures + 1
        if self._failures > 1:
            seconds = min(2.0 ** (self._failures - 2), LONGEST_PAUSE_SECONDS)
            await self._clock.wait(self._stop, seconds)

    async def _connect(self) -> None:
        """Open one connection and read from it until it ends."""
        if self.session is None and not await self._may_identify():
            return
        socket = await self._open()
        self._client.ws = socket
        try:
            async with asyncio.timeout(READY_SECONDS):
                while socket.session_id is None:
                    await socket.poll_event()
            while True:
                await socket.poll_event()
        except ReconnectWebSocket as again:
            self.session = self._session_to_resume(socket) if again.resume else None
            raise
        except BaseException:
            self.session = self._session_to_resume(socket)
            raise
        finally:
            await socket.close()

    def _session_to_resume(self, socket: EventSocket) -> Session | None:
        """Return the session to resume after this connection; None where the next starts another."""
        session = _session_of(socket)
        if session != self.session:
            self._failed_resumes = 0
        is_over = socket.socket.close_code in _SESSION_OVER or self._failed_resumes >= MOST_RESUMES
        return None if is_over else session

    async def leave(self) -> None:
        """End the session so that Discord knows that it will not be resumed."""
        await self._client.close_socket()

    async def _may_identify(self) -> bool:
        """Wait until an IDENTIFY may be sent; False if the program is to stop first."""
        while (seconds := await self._budget.wait_seconds()) > 0 and not self._stop.is_set():
            await self._clock.wait(self._stop, min(seconds, LOOK_AGAIN_SECONDS))
        return not self._stop.is_set()

    async def _open(self) -> EventSocket:
        """Open a socket and start or resume a session; after enough failures the session is given up."""
        session = self.session
        self._failed_resumes += 1
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                socket = await (self._begin_session() if session is None else self._resume_session(session))
        except BaseException:
            await EventSocket.close_newest()
            if self._failed_resumes >= MOST_RESUMES:
                self.session = None
            raise
        return socket

    async def _begin_session(self) -> EventSocket:
        return await EventSocket.from_client(self._client)

    async def _resume_session(self, session: Session) -> EventSocket:
        return await EventSocket.from_client(
            self._client,
            gateway=session.gateway,
            session=session.id,
            sequence=session.sequence,
            resume=True,
        )


def _session_of(socket: EventSocket) -> Session | None:
    if socket.session_id is None or socket.sequence is None:
        return None
    return Session(socket.session_id, socket.sequence, socket.gateway)
