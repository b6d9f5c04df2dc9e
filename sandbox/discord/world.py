"""The state of the local Discord: simcord's rules, real time, and what simcord lacks."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import discord
from simcord._clock import Clock
from simcord.backend import Backend, serializers
from simcord.backend.access import channel_accessible
from simcord.backend.cdn import CdnStore
from simcord.backend.models import Interaction, Message, Overwrite
from simcord.enums import ChannelType, OverwriteType

from sandbox.discord.attachments import Attachments
from sandbox.discord.changes import Changes
from sandbox.discord.json_parts import is_array, is_object

BOT_PERMISSIONS = 274878024768
"""View, send, send in threads, embed, attach, read history, add reactions: what the bot is installed with."""

MESSAGE_CONTENT_LIMITED = 1 << 19
"""The application's flag for an intent that was switched on at its Bot page (Application Flags)."""


class WallClock(Clock):
    """Real time, since real clients measure it."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.elapsed)


class World(Backend):
    """Everything that exists on the local Discord. Every change rings `changes`."""

    def __init__(
        self,
        attachments: Attachments,
        changes: Changes,
        *,
        token_lifetime: timedelta,
        answer_within: timedelta,
        message_content: bool,
    ) -> None:
        super().__init__(clock=WallClock())
        self.changes = changes
        self.cdn: CdnStore = attachments
        self.token_lifetime = token_lifetime
        self.answer_within = answer_within
        self.message_content = message_content
        self.bot_user.name = "Matinee"
        self.application_id = self.bot_user.id
        self.age_restricted: set[int] = set()
        self.closed_dms: set[int] = set()
        self.locales: dict[int, str] = {}
        self.callbacks: dict[int, dict[str, Any]] = {}
        self.nonce_in_flight: str | None = None
        self.recent_events: deque[str] = deque(maxlen=20)
        self.listeners: list[Callable[[str, dict[str, Any]], None]] = []

    @property
    def attachments(self) -> Attachments:
        return cast("Attachments", self.cdn)

    def unanswered(self) -> list[str]:
        """Interactions that have no first answer, whether one may still come or not."""
        return [
            f"{record.command_name or 'interaction'} of {self.users[record.user_id].name}, "
            f"to be answered by {record.initial_response_deadline}"
            for record in self.interactions.values()
            if not record.responded
        ]

    def emit(self, event: str, payload: Mapping[str, Any]) -> None:
        shown = self.shown(dict(payload))
        if event == "MESSAGE_CREATE" and self.nonce_in_flight is not None:
            shown["nonce"] = self.nonce_in_flight
        if event.startswith("MESSAGE_REACTION_") and "user_id" in shown:
            author = self._author_of(shown)
            shown |= {} if author is None else {"message_author_id": str(author)}
        self.recent_events.append(event)
        for listener in self.listeners:
            listener(event, shown)
        self.changes.ring()

    def _author_of(self, reaction: Mapping[str, Any]) -> int | None:
        messages = self.messages.get(int(reaction["channel_id"]), {})
        message = messages.get(int(reaction["message_id"]))
        return None if message is None else message.author_id

    def shown(self, value: Any) -> Any:  # noqa: ANN401  JSON in, JSON out
        """A copy as it leaves the server: links signed, and the keys that simcord leaves out."""
        if is_object(value):
            copy = {key: self._shown_field(key, item) for key, item in value.items()}
            self._complete(copy)
            return copy
        if is_array(value):
            return [self.shown(item) for item in value]
        return value

    def _shown_field(self, key: str, value: Any) -> Any:  # noqa: ANN401  JSON in, JSON out
        if key in {"url", "proxy_url"} and isinstance(value, str):
            return self.attachments.signed(value)
        return self.shown(value)

    def _complete(self, found: dict[str, Any]) -> None:
        if "verify_key" in found:
            found["flags"] = MESSAGE_CONTENT_LIMITED if self.message_content else 0
        if "permission_overwrites" in found:
            found["nsfw"] = int(found["id"]) in self.age_restricted
            found.setdefault("flags", 0)
        if "interaction_metadata" in found and "author" in found:
            found["application_id"] = found["webhook_id"] = str(self.application_id)

    def message_json(self, message: Message, viewer_id: int) -> dict[str, Any]:
        shown: dict[str, Any] = self.shown(serializers.message_payload(self, message, for_user=viewer_id))
        return shown

    def visible_messages(
        self, channel_id: int, viewer_id: int, wanted: Callable[[Message], bool] = lambda _: True
    ) -> list[dict[str, Any]]:
        """Oldest first; nothing where the viewer may not look."""
        if not channel_accessible(self, channel_id, viewer_id):
            return []
        kept = sorted(self.messages.get(channel_id, {}).values(), key=lambda message: message.id)
        shown = (message for message in kept if message.visible_to(viewer_id) and wanted(message))
        return [self.message_json(message, viewer_id) for message in shown]

    def visible_message(self, channel_id: int, message_id: int, viewer_id: int) -> dict[str, Any]:
        """Raise LookupError where there is no such message for this viewer."""
        message = self.messages.get(channel_id, {})[message_id]
        if not (channel_accessible(self, channel_id, viewer_id) and message.visible_to(viewer_id)):
            raise LookupError("the viewer does not see this message")
        return self.message_json(message, viewer_id)

    def new_interaction(self, type: int, channel_id: int, user_id: int, guild_id: int | None) -> Interaction:  # noqa: A002  simcord's name
        record = super().new_interaction(type, channel_id, user_id, guild_id)
        record.expires_at = self.iso_after(self.token_lifetime.total_seconds())
        record.initial_response_deadline = self.iso_after(self.answer_within.total_seconds())
        return record

    def expire_tokens(self) -> None:
        """Make every interaction token handed out so far expire, as Discord does after 15 minutes."""
        for record in self.interactions.values():
            record.expires_at = self.now_iso()
        self.changes.ring()

    def bot_may(self, channel_id: int, permission: str) -> bool:
        channel = self.get_channel(channel_id)
        if channel.guild_id is None:
            return True
        held = self.compute_permissions(channel.guild_id, self.bot_user.id, channel_id)
        return getattr(discord.Permissions(held), permission) is True

    def set_bot_permissions(self, channel_id: int, wanted: Mapping[str, bool]) -> None:
        overwrite = Overwrite(self.bot_user.id, OverwriteType.MEMBER)
        for known in self.get_channel(channel_id).overwrites:
            if known.target_id == self.bot_user.id:
                overwrite = known
        for name, allowed in wanted.items():
            bit = discord.Permissions(**{name: True}).value
            overwrite.allow = overwrite.allow | bit if allowed else overwrite.allow & ~bit
            overwrite.deny = overwrite.deny & ~bit if allowed else overwrite.deny | bit
        self.set_overwrite(channel_id, overwrite)

    def own_servers(self, after: int, limit: int) -> list[dict[str, Any]]:
        """The servers that the bot is in, by id, as it lists them: with what it may do in each."""
        servers = sorted(
            (guild for guild in self.guilds.values() if guild.id > after), key=lambda one: one.id
        )
        return [
            {
                "id": str(guild.id),
                "name": guild.name,
                "icon": None,
                "owner": False,
                "permissions": str(self.compute_permissions(guild.id, self.bot_user.id)),
                "features": [],
            }
            for guild in servers[:limit]
        ]

    def refuses_dm(self, channel_id: int) -> bool:
        """Whether this is a DM that the bot cannot write to: closed, or no server in common."""
        channel = self.get_channel(channel_id)
        if channel.type != ChannelType.DM:
            return False
        strangers = [
            user
            for user in channel.recipient_ids
            if not any(user in guild.members for guild in self.guilds.values())
        ]
        return bool(strangers) or not self.closed_dms.isdisjoint(channel.recipient_ids)
