"""What members, channels and servers want by default."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final

from core.ports import KeyValueStore
from core.ports.json_notes import forget, of_fields, recall

REMEMBERED: Final = 4096
_BEGINNING: Final = "preferences/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """None means: not set. `is_private` sends results by direct message, `wants_ping` asks for a notice."""

    model: str | None = None
    duration_seconds: int | None = None
    aspect_ratio: str | None = None
    mode: str | None = None
    audio: bool | None = None
    is_private: bool | None = None
    wants_ping: bool | None = None

    def over(self, other: Preferences) -> Preferences:
        """Use these values, and the other's where these are None."""
        if self is NONE or other is NONE:
            return other if self is NONE else self
        mine = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(other, **{name: value for name, value in mine.items() if value is not None})


NONE: Final = Preferences()
"""The defaults of the program."""


class PreferenceScope(StrEnum):
    MEMBER = "member"
    CHANNEL = "channel"
    SERVER = "server"


class PreferenceStore:
    """Stores preferences in the program's notes, and those that were used lately in memory."""

    def __init__(self, notes: KeyValueStore) -> None:
        self._notes = notes
        self._known: dict[str, Preferences] = {}
        self._noted: set[str] | None = None

    async def look_through(self) -> None:
        """Find out which owners have preferences at all: from then on, no other is looked up."""
        self._noted = set(await self._notes.keys(_BEGINNING))

    async def of(self, whose: PreferenceScope, owner_id: int) -> Preferences:
        key = _key(whose, owner_id)
        if self._noted is not None and key not in self._noted:
            return NONE
        if key not in self._known:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[key] = await recall(self._notes, key, _read) or NONE
        return self._known[key]

    async def change(self, whose: PreferenceScope, owner_id: int, preferences: Preferences) -> None:
        """Replace this owner's preferences."""
        values = {name: value for name, value in asdict(preferences).items() if value is not None}
        key = _key(whose, owner_id)
        await self._notes.remember(key, json.dumps(values))
        self._known[key] = preferences
        if self._noted is not None:
            self._noted.add(key)

    async def forget(self, whose: PreferenceScope, owner_id: int) -> None:
        """Remove this owner's preferences, also the fact that there were some."""
        key = _key(whose, owner_id)
        await forget(self._notes, key)
        self._known.pop(key, None)
        if self._noted is not None:
            self._noted.discard(key)

    async def here(self, member_id: int, channel_id: int, guild_id: int | None) -> Preferences:
        """Return the preferences of a member in a place: theirs, over the channel's, over the server's."""
        member = await self.of(PreferenceScope.MEMBER, member_id)
        channel = await self.of(PreferenceScope.CHANNEL, channel_id)
        server = NONE if guild_id is None else await self.of(PreferenceScope.SERVER, guild_id)
        return member.over(channel.over(server))


def _key(whose: PreferenceScope, owner_id: int) -> str:
    return f"{_BEGINNING}{whose}/{owner_id}"


def _read(values: dict[str, Any]) -> Preferences:
    """Read what an earlier version wrote, too: unknown names are left out."""
    return of_fields(Preferences, values)
