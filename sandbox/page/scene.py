"""What one person sees in one channel, in parts that the page knows by name."""

from typing import Any

from simcord.backend.access import channel_accessible
from simcord.backend.models import Channel, User
from simcord.enums import AppCommandType

from sandbox.discord import LocalDiscord
from sandbox.discord.json_parts import is_array, is_object
from sandbox.discord.seed import PEOPLE
from sandbox.page.environment import Environment
from sandbox.page.requests import channel_of

_SHOWN_MESSAGES = 60
_MENUS = {"commands": AppCommandType.CHAT_INPUT, "menus": AppCommandType.MESSAGE}


class Scene:
    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def channel_id(self, role: str, channel: str) -> int:
        """Raise LookupError for an unknown channel."""
        return self._discord.channel_of(channel_of(channel), self._discord.member(role).id)

    def parts(self, role: str, channel: str) -> dict[str, object]:
        """All parts. Messages have a part each, so that only what changed has to travel."""
        viewer = self._discord.member(role).id
        channel_id = self.channel_id(role, channel)
        messages = self._messages(channel_id, viewer)
        return {
            "viewer": {"id": str(viewer), "role": role, "locale": self._world.locales.get(viewer, "en-US")},
            "people": self._people(),
            "roles": self._roles(),
            "channels": self._channels(viewer),
            "bot": {"running": self._environment.bot.pid is not None, "connected": self._discord.connected},
            "limit": self._discord.upload_limit,
            "order": [message["id"] for message in messages],
            **self._offered(channel_id, viewer),
            **{f"message {message['id']}": message for message in messages},
        }

    @property
    def _discord(self) -> LocalDiscord:
        return self._environment.discord

    @property
    def _world(self) -> Any:  # noqa: ANN401 - simcord's mixins have no types of their own here
        return self._discord.world

    def _people(self) -> list[dict[str, Any]]:
        members = self._world.get_guild(self._discord.guild_id).members
        known = [(role, self._world.users[self._discord.member(role).id]) for role in PEOPLE]
        shown = [_person(user, role=role, inside=user.id in members) for role, user in known]
        return [*shown, _person(self._world.bot_user, role=None, inside=True)]

    def _roles(self) -> list[dict[str, Any]]:
        roles = self._world.get_guild(self._discord.guild_id).roles.values()
        return [{"id": str(role.id), "name": role.name} for role in roles]

    def _channels(self, viewer: int) -> list[dict[str, Any]]:
        channels = [known for known in self._world.channels.values() if known.guild_id is not None]
        seen = [known for known in channels if channel_accessible(self._world, known.id, viewer)]
        direct = self._world.dm_channels.get(viewer)
        latest = None if direct is None else self._world.channels[direct].last_message_id
        return [*map(self._channel, seen), {"key": "dm", "name": "Matinee", "latest": _text(latest)}]

    def _channel(self, channel: Channel) -> dict[str, Any]:
        return {
            "key": str(channel.id),
            "name": channel.name,
            "latest": _text(channel.last_message_id),
            "is_age_restricted": channel.id in self._world.age_restricted,
            "is_silent": not self._world.bot_may(channel.id, "send_messages"),
        }

    def _offered(self, channel_id: int, viewer: int) -> dict[str, object]:
        if not channel_accessible(self._world, channel_id, viewer):
            return {part: [] for part in _MENUS}
        return {
            part: self._world.visible_commands(user_id=viewer, channel_id=channel_id, type=kind)
            for part, kind in _MENUS.items()
        }

    def _messages(self, channel_id: int, viewer: int) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = self._world.visible_messages(channel_id, viewer)[-_SHOWN_MESSAGES:]
        kept = self._world.messages.get(channel_id, {})
        return [
            self._with_own_links(message) | {"pings_me": viewer in kept[int(message["id"])].ping_user_ids}
            for message in shown
        ]

    def _with_own_links(self, value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
        """Files come through the page itself, whatever happens to Discord's signed links meanwhile."""
        if is_object(value):
            return {key: self._with_own_links(item) for key, item in value.items()}
        if is_array(value):
            return [self._with_own_links(item) for item in value]
        if isinstance(value, str) and value.startswith(self._discord.cdn_url):
            return "/files" + value.removeprefix(self._discord.cdn_url).partition("?")[0]
        return value


def _person(user: User, *, role: str | None, inside: bool) -> dict[str, Any]:
    return {"id": str(user.id), "name": user.global_name or user.name, "role": role, "is_inside": inside}


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
