"""Discord's channels as the real courier and board reach them: messages, edits, nonces, history."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import discord
from discord.components import _component_factory  # pyright: ignore[reportPrivateUsage] - the reader of answers

from cogs.ui.components import Layout
from core.model.job import file_name
from tests.cogs.drawn import refused, words
from tests.proof.harness.failpoints import ENDS, Failpoints, Fault

BOT_ID: Final = 77
CHANNEL: Final = 7
DIRECT: Final = 100_000
"""A member's direct-message channel has this number plus the member's id."""

CARDS: Final = 500
"""The card of a job has this number and the job's together."""

_ENDS: Final = ("No video", "Not confirmed", "Cancelled", "not delivered")
_FREE: Final = "Nothing was charged"
REMOVED: Final = Fault("a moderator removes the message")

_DELAYED: Final = Fault("fails", lambda: ConnectionResetError("reset"))
_UNHEARD: Final = Fault("arrives, unheard", lambda: refused(503, 0), has_effect=True)
FORBIDDEN: Final = Fault("is forbidden", lambda: refused(403, 50001))
_FORBIDDEN_LATE: Final = Fault(
    "arrives, unheard; repeated, is forbidden",
    lambda: refused(403, 50001),
    has_effect=True,
)
_TOO_LARGE: Final = Fault("is too large", lambda: refused(413, 40005))

CARD_EDIT: Final = (_DELAYED, _UNHEARD)
EDIT: Final = (_DELAYED, _UNHEARD, FORBIDDEN, REMOVED, *ENDS)
UPLOAD: Final = (*EDIT, _TOO_LARGE, _FORBIDDEN_LATE)
POST: Final = (_DELAYED, _UNHEARD, FORBIDDEN, _FORBIDDEN_LATE, *ENDS)
HISTORY: Final = (_DELAYED,)


@dataclass(slots=True)
class Message:
    """`view` is what it shows if it is a card; `text` is drawn when it is read. `files` by name."""

    id: int
    channel_id: int
    nonce: str = ""
    view: Layout | None = None
    content: str = ""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    answers: int | None = None

    @property
    def text(self) -> str:
        return self.content if self.view is None else words(self.view)

    @property
    def components(self) -> list[discord.Component | None]:
        """What it shows, as discord.py reads it from Discord's answer."""
        sent: list[Any] = [item.to_component_dict() for item in self.view.children] if self.view else []
        return [_component_factory(part) for part in sent]


@dataclass(slots=True)
class Town:
    """Every message there is; it outlives the program. Discord forgets nonces after some minutes."""

    messages: dict[int, Message] = field(default_factory=dict[int, Message])
    nonces: dict[str, int] = field(default_factory=dict[str, int])
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1_000_000))
    _of_job: defaultdict[int, list[Message]] = field(default_factory=lambda: defaultdict(list))
    _in_channel: defaultdict[int, list[Message]] = field(default_factory=lambda: defaultdict(list))

    def has_card(self, job_id: int, channel_id: int = CHANNEL) -> Message:
        """The message that answers the command, put up where it is not there yet."""
        if CARDS + job_id not in self.messages:
            self._put(job_id, Message(CARDS + job_id, channel_id))
        return self.messages[CARDS + job_id]

    def post(self, message: Message) -> Message:
        """Post, unless a message with this nonce was posted lately. A nonce begins with the job's id."""
        known = self.nonces.get(message.nonce)
        if known is not None:
            return self.find(known)
        self.nonces[message.nonce] = message.id
        self._put(int(message.nonce.partition("-")[0]), message)
        return message

    def find(self, message_id: int) -> Message:
        if message_id not in self.messages:
            raise refused(404, 10008)
        return self.messages[message_id]

    def newest(self, channel_id: int, after: int, limit: int) -> list[Message]:
        """The latest messages of a channel, the newest first."""
        later = (message for message in self._in_channel[channel_id] if message.id > after)
        found = [message for message in later if message.id in self.messages]
        return sorted(found, key=lambda message: message.id, reverse=True)[:limit]

    def videos(self, job_id: int) -> list[Message]:
        """The messages with the video of a job."""
        return [message for message in self._about(job_id) if file_name(job_id) in message.files]

    def says_the_end(self, job_id: int) -> bool:
        """Whether a card of the job says that there is no video, or that the outcome is unknown."""
        return any(words in card for card in self._cards(job_id) for words in _ENDS)

    def says_nothing_charged(self, job_id: int) -> bool:
        """Whether a card of the job says that it cost nothing."""
        return any(_FREE in card for card in self._cards(job_id))

    def _cards(self, job_id: int) -> list[str]:
        nonces = {"", f"{job_id}-c", f"{job_id}-d"}
        return [message.text for message in self._about(job_id) if message.nonce in nonces]

    def pings(self, job_id: int) -> int:
        """How often the requester was notified of the video."""
        return sum(message.nonce == f"{job_id}-n" for message in self._about(job_id))

    def _put(self, job_id: int, message: Message) -> None:
        self.messages[message.id] = message
        self._of_job[job_id].append(message)
        self._in_channel[message.channel_id].append(message)

    def _about(self, job_id: int) -> list[Message]:
        return [message for message in self._of_job[job_id] if message.id in self.messages]


