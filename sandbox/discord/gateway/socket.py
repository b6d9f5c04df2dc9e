"""Gateway v10 over WebSocket: hello, identify, resume, heartbeat, member requests."""

import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Any

from aiohttp import WSMessage, WSMsgType, web
from simcord.backend import serializers

from sandbox.discord.gateway.sessions import Frame, Session, Sessions
from sandbox.discord.world import World

_PRIVILEGED_CONTENT = 1 << 15
_PARTING_SECONDS = 0.2
_DISTANCE_SECONDS = 0.05
"""Until a heartbeat is answered: an answer before its sender has looked at the clock seems late."""


class Gateway:
    """Accepts the bot's sockets. `message_content` says whether the portal grants that intent."""

    def __init__(self, world: World, sessions: Sessions, *, token: str, heartbeat: timedelta) -> None:
        self.url = ""
        self.resumed = 0
        self.ends_resumes: int | None = None
        """The close code with which each RESUME is answered; None while they are welcome."""
        self._world = world
        self._sessions = sessions
        self._token = token
        self._heartbeat = heartbeat
        self._open: set[Connection] = set()

    async def handle(self, incoming: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=_PARTING_SECONDS, max_msg_size=0)
        await socket.prepare(incoming)
        connection = Connection(self, socket, incoming)
        self._open.add(connection)
        try:
            await connection.run(self._heartbeat)
        finally:
            self._open.discard(connection)
            connection.leave()
            self._world.changes.ring()
        return socket

    async def drop(self) -> None:
        """Reset every socket without a close frame, and return once they are gone."""
        for connection in tuple(self._open):
            connection.abort()
        while self._open:
            await self._world.changes.next()

    async def close(self) -> None:
        for connection in tuple(self._open):
            await connection.socket.close(code=1001)

    def invalidate(self, *, resumable: bool) -> None:
        """Send op 9: the bot shall resume its session, or start a new one."""
        for connection in tuple(self._open):
            connection.outbox.put_nowait({"op": 9, "d": resumable})

    def send(self, frame: Any) -> None:  # noqa: ANN401  whatever a test wants the bot to read
        """Send a frame that belongs to no session; text is sent as it is, not made into JSON."""
        for connection in tuple(self._open):
            connection.outbox.put_nowait(frame)

    def ask_to_reconnect(self) -> None:
        """Send op 7: the bot closes its connection and resumes."""
        for connection in tuple(self._open):
            connection.outbox.put_nowait({"op": 7, "d": None})

    def identify(self, data: dict[str, Any], outbox: asyncio.Queue[Frame]) -> Session | int:
        """A new session, or the close code that refuses it."""
        if data.get("token") != self._token or self._sessions.starts.remaining <= 0:
            return 4004  # Discord resets the token of a bot that starts too many sessions
        if int(data["intents"]) & _PRIVILEGED_CONTENT and not self._world.message_content:
            return 4014
        return self._sessions.open(data, outbox, self.url)

    def resume(self, data: dict[str, Any], outbox: asyncio.Queue[Frame]) -> Session | None:
        session = self._sessions.resumable(data)
        if session is not None and data.get("token") == self._token:
            session.resume(outbox, int(data["seq"]))
            self.resumed += 1
            self._world.changes.ring()
            return session
        return None

    def leave(self, session: Session, outbox: asyncio.Queue[Frame]) -> None:
        self._sessions.leave(session, outbox)

    def members(self, data: dict[str, Any]) -> Frame:
        """The one chunk that answers a request for members: the server is small."""
        guild = self._world.get_guild(int(data["guild_id"]))
        wanted = {int(user) for user in data.get("user_ids") or guild.members}
        query = str(data.get("query") or "").lower()
        found = [
            serializers.member_payload(self._world, guild, member)
            for member in guild.members.values()
            if member.user_id in wanted and self._world.users[member.user_id].name.startswith(query)
        ]
        chunk = {"guild_id": str(guild.id), "members": found, "chunk_index": 0, "chunk_count": 1}
        return chunk | ({"nonce": data["nonce"]} if "nonce" in data else {})


class Connection:
    """One socket: a reader that answers and a writer that empties the outbox."""

    def __init__(self, gateway: Gateway, socket: web.WebSocketResponse, incoming: web.Request) -> None:
        self.socket = socket
        self.outbox: asyncio.Queue[Any] = asyncio.Queue()
        self._gateway = gateway
        self._transport = incoming.transport
        self._session: Session | None = None

    async def run(self, heartbeat: timedelta) -> None:
        milliseconds = int(heartbeat.total_seconds() * 1000)
        self.outbox.put_nowait({"op": 10, "d": {"heartbeat_interval": milliseconds}})
        async with asyncio.TaskGroup() as tasks:
            writer = tasks.create_task(self._write())
            async for message in self.socket:
                await self._read(message)
            writer.cancel()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def leave(self) -> None:
        if self._session is not None:
            self._gateway.leave(self._session, self.outbox)

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                frame = await self.outbox.get()
                await self.socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def _read(self, message: WSMessage) -> None:
        if message.type is not WSMsgType.TEXT:
            return
        frame = json.loads(message.data)
        match frame["op"]:
            case 1:
                await asyncio.sleep(_DISTANCE_SECONDS)
                self.outbox.put_nowait({"op": 11})
            case 2:
                await self._identify(frame["d"])
            case 6 if self._gateway.ends_resumes is not None:
                await self.socket.close(code=self._gateway.ends_resumes)
            case 6:
                self._resume(frame["d"])
            case 8 if self._session is not None:
                self._session.push("GUILD_MEMBERS_CHUNK", self._gateway.members(frame["d"]))
            case _:
                pass

    async def _identify(self, data: dict[str, Any]) -> None:
        opened = self._gateway.identify(data, self.outbox)
        if isinstance(opened, int):
            await self.socket.close(code=opened)
        else:
            self._session = opened

    def _resume(self, data: dict[str, Any]) -> None:
        self._session = self._gateway.resume(data, self.outbox)
        if self._session is None:
            self.outbox.put_nowait({"op": 9, "d": False})
