"""The texts of `/studio` about prompt channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import discord

from core.community.prompt_channels import ContentAccess, PromptChannel
from core.requests.preferences import Preferences

TALK: Final = (
    "What starts with `//` or stands in (parentheses) is talk. "
    "Options may follow a prompt: `--ar 9:16 --pro`."
)
NONE: Final = "No channel here is made of prompts. `/studio channel add` makes one."
_HEARD: Final = {
    ContentAccess.GRANTED: "I read what is written there.",
    ContentAccess.NOT_ASKED: "Until I have been restarted I hear only `@{bot} your prompt` there.",
    ContentAccess.REFUSED: (
        "⚠️ Discord does not let me read messages. Whoever runs this bot has to switch on **Message Content "
        "Intent** in Discord's developer portal (Applications, this bot, Bot); then use "
        "`/studio channel add` once more. Until then `@{bot} your prompt` works there, and so does /video."
    ),
}
_NEEDED: Final = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "read_message_history": "Read Message History",
    "add_reactions": "Add Reactions",
    "attach_files": "Attach Files",
}
_FOR_THREADS: Final = {
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
}


def access_notice(access: ContentAccess, bot: str) -> str:
    """Say whether the bot gets prompts, and what to do where it does not."""
    return _HEARD[access].format(bot=bot)


def describe(channel: PromptChannel, preferred: Preferences) -> str:
    """Describe the options of a channel, in a line."""
    role, seconds = channel.role_id, channel.cooldown_seconds
    parts = [
        preferred.model,
        preferred.duration_seconds and f"{preferred.duration_seconds} s",
        preferred.aspect_ratio,
        preferred.mode,
        None if preferred.audio is None else ("with sound" if preferred.audio else "without sound"),
        role and f"for <@&{role}>",
        seconds and f"one prompt each {seconds} s",
        channel.has_threads and "a thread for each prompt",
    ]
    return f"<#{channel.channel_id}>: {_join(str(part) for part in parts if part)}"


def _join(parts: Iterable[str]) -> str:
    return " · ".join(parts) or "the server's defaults, for everybody"


def missing(guild: discord.Guild, channel: PromptChannel) -> list[str]:
    """Say which permissions the bot lacks in a channel."""
    found = guild.get_channel(channel.channel_id)
    if found is None:
        return [f"⚠️ <#{channel.channel_id}> is gone, or I do not see it."]
    held = found.permissions_for(guild.me)
    needed = _NEEDED | _FOR_THREADS if channel.has_threads else _NEEDED
    names = [name for permission, name in needed.items() if not getattr(held, permission)]
    return [f"⚠️ In <#{channel.channel_id}> I need to be allowed: {', '.join(names)}."] if names else []
