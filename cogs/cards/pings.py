"""The short message under a card that pings its requester: its text, and how it is found again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Final

import discord

from cogs.ui.discord_errors import translate_errors
from core.model.errors import DeliveryError, NobodyThere
from core.model.job import Job, JobState

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 60.0
HISTORY: Final = 100

_WORDS: Final = {
    JobState.DELIVERED: "your video is ready.",
    JobState.UNKNOWN: "I need you to look at this one: the provider did not confirm it.",
    JobState.UNDELIVERABLE: "your video is finished, but I could not put it here.",
}
_BAD_NEWS: Final = "this video could not be made."
_ALL: Final = frozenset({*_WORDS.values(), _BAD_NEWS})


def ping_text(job: Job) -> str:
    """Ping the requester of a job and say its state in a few words."""
    return f"<@{job.destination.requester_id}>, {_WORDS.get(job.state, _BAD_NEWS)}"


class Pings:
    """Finds notices in the channel, since their ids are not stored; none without the right to read there."""

    def __init__(self, *, bot_id: int) -> None:
        self._bot_id = bot_id

    async def is_there(self, message: discord.PartialMessage) -> bool:
        """Whether the bot has answered a message already. Raise DeliveryDelayed."""
        try:
            async with translate_errors(MESSAGE_SECONDS):
                return [reply async for reply in self._replies(message)] != []
        except NobodyThere:
            return False

    async def remove(self, message: discord.PartialMessage) -> None:
        """Remove the ping about a message that is gone. Never raises: a notice does no harm."""
        try:
            async with translate_errors(MESSAGE_SECONDS):
                async for reply in self._replies(message):
                    if _is_notice(reply):
                        await reply.delete()
        except DeliveryError as error:
            log.info("a notice was left", extra={"shown": message.id, "why": str(error)})

    async def _replies(self, message: discord.PartialMessage) -> AsyncIterator[discord.Message]:
        """The bot's answers to a message, not long after it."""
        async for later in message.channel.history(limit=HISTORY, after=message):
            reference = later.reference
            if later.author.id == self._bot_id and reference and reference.message_id == message.id:
                yield later


def _is_notice(message: discord.Message) -> bool:
    """Whether this is a notice: a video that was ordered by a reaction answers the same message."""
    return message.content.partition(", ")[2] in _ALL
