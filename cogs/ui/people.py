"""The member who acts, orders or wrote something in Discord, as plain ids."""

from __future__ import annotations

from dataclasses import dataclass

import discord

from core.services.job_actions import Member, Moderator


@dataclass(frozen=True, slots=True)
class Requester:
    """The member who orders, and the place, as plain ids."""

    person_id: int
    channel_id: int
    guild_id: int | None


def author_of(message: discord.Message) -> Member:
    """Return the author of a message, and the place."""
    guild_id = None if message.guild is None else message.guild.id
    return Member(message.author.id, guild_id=guild_id, channel_id=message.channel.id)


def requester_of(interaction: discord.Interaction) -> Requester:
    return Requester(interaction.user.id, interaction.channel_id or 0, interaction.guild_id)


def actor_of(interaction: discord.Interaction) -> Member:
    """Return who acts and where, and whether they may manage other members' messages in this place."""
    kind = Moderator if interaction.permissions.manage_messages else Member
    return kind(interaction.user.id, interaction.guild_id, interaction.channel_id)
