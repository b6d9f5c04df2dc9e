"""Gateway sessions: which events each connection of the bot gets, and which it missed while disconnected."""

import asyncio
import copy
import itertools
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import discord
from simcord import intents as rules
from simcord.backend import serializers
from simcord.backend.access import channel_accessible

from sandbox.discord.world import World

_KEPT_EVENTS = 1000
_GUILD_EVENTS = {"GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE"}
_CHANNEL_EVENTS = ("MESSAGE_", "TYPING_", "CHANNEL_PINS_")

Frame = dict[str, Any]


def intents_of(value: int) -> discord.Intents:
    intents = discord.Intents.none()
    intents.value = value
    return intents


@dataclass
class SessionStarts:
    """How many sessions the bot may still start: `session_start_limit`, counted down by each start."""

    total: int = 1000
    remaining: int = 1000
    reset_after: timedelta = timedelta(days=1)
    max_concurrency: int = 16

    def shown(self) -> dict[str, int]:
        milliseconds = int(self.reset_after.total_seconds() * 1000)
        return {
            "total": self.total,
            "remaining": self.remaining,
            "reset_after": milliseconds,
            "max_concurrency": self.max_concurrency,
        }


@dataclass
class Session:
    """One IDENTIFY. It outlives its socket: `outbox` is None while no socket is attached."""

    id: str
    intents: discord.Intents
    shard: int
    shard_count: int
    outbox: asyncio.Queue[Frame] | None
    log: deque[Frame] = field(default_factory=lambda: deque[Frame](maxlen=_KEPT_EVENTS))
    sequence: int = 0

    def push(self, event: str, payload: Any) -> None:  # noqa: ANN401  JSON
        self.sequence += 1
        frame = {"op": 0, "t": event, "s": self.sequence, "d": payload}
        self.log.append(frame)
        if self.outbox is not None:
            self.outbox.put_nowait(frame)

    def resume(self, outbox: asyncio.Queue[Frame], seen: int) -> None:
        """Attach a new socket and send again what came after `seen`."""
        self.outbox = outbox
        for frame in itertools.dropwhile(lambda kept: kept["s"] <= seen, tuple(self.log)):
            outbox.put_nowait(frame)
        self.push("RESUMED", {})

    def receives(self, event: str, payload: dict[str, Any]) -> bool:
        guild_id = payload.get("id" if event in _GUILD_EVENTS else "guild_id")
        shard = (int(guild_id) >> 22) % self.shard_count if guild_id else 0
        intent = rules.required_intent(event, payload)
        return shard == self.shard and (intent is None or getattr(self.intents, intent) is True)


class Sessions:
    """All sessions of the bot. `identified` counts how often one was opened."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, Session] = {}
        self.identified = 0
        self.greets = True
        """Whether an IDENTIFY is answered at all."""
        self.starts = SessionStarts()
        self.ready_changes: dict[str, Any] = {}
        world.listeners.append(self.publish)

    @property
    def connected(self) -> bool:
        return any(session.outbox is not None for session in self._kept.values())

    @property
    def intents(self) -> int:
        """The intents of the latest session; 0 where there is none."""
        latest = next(reversed(self._kept.values()), None)
        return 0 if latest is None else latest.intents.value

    def open(self, data: dict[str, Any], outbox: asyncio.Queue[Frame], resume_url: str) -> Session:
        shard, count = data.get("shard") or (0, 1)
        self._forget_left(shard)
        intents = intents_of(int(data["intents"]))
        session = Session(secrets.token_hex(16), intents, shard, count, outbox)
        self._kept[session.id] = session
        if self.greets:
            self._greet(session, resume_url)
        self.identified += 1
        self.starts.remaining -= 1
        self._world.changes.ring()
        return session

    def _greet(self, session: Session, resume_url: str) -> None:
        session.push("READY", {**self._ready(session, resume_url), **self.ready_changes})
        for guild in self._guilds(session):
            created = self._world.shown(serializers.guild_create_payload(self._world, guild))
            if session.receives("GUILD_CREATE", created):
                self._push(session, "GUILD_CREATE", created)

    def resumable(self, data: dict[str, Any]) -> Session | None:
        """The session that this RESUME names, if everything it missed is still known."""
        session = self._kept.get(str(data.get("session_id")))
        if session is None or session.log[0]["s"] > int(data["seq"]) + 1:
            return None
        return session

    def leave(self, session: Session, outbox: asyncio.Queue[Frame]) -> None:
        """The socket is gone; the session stays for a RESUME."""
        if session.outbox is outbox:
            session.outbox = None
        self._world.changes.ring()

    def forget_all(self) -> None:
        """Make every RESUME fail: the bot has to identify again."""
        self._kept.clear()

    def push(self, event: str, payload: Any) -> None:  # noqa: ANN401  JSON
        """Send an event to every session as it is, whatever its form and whatever the session's intents."""
        for session in self._kept.values():
            session.push(event, payload)

    def publish(self, event: str, payload: dict[str, Any]) -> None:
        if not self._bot_sees(event, payload):
            return
        for session in tuple(self._kept.values()):
            if session.receives(event, payload):
                self._push(session, event, payload)

    def _push(self, session: Session, event: str, payload: dict[str, Any]) -> None:
        own = copy.deepcopy(payload)
        if event == "GUILD_CREATE":
            rules.prune_guild_create(own, session.intents, self._world.bot_user.id)
        if not session.intents.message_content:
            self._censor(event, own)
        session.push(event, own)

    def _censor(self, event: str, payload: dict[str, Any]) -> None:
        """Take out what a bot without the message content intent may not read."""
        bot = self._world.bot_user.id
        if event in {"MESSAGE_CREATE", "MESSAGE_UPDATE"}:
            rules.censor_message(payload, bot, backend=self._world)

    def _bot_sees(self, event: str, payload: dict[str, Any]) -> bool:
        if not event.startswith(_CHANNEL_EVENTS):
            return True
        return channel_accessible(self._world, int(payload["channel_id"]), self._world.bot_user.id)

    def _forget_left(self, shard: int) -> None:
        left = [key for key, kept in self._kept.items() if kept.outbox is None and kept.shard == shard]
        for key in left:
            del self._kept[key]

    def _guilds(self, session: Session) -> list[Any]:
        known = self._world.guilds.values()
        return [guild for guild in known if (guild.id >> 22) % session.shard_count == session.shard]

    def _ready(self, session: Session, resume_url: str) -> dict[str, Any]:
        return {
            "v": 10,
            "user": dict(serializers.user_payload(self._world.bot_user)),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in self._guilds(session)],
            "session_id": session.id,
            "resume_gateway_url": resume_url,
            "application": {"id": str(self._world.application_id), "flags": 0},
            "shard": [session.shard, session.shard_count],
        }
