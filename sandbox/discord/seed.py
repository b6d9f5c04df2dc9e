"""The server that every sandbox starts with: its people, roles and channels."""

from dataclasses import dataclass

import discord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from sandbox.discord.world import BOT_PERMISSIONS, World

CHANNELS = ("general", "ideas", "gallery", "late-night", "announcements")
PEOPLE = ("owner", "moderator", "member", "second", "stranger")
"""The stranger is not in the server: they have only installed the bot for themselves."""

_MODERATOR = discord.Permissions(
    manage_guild=True,
    manage_channels=True,
    manage_messages=True,
    manage_threads=True,
    moderate_members=True,
)


@dataclass(frozen=True)
class SeededServer:
    guild_id: int
    channels: dict[str, int]
    people: dict[str, int]


def build(world: World) -> SeededServer:
    people = {role: world.make_user(role, global_name=role.capitalize()).id for role in PEOPLE}
    guild = world.create_guild("Film Club", owner_id=people["owner"])
    _install_the_bot(world, guild.id)
    moderator = world.create_role(guild.id, "Moderators", permissions=_MODERATOR.value)
    world.add_member(guild.id, people["moderator"], roles=[moderator.id])
    world.add_member(guild.id, people["member"])
    world.add_member(guild.id, people["second"])
    channels = {name: _open(world, guild.id, name) for name in CHANNELS}
    world.age_restricted.add(channels["late-night"])
    return SeededServer(guild.id, channels, people)


def _install_the_bot(world: World, guild_id: int) -> None:
    guild = world.get_guild(guild_id)
    for role_id in guild.members[world.bot_user.id].role_ids:
        guild.roles[role_id].permissions = BOT_PERMISSIONS


def _open(world: World, guild_id: int, name: str) -> int:
    mute = discord.Permissions(send_messages=True).value if name == "announcements" else 0
    overwrites = [Overwrite(world.bot_user.id, OverwriteType.MEMBER, deny=mute)] if mute else []
    return world.create_channel(guild_id, name, overwrites=overwrites).id