class ChannelsDoor:
    """The part of discord.py's client that the courier uses."""

    def __init__(self, town: Town, points: Failpoints) -> None:
        self._town = town
        self._points = points

    def get_partial_messageable(self, id: int, /) -> discord.PartialMessageable:  # noqa: A002 - discord.py's name
        stand_in: Any = Channel(id, self._town, self._points)
        channel: discord.PartialMessageable = stand_in
        return channel

    async def create_dm(self, user: discord.abc.Snowflake, /) -> discord.DMChannel:
        stand_in: Any = Channel(DIRECT + user.id, self._town, self._points)
        channel: discord.DMChannel = stand_in
        return channel

    async def fetch_channel(self, channel_id: int, /) -> discord.Thread:
        del channel_id
        raise refused(404, 10003)


@dataclass(frozen=True, slots=True)
class Channel:
    id: int
    town: Town
    points: Failpoints

    def get_partial_message(self, message_id: int) -> PartialMessage:
        return PartialMessage(message_id, self, self.town, self.points)

    async def send(self, content: str = "", *, nonce: str, **parts: Any) -> SimpleNamespace:  # noqa: ANN401 - discord.py's own parts
        reference: discord.MessageReference | None = parts.get("reference")
        files = _sent(parts.get("files"))

        async def effect() -> Message:
            number, view = next(self.town.numbers), parts.get("view")
            answers = reference.message_id if reference else None
            return self.town.post(Message(number, self.id, nonce, view, content, files, answers))

        posted = await self.points.at("post", effect, POST)
        return SimpleNamespace(id=posted.id)

    async def history(
        self, *, after: discord.Object, limit: int, **_: object
    ) -> AsyncIterator[SimpleNamespace]:
        async def effect() -> list[Message]:
            return self.town.newest(self.id, after.id, limit)

        for message in await self.points.at("history", effect, HISTORY):
            yield _read(message)


@dataclass(frozen=True, slots=True)
class PartialMessage:
    id: int
    channel: Channel
    town: Town
    points: Failpoints

    async def fetch(self) -> SimpleNamespace:
        async def effect() -> Message:
            return self.town.find(self.id)

        return _read(await self.points.at("look at card", effect, HISTORY))

    async def edit(
        self, *, view: Layout, attachments: list[discord.File] | None = None, **_: object
    ) -> PartialMessage:
        """Change a message. Only a card under way is edited without a word about its files."""
        files = _sent(attachments)

        async def effect() -> None:
            if self.points.passed[-1].fault is REMOVED:
                self.town.messages.pop(self.id, None)
            message = self.town.find(self.id)
            message.view = view
            message.files = message.files if attachments is None else files

        if attachments is None:
            await self.points.at("card", effect, CARD_EDIT)
        else:
            await self.points.at(*(("upload", effect, UPLOAD) if files else ("edit", effect, EDIT)))
        return self


def _read(message: Message) -> SimpleNamespace:
    """What discord.py makes of a message."""
    return SimpleNamespace(
        id=message.id,
        author=SimpleNamespace(id=BOT_ID),
        attachments=[SimpleNamespace(filename=name) for name in message.files],
        components=message.components,
        reference=message.answers and SimpleNamespace(message_id=message.answers),
    )


def _sent(files: list[discord.File] | None) -> dict[str, bytes]:
    """What is in files, which are closed as discord.py does it when it has sent them."""
    found: dict[str, bytes] = {}
    for file in files or ():
        assert not isinstance(file.fp, str | Path)
        found[file.filename] = file.fp.read()
        assert found[file.filename], "there is something to upload"
        file.close()
    return found
