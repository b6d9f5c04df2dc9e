"""Channels in which every message is a prompt: what is stored of each, and what counts as a prompt there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from core.model.order_ids import copy_id, own_id
from core.ports import KeyValueStore
from core.ports.json_notes import DAMAGE, of_fields, recall, set_aside
from core.primitives.bounded import BoundedDict

KEPT: Final = "prompt_channels"
REMEMBERED: Final = 4096
_ASIDE: Final = re.compile(r"//.*|\(.*\)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptChannel:
    """`role_id` says who may prompt there, None for every member. Defaults stand with the preferences."""

    channel_id: int
    guild_id: int
    role_id: int | None = None
    cooldown_seconds: int = 0
    has_threads: bool = False


class PromptChannels:
    """Stores the prompt channels in the program's notes, and all of them in memory: they are read often."""

    def __init__(self, notes: KeyValueStore, known: Sequence[PromptChannel] = ()) -> None:
        self._notes = notes
        self._known = {channel.channel_id: channel for channel in known}

    def __bool__(self) -> bool:
        return bool(self._known)

    def of(self, channel_id: int) -> PromptChannel | None:
        return self._known.get(channel_id)

    def within(self, guild_id: int) -> list[PromptChannel]:
        """The prompt channels of a server."""
        return [channel for channel in self._known.values() if channel.guild_id == guild_id]

    async def keep(self, channel: PromptChannel) -> None:
        """Make a channel a prompt channel, or change one."""
        await self._write({**self._known, channel.channel_id: channel})

    async def drop(self, channel_id: int) -> bool:
        """Make a prompt channel an ordinary one again; False where it was none."""
        rest = {known: channel for known, channel in self._known.items() if known != channel_id}
        if len(rest) == len(self._known):
            return False
        await self._write(rest)
        return True

    async def _write(self, channels: dict[int, PromptChannel]) -> None:
        await self._notes.remember(KEPT, _to_json(channels.values()))
        self._known = channels


async def read_prompt_channels(notes: KeyValueStore) -> PromptChannels:
    """Read what was stored. Names that this version does not know are left out, as is a damaged channel."""
    rows = await recall(notes, KEPT, list[Any]) or []
    known: list[PromptChannel] = []
    problem: Exception | None = None
    for row in rows:
        try:
            known.append(of_fields(PromptChannel, row))
        except DAMAGE as error:
            problem = error
    if problem is not None:
        await set_aside(notes, KEPT, json.dumps(rows), problem, _to_json(known))
    return PromptChannels(notes, known)


def _to_json(channels: Iterable[PromptChannel]) -> str:
    return json.dumps([asdict(channel) for channel in channels])


def is_talk(text: str) -> bool:
    """Whether a message is meant for people: `// nice one`, or the whole of it in parentheses."""
    return _ASIDE.fullmatch(text.strip()) is not None


def without_mention(text: str, member_id: int) -> str:
    """Take a mention off the beginning or the end of a message: it is no part of the prompt."""
    called = rf"<@!?{member_id}>"
    return re.sub(rf"^\s*{called}\s*|\s*{called}\s*$", "", text)


def order_id(message_id: int, ordinal: int = 0, edited_ms: int | None = None) -> int:
    """Number the jobs of a prompt: the same event always gives the same numbers, other events others.

    The first one's is the message's, all others are ours. `edited_ms` is when the message was edited, in
    milliseconds of Discord's own count.
    """
    if edited_ms is None:
        return copy_id(message_id, ordinal)
    return own_id(edited_ms, f"{message_id}/{edited_ms}/{ordinal}")


class ContentAccess(StrEnum):
    """Whether Discord sends us the text of messages that do not call the bot."""

    NOT_ASKED = "not_asked"
    GRANTED = "granted"
    REFUSED = "refused"


class Cooldowns:
    """How long each member waits in each channel between two prompts."""

    def __init__(self) -> None:
        self._last: BoundedDict[tuple[int, int], float] = BoundedDict(REMEMBERED)

    def take(self, channel_id: int, member_id: int, seconds: float, now: float) -> float:
        """Begin a member's wait and return 0, or return how many seconds they have still to wait."""
        key = (channel_id, member_id)
        left = self._last.get(key, now - seconds) + seconds - now
        if left > 0:
            return left
        self._last[key] = now
        return 0

    def give_back(self, channel_id: int, member_id: int) -> None:
        """Let a member go on at once: their prompt made no job."""
        self._last.pop((channel_id, member_id), None)
