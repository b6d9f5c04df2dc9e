"""Builds interactions as Discord sends them, and follows what the bot answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simcord.backend import serializers
from simcord.backend.models import Interaction, Message
from simcord.enums import InteractionType
from simcord.interactions import base_payload

from sandbox.discord.world import World


@dataclass(frozen=True)
class Place:
    """The member who acts, and the channel."""

    user_id: int
    channel_id: int


def send(
    world: World,
    place: Place,
    kind: InteractionType,
    data: dict[str, Any],
    *,
    size_limit: int,
    source: Message | None = None,
) -> Interaction:
    """Send one interaction to the bot and return its record, in which the answer will appear."""
    guild_id = world.get_channel(place.channel_id).guild_id
    record, payload = base_payload(
        world,
        type=kind,
        channel_id=place.channel_id,
        guild_id=guild_id,
        user_id=place.user_id,
        data=data,
    )
    payload |= _installation(world, place.user_id, guild_id)
    payload |= {"attachment_size_limit": size_limit, "locale": world.locales.get(place.user_id, "en-US")}
    if guild_id is not None:
        payload |= _guild(world, guild_id, place)
    if source is not None:
        record.source_message_id = source.id
        payload["message"] = serializers.message_payload(world, source)
    world.emit("INTERACTION_CREATE", payload)
    return record


def _installation(world: World, user_id: int, guild_id: int | None) -> dict[str, Any]:
    """Which installation allows this: the server's or the user's, or in a DM the bot's own."""
    if guild_id is not None and world.bot_user.id not in world.get_guild(guild_id).members:
        return {"authorizing_integration_owners": {"1": str(user_id)}, "context": 0}
    if guild_id is not None:
        return {"authorizing_integration_owners": {"0": str(guild_id)}, "context": 0}
    in_a_server = any(user_id in guild.members for guild in world.guilds.values())
    owners = {"0": "0"} if in_a_server else {"1": str(user_id)}
    return {"authorizing_integration_owners": owners, "context": 1, "app_permissions": _DM_PERMISSIONS}


_DM_PERMISSIONS = str((1 << 15) | (1 << 14) | (1 << 17))
"""In a DM: attach files, embed links, mention everyone."""


def _guild(world: World, guild_id: int, place: Place) -> dict[str, Any]:
    locale = world.get_guild(guild_id).preferred_locale
    channel = dict(serializers.channel_payload(world, world.get_channel(place.channel_id)))
    permissions = world.compute_permissions(guild_id, place.user_id, place.channel_id)
    return {
        "guild": {"id": str(guild_id), "locale": locale, "features": []},
        "guild_locale": locale,
        "channel": channel | {"permissions": str(permissions)},
    }


@dataclass(frozen=True)
class Call:
    """One interaction that a member started."""

    world: World
    record: Interaction
    explain: Callable[[], str]

    @property
    def interaction_id(self) -> int:
        return self.record.id

    @property
    def token(self) -> str:
        return self.record.token

    async def answered(self, timeout: float = 5) -> dict[str, Any]:  # noqa: ASYNC109  a test says how long it waits
        """The callback that the bot sent: `type` and `data`."""
        return await self.world.changes.until(
            lambda: self.world.callbacks.get(self.record.id), timeout=timeout, explain=self.explain
        )

    def modal(self) -> dict[str, Any] | None:
        return self.record.modal

    def response(self) -> dict[str, Any] | None:
        """The @original message as this member sees it; None before it exists and after its deletion."""
        if self.record.message_id is None:
            return None
        return self._message(self.record.message_id)

    def followups(self) -> list[dict[str, Any]]:
        shown = (self._message(message_id) for message_id in self.record.followup_ids)
        return [message for message in shown if message is not None]

    def _message(self, message_id: int) -> dict[str, Any] | None:
        kept = self.world.messages.get(self.record.channel_id, {}).get(message_id)
        return None if kept is None else self.world.message_json(kept, self.record.user_id)
