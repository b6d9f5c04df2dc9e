"""Events as Discord documents them (Gateway Events and the objects in them), and ways to make them odd.

Plain data, written from the documents and not from what the program or discord.py reads.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeAlias

from sandbox.discord.json_parts import is_array, is_object

Json: TypeAlias = Any
Path: TypeAlias = tuple[str | int, ...]

_DISCORD_BEGAN = 1_420_070_400_000
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Ids:
    """What there is in the world of a test."""

    guild: int
    channel: int
    member: int
    bot: int


def snowflake() -> str:
    """A new id of this moment."""
    milliseconds = int(time.time() * 1000) - _DISCORD_BEGAN
    return str((milliseconds << 22) + next(_numbers) % (1 << 22))


def nothing() -> Json:
    """An empty list."""
    return list[Json]()


def user(ids: Ids, user_id: int | None = None) -> Json:
    return {
        "id": str(user_id or ids.member),
        "username": "member",
        "discriminator": "0",
        "global_name": "Member",
        "avatar": None,
        "bot": False,
        "system": False,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
        "avatar_decoration_data": {"asset": "a_1", "sku_id": "11"},
        "collectibles": {"nameplate": {"asset": "n", "sku_id": "12", "label": "", "palette": "crimson"}},
        "primary_guild": {"identity_guild_id": "13", "identity_enabled": True, "tag": "T", "badge": "b"},
    }


def member(ids: Ids) -> Json:
    return {
        "user": user(ids),
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": nothing(),
        "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "pending": False,
        "permissions": "2248473465835073",
        "communication_disabled_until": None,
        "avatar_decoration_data": None,
    }


def emoji() -> Json:
    return {"id": None, "name": "🔁", "animated": False}


def attachment() -> Json:
    return {
        "id": snowflake(),
        "filename": "picture.png",
        "title": "picture",
        "description": None,
        "content_type": "image/png",
        "size": 1000,
        "url": "https://cdn.example/picture.png",
        "proxy_url": "https://cdn.example/picture.png",
        "height": 400,
        "width": 400,
        "flags": 0,
        "placeholder": "abc",
        "placeholder_version": 1,
    }


def poll() -> Json:
    return {
        "question": {"text": "Which boat?"},
        "answers": [
            {"answer_id": 1, "poll_media": {"text": "The red one", "emoji": emoji()}},
            {"answer_id": 2, "poll_media": {"text": "The blue one"}},
        ],
        "expiry": "2026-12-24T00:00:00.000000+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
        "results": {"is_finalized": False, "answer_counts": [{"id": 1, "count": 3, "me_voted": False}]},
    }


def components() -> Json:
    press = {"type": 2, "id": 3, "style": 2, "label": "Again", "custom_id": "job:17:again", "emoji": emoji()}
    row = {"type": 1, "id": 2, "components": [press]}
    pages = {
        "type": 3,
        "id": 5,
        "custom_id": "jobs:pick",
        "options": [{"label": "A boat", "value": "17", "default": False}],
        "placeholder": "Which?",
        "min_values": 1,
        "max_values": 1,
    }
    section = {
        "type": 9,
        "id": 6,
        "components": [{"type": 10, "id": 7, "content": "A boat"}],
        "accessory": {"type": 11, "id": 8, "media": {"url": "https://cdn.example/a.png"}},
    }
    media = {"type": 12, "id": 9, "items": [{"media": {"url": "https://cdn.example/a.mp4"}}]}
    return [
        {"type": 17, "id": 1, "accent_color": 3, "spoiler": False, "components": [media, section, row]},
        {"type": 1, "id": 4, "components": [pages]},
    ]


def message(ids: Ids, *, by: int | None = None) -> Json:
    return {
        "id": snowflake(),
        "type": 0,
        "channel_id": str(ids.channel),
        "guild_id": str(ids.guild),
        "content": "Good morning",
        "author": user(ids, by),
        "member": {key: value for key, value in member(ids).items() if key != "user"},
        "timestamp": "2026-11-01T00:00:00.000000+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [user(ids)],
        "mention_roles": [str(ids.guild)],
        "mention_channels": [{"id": str(ids.channel), "guild_id": str(ids.guild), "type": 0, "name": "g"}],
        "attachments": [attachment()],
        "embeds": [{"type": "rich", "title": "A boat", "fields": [{"name": "a", "value": "b"}], "color": 3}],
        "reactions": [
            {
                "emoji": emoji(),
                "count": 2,
                "count_details": {"burst": 0, "normal": 2},
                "burst_colors": nothing(),
                "me": False,
                "me_burst": False,
            }
        ],
        "pinned": False,
        "flags": 0,
        "nonce": "a",
        "components": components(),
        "sticker_items": [{"id": "31", "name": "boat", "format_type": 1}],
        "poll": poll(),
        "message_reference": {
            "type": 0,
            "message_id": "41",
            "channel_id": str(ids.channel),
            "guild_id": str(ids.guild),
        },
        "message_snapshots": [
            {
                "message": {
                    "content": "forwarded",
                    "timestamp": "2026-11-01T00:00:00.000000+00:00",
                    "edited_timestamp": None,
                    "attachments": [attachment()],
                    "embeds": nothing(),
                    "mentions": nothing(),
                    "mention_roles": nothing(),
                    "components": nothing(),
                    "type": 0,
                    "flags": 0,
                }
            }
        ],
        "interaction_metadata": {
            "id": snowflake(),
            "type": 2,
            "user": user(ids),
            "authorizing_integration_owners": {"0": str(ids.guild)},
        },
        "role_subscription_data": {
            "role_subscription_listing_id": "51",
            "tier_name": "boats",
            "total_months_subscribed": 1,
            "is_renewal": False,
        },
        "call": {"participants": [str(ids.member)], "ended_timestamp": None},
        "position": 3,
        "application_id": "61",
    }


def channel(ids: Ids) -> Json:
    return {
        "id": str(ids.channel),
        "type": 0,
        "guild_id": str(ids.guild),
        "name": "general",
        "position": 1,
        "topic": None,
        "nsfw": False,
        "parent_id": None,
        "last_message_id": None,
        "last_pin_timestamp": None,
        "rate_limit_per_user": 0,
        "flags": 0,
        "permissions": "2248473465835073",
        "permission_overwrites": [{"id": str(ids.guild), "type": 0, "allow": "0", "deny": "0"}],
        "default_auto_archive_duration": 1440,
        "available_tags": [
            {"id": "71", "name": "tag", "moderated": False, "emoji_id": None, "emoji_name": None}
        ],
    }


def thread(ids: Ids) -> Json:
    return {
        "id": snowflake(),
        "type": 11,
        "guild_id": str(ids.guild),
        "parent_id": str(ids.channel),
        "owner_id": str(ids.member),
        "name": "boats",
        "last_message_id": None,
        "message_count": 1,
        "member_count": 1,
        "total_message_sent": 1,
        "rate_limit_per_user": 0,
        "flags": 0,
        "applied_tags": nothing(),
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "archive_timestamp": "2026-11-01T00:00:00.000000+00:00",
            "create_timestamp": "2026-11-01T00:00:00.000000+00:00",
            "locked": False,
            "invitable": True,
        },
        "member": {
            "id": "81",
            "user_id": str(ids.member),
            "join_timestamp": "2026-11-01T00:00:00.000000+00:00",
            "flags": 1,
        },
    }


def role(ids: Ids) -> Json:
    return {
        "id": str(ids.guild),
        "name": "@everyone",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": 0,
        "permissions": "2248473465835073",
        "managed": False,
        "mentionable": False,
        "tags": {"bot_id": str(ids.bot), "premium_subscriber": None},
        "flags": 0,
    }


def sticker(ids: Ids) -> Json:
    return {
        "id": "91",
        "name": "boat",
        "tags": "boat",
        "type": 2,
        "format_type": 1,
        "description": None,
        "available": True,
        "guild_id": str(ids.guild),
    }


def guild(ids: Ids) -> Json:
    return {
        "id": str(ids.guild),
        "name": "The harbour",
        "icon": None,
        "splash": None,
        "banner": None,
        "owner_id": str(ids.member),
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "roles": [role(ids)],
        "emojis": [
            {"id": "101", "name": "boat", "roles": nothing(), "require_colons": True, "managed": False}
        ],
        "stickers": [sticker(ids)],
        "features": ["COMMUNITY"],
        "premium_tier": 1,
        "preferred_locale": "en-US",
        "nsfw_level": 0,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "description": None,
        "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "large": False,
        "unavailable": False,
        "member_count": 3,
        "voice_states": nothing(),
        "members": [member(ids)],
        "channels": [channel(ids)],
        "threads": [thread(ids)],
        "presences": nothing(),
        "stage_instances": nothing(),
        "guild_scheduled_events": nothing(),
        "soundboard_sounds": nothing(),
    }


def reaction(ids: Ids) -> Json:
    return {
        "user_id": str(ids.member),
        "channel_id": str(ids.channel),
        "message_id": snowflake(),
        "guild_id": str(ids.guild),
        "member": member(ids),
        "emoji": emoji(),
        "message_author_id": str(ids.bot),
        "burst": False,
        "burst_colors": nothing(),
        "type": 0,
    }


def interaction(ids: Ids, kind: int, data: Json) -> Json:
    return {
        "id": snowflake(),
        "application_id": str(ids.bot),
        "type": kind,
        "token": f"token-{snowflake()}",
        "version": 1,
        "data": data,
        "guild_id": str(ids.guild),
        "guild": {"id": str(ids.guild), "locale": "en-US", "features": nothing()},
        "guild_locale": "en-US",
        "locale": "en-US",
        "channel_id": str(ids.channel),
        "channel": channel(ids),
        "member": member(ids),
        "app_permissions": "2248473465835073",
        "entitlements": [
            {"id": "111", "sku_id": "112", "application_id": "113", "type": 8, "deleted": False}
        ],
        "context": 0,
        "authorizing_integration_owners": {"0": str(ids.guild)},
        "attachment_size_limit": 20971520,
        "message": message(ids, by=ids.bot) | {"content": "", "embeds": nothing(), "flags": 1 << 15},
    }


def command(ids: Ids) -> Json:
    picture = attachment()
    data = {
        "id": "121",
        "name": "models",
        "type": 1,
        "options": [{"name": "nothing", "type": 11, "value": picture["id"]}],
        "resolved": {"attachments": {picture["id"]: picture}, "users": {str(ids.member): user(ids)}},
    }
    return interaction(ids, 2, data)


def suggestion(ids: Ids) -> Json:
    options = [{"name": "id", "type": 3, "value": "bo", "focused": True}]
    return interaction(ids, 4, {"id": "121", "name": "job", "type": 1, "options": options})


def menu(ids: Ids) -> Json:
    target = message(ids)
    data = {
        "id": "122",
        "name": "Video details",
        "type": 3,
        "target_id": target["id"],
        "resolved": {"messages": {target["id"]: target}},
    }
    return interaction(ids, 2, data)


def press(ids: Ids) -> Json:
    return interaction(ids, 3, {"custom_id": "job:17:again", "component_type": 2, "id": 3})


def choice(ids: Ids) -> Json:
    return interaction(ids, 3, {"custom_id": "jobs:pick", "component_type": 3, "values": ["17"], "id": 5})


def form(ids: Ids) -> Json:
    field = {"type": 4, "id": 2, "custom_id": "prompt", "value": "A boat"}
    label = {"type": 18, "id": 1, "component": field}
    return interaction(ids, 5, {"custom_id": "form:edit:17", "components": [label], "resolved": {}})


Make: TypeAlias = Callable[[Ids], Json]

INTERACTIONS: tuple[Make, ...] = (command, suggestion, menu, press, choice, form)

EVENTS: Mapping[str, Make] = {
    "MESSAGE_CREATE": message,
    "MESSAGE_UPDATE": message,
    "MESSAGE_DELETE": lambda ids: {
        "id": snowflake(),
        "channel_id": str(ids.channel),
        "guild_id": str(ids.guild),
    },
    "MESSAGE_DELETE_BULK": lambda ids: {
        "ids": [snowflake(), snowflake()],
        "channel_id": str(ids.channel),
        "guild_id": str(ids.guild),
    },
    "MESSAGE_REACTION_ADD": reaction,
    "MESSAGE_REACTION_REMOVE": reaction,
    "MESSAGE_REACTION_REMOVE_ALL": reaction,
    "MESSAGE_REACTION_REMOVE_EMOJI": reaction,
    "MESSAGE_POLL_VOTE_ADD": lambda ids: reaction(ids) | {"answer_id": 1},
    "MESSAGE_POLL_VOTE_REMOVE": lambda ids: reaction(ids) | {"answer_id": 1},
    "GUILD_CREATE": guild,
    "GUILD_UPDATE": guild,
    "GUILD_DELETE": lambda _: {"id": snowflake(), "unavailable": True},
    "GUILD_ROLE_CREATE": lambda ids: {"guild_id": str(ids.guild), "role": role(ids)},
    "GUILD_ROLE_UPDATE": lambda ids: {"guild_id": str(ids.guild), "role": role(ids)},
    "GUILD_ROLE_DELETE": lambda ids: {"guild_id": str(ids.guild), "role_id": "131"},
    "GUILD_EMOJIS_UPDATE": lambda ids: {"guild_id": str(ids.guild), "emojis": guild(ids)["emojis"]},
    "GUILD_STICKERS_UPDATE": lambda ids: {"guild_id": str(ids.guild), "stickers": [sticker(ids)]},
    "GUILD_MEMBER_ADD": lambda ids: member(ids) | {"guild_id": str(ids.guild)},
    "GUILD_MEMBER_UPDATE": lambda ids: member(ids) | {"guild_id": str(ids.guild)},
    "GUILD_MEMBER_REMOVE": lambda ids: {"guild_id": str(ids.guild), "user": user(ids)},
    "CHANNEL_CREATE": lambda ids: channel(ids) | {"id": snowflake()},
    "CHANNEL_UPDATE": channel,
    "CHANNEL_DELETE": lambda ids: channel(ids) | {"id": snowflake()},
    "CHANNEL_PINS_UPDATE": lambda ids: {
        "guild_id": str(ids.guild),
        "channel_id": str(ids.channel),
        "last_pin_timestamp": None,
    },
    "THREAD_CREATE": thread,
    "THREAD_UPDATE": thread,
    "THREAD_DELETE": lambda ids: {
        "id": snowflake(),
        "guild_id": str(ids.guild),
        "parent_id": str(ids.channel),
        "type": 11,
    },
    "THREAD_LIST_SYNC": lambda ids: {
        "guild_id": str(ids.guild),
        "channel_ids": [str(ids.channel)],
        "threads": [thread(ids)],
        "members": [thread(ids)["member"]],
    },
    "THREAD_MEMBERS_UPDATE": lambda ids: {
        "id": snowflake(),
        "guild_id": str(ids.guild),
        "member_count": 1,
        "added_members": [thread(ids)["member"]],
        "removed_member_ids": [str(ids.member)],
    },
    "TYPING_START": lambda ids: {
        "channel_id": str(ids.channel),
        "guild_id": str(ids.guild),
        "user_id": str(ids.member),
        "timestamp": 1_790_000_000,
        "member": member(ids),
    },
    "USER_UPDATE": lambda ids: user(ids, ids.bot),
    "PRESENCE_UPDATE": lambda ids: {
        "user": user(ids),
        "guild_id": str(ids.guild),
        "status": "online",
        "activities": nothing(),
        "client_status": {},
    },
    "ENTITLEMENT_CREATE": lambda ids: interaction(ids, 2, {})["entitlements"][0],
    "INVITE_CREATE": lambda ids: {
        "channel_id": str(ids.channel),
        "guild_id": str(ids.guild),
        "code": "abc",
        "created_at": "2026-11-01T00:00:00.000000+00:00",
        "max_age": 0,
        "max_uses": 0,
        "temporary": False,
        "type": 0,
        "uses": 0,
        "expires_at": None,
    },
    "VOICE_STATE_UPDATE": lambda ids: {
        "guild_id": str(ids.guild),
        "channel_id": None,
        "user_id": str(ids.member),
        "member": member(ids),
        "session_id": "a",
    },
    "A_NEW_EVENT_OF_NEXT_YEAR": message,
}

LEFT_OUT = "left out"
"""Stands for a field that is not there."""

ODD: tuple[Json, ...] = (
    LEFT_OUT,
    None,
    "",
    "a new value",
    "0",
    "-1",
    str(2**63),
    "9" * 400,
    0,
    -1,
    1,
    99,
    2**53,
    2**64,
    10**300,
    1.5,
    True,
    False,
    [],
    [None],
    [[]],
    {},
    {"": None},
    {"id": None},
    "🚤" * 3000,
    "\ud800",
)


def paths(value: Json, here: Path = ()) -> Iterator[Path]:
    """Every place in a document, itself first."""
    yield here
    inner: list[tuple[str | int, Json]] = []
    if is_object(value):
        inner = list(value.items())
    elif is_array(value):
        inner = list(enumerate(value))
    for key, item in inner:
        yield from paths(item, (*here, key))


def changed(document: Json, where: Path, odd: Json) -> Json:
    """The document with something odd in one place."""
    if not where:
        return {} if odd == LEFT_OUT else copy.deepcopy(odd)
    fresh = copy.deepcopy(document)
    holder = fresh
    for key in where[:-1]:
        holder = holder[key]
    if odd == LEFT_OUT:
        del holder[where[-1]]
    else:
        holder[where[-1]] = copy.deepcopy(odd)
    return fresh
