"""Slash commands as the client offers them: which there are, and what may stand in their options."""

from typing import Any

from simcord.backend import serializers
from simcord.backend.command_access import command_access
from simcord.backend.errors import SetupError
from simcord.backend.models import Guild
from simcord.enums import AppCommandType, OptionType
from simcord.interactions import nest_options, validate_option_value, walk_to_subcommand

from sandbox.discord.calls import Upload
from sandbox.discord.clients.interactions import Place
from sandbox.discord.errors import NotPossible
from sandbox.discord.json_parts import objects
from sandbox.discord.world import World

_BY_ID = {OptionType.USER, OptionType.CHANNEL, OptionType.ROLE, OptionType.MENTIONABLE}


class Command:
    """One synced command, or one of its subcommands, as this person in this channel may use it."""

    def __init__(self, world: World, place: Place, name: str) -> None:
        self._world = world
        self._place = place
        self._name = name
        root, *path = name.split(" ")
        self._root = synced(world, place, root, AppCommandType.CHAT_INPUT)
        try:
            self._leaf, self._path = walk_to_subcommand(self._root, path)
        except SetupError as error:
            raise NotPossible(str(error)) from error
        self._declared = {option["name"]: option for option in objects(self._leaf, "options")}
        if any(option["type"] <= OptionType.SUBCOMMAND_GROUP for option in self._declared.values()):
            raise NotPossible(f"/{name} has subcommands: {', '.join(self._declared)}.")

    def filled(self, given: dict[str, Any]) -> dict[str, Any]:
        """The interaction's data for these options."""
        missing = [
            name for name, option in self._declared.items() if option.get("required") and name not in given
        ]
        if missing:
            raise NotPossible(f"/{self._name} needs {', '.join(missing)}.")
        return self._data(given, {})

    def focused(self, option: str, value: str, given: dict[str, Any]) -> dict[str, Any]:
        """The data while one option is being typed."""
        declared = self._declare(option)
        if not declared.get("autocomplete"):
            raise NotPossible(f"{option} of /{self._name} has no autocomplete.")
        typed = {"name": option, "type": declared["type"], "value": value, "focused": True}
        return self._data(given, typed)

    def _data(self, given: dict[str, Any], typed: dict[str, Any]) -> dict[str, Any]:
        resolved: dict[str, Any] = {}
        options = [self._option(name, value, resolved) for name, value in given.items()]
        options += [typed] if typed else []
        root = self._root
        data = {"id": root["id"], "name": root["name"], "type": 1, "resolved": resolved}
        return data | {"options": nest_options(root, self._path, options)}

    def _declare(self, name: str) -> dict[str, Any]:
        if name not in self._declared:
            known = ", ".join(self._declared) or "none"
            raise NotPossible(f"/{self._name} has no option {name}; it has {known}.")
        return self._declared[name]

    def _option(self, name: str, value: object, resolved: dict[str, Any]) -> dict[str, Any]:
        declared = self._declare(name)
        kind = OptionType(declared["type"])
        if kind in _BY_ID:
            wire: object = resolve(self._world, self._place, kind, value, resolved)
        elif kind is OptionType.ATTACHMENT:
            wire = self._attached(name, value, resolved)
        else:
            wire = self._checked(declared, value)
        return {"name": name, "type": int(kind), "value": wire}

    def _checked(self, declared: dict[str, Any], value: object) -> object:
        try:
            return validate_option_value(self._name, declared, value)
        except SetupError as error:
            raise NotPossible(str(error)) from error

    def _attached(self, name: str, value: object, resolved: dict[str, Any]) -> str:
        if not isinstance(value, Upload):
            raise NotPossible(f"{name} of /{self._name} takes an Upload, not {type(value).__name__}.")
        return attach(self._world, self._place.channel_id, value, resolved)


def synced(world: World, place: Place, name: str, kind: AppCommandType) -> dict[str, Any]:
    """The synced command of this name, if this person may use it here."""
    guild_id = world.get_channel(place.channel_id).guild_id
    found: dict[str, Any] | None = world.find_command(name, guild_id, kind)
    if found is None:
        names = sorted({known for scope in world.commands.values() for known, _ in scope})
        known = ", ".join(names) or "none"
        raise NotPossible(f"No command {name} was synced; synced are: {known}.")
    access = command_access(world, found, user_id=place.user_id, channel_id=place.channel_id)
    if not access.allowed:
        raise NotPossible(f"This person is not offered {name} here: {access.reason}.")
    return found


def attach(world: World, channel_id: int, upload: Upload, resolved: dict[str, Any]) -> str:
    """Put a member's file into the CDN and into `resolved`; return its id."""
    attachment_id = world.snowflake()
    stored = world.attachments.store_attachment(attachment_id, channel_id, upload.filename, upload.data, None)
    resolved.setdefault("attachments", {})[str(attachment_id)] = stored | {"ephemeral": True}
    return str(attachment_id)


def resolve(world: World, place: Place, kind: OptionType, value: object, resolved: dict[str, Any]) -> str:
    """Put the person, role or channel of this id into `resolved`; return the id."""
    wanted = _id_of(value)
    channel = world.get_channel(place.channel_id)
    guild = None if channel.guild_id is None else world.get_guild(channel.guild_id)
    if wanted in world.users and kind in {OptionType.USER, OptionType.MENTIONABLE}:
        resolved.setdefault("users", {})[str(wanted)] = serializers.user_payload(world.users[wanted])
        if guild is not None and wanted in guild.members:
            resolved.setdefault("members", {})[str(wanted)] = _member(world, place, guild, wanted)
    elif guild is not None and wanted in guild.roles and kind in {OptionType.ROLE, OptionType.MENTIONABLE}:
        resolved.setdefault("roles", {})[str(wanted)] = serializers.role_payload(guild.roles[wanted])
    elif guild is not None and wanted in world.channels and kind is OptionType.CHANNEL:
        resolved.setdefault("channels", {})[str(wanted)] = _channel(world, place, guild, wanted)
    else:
        raise NotPossible(f"There is no {kind.name.lower()} {wanted} here.")
    return str(wanted)


def _id_of(value: object) -> int:
    found = getattr(value, "id", value)
    if not isinstance(found, int):
        raise NotPossible(f"{value!r} is neither an id nor does it have one.")
    return found


def _member(world: World, place: Place, guild: Guild, user_id: int) -> dict[str, Any]:
    shown = serializers.member_payload(world, guild, guild.members[user_id], with_user=False)
    permissions = world.compute_permissions(guild.id, user_id, place.channel_id)
    return dict(shown) | {"permissions": str(permissions)}


def _channel(world: World, place: Place, guild: Guild, channel_id: int) -> dict[str, Any]:
    shown = serializers.channel_payload(world, world.channels[channel_id])
    permissions = world.compute_permissions(guild.id, place.user_id, channel_id)
    return dict(shown) | {"permissions": str(permissions)}
