"""Recognises the message that shows a job's result, by its file and by its buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final, TypeAlias

import discord

from cogs.cards.channels import MESSAGE_SECONDS
from cogs.ui.discord_errors import MessageGone, translate_errors
from core.model.errors import AnswerUnreadable, DeliveryDelayed, NobodyThere
from core.model.job import file_name
from core.model.order_ids import event_id

HISTORY: Final = 500
"""How many messages are searched: as many as a lively channel has while an answer is waited for."""

_ONLY_RESULTS_HAVE: Final = "mail"

Finding: TypeAlias = Callable[[], Awaitable[discord.PartialMessage | None]]


async def unless_there(bringing: Awaitable[discord.PartialMessage], find: Finding) -> discord.PartialMessage:
    """Post a result; believe a refusal only where the result is not to be seen.

    The refusal may be the answer to a repetition: discord.py repeats a request after a 5xx by
    itself, though it may have arrived the first time. An answer that cannot be read may be a success.
    """
    try:
        return await bringing
    except (NobodyThere, DeliveryDelayed) as error:
        is_answered = isinstance(error, NobodyThere | AnswerUnreadable) or error.is_refusal
        found = await _look_for(find) if is_answered else None
        if found is None:
            raise
        return found


async def _look_for(find: Finding) -> discord.PartialMessage | None:
    try:
        return await find()
    except DeliveryDelayed as error:
        if error.is_refusal or isinstance(error, AnswerUnreadable):
            return None
        raise


async def result_on(card: discord.PartialMessage | None, job_id: int) -> discord.PartialMessage | None:
    """Return a job's card if it shows the result."""
    if card is None:
        return None
    try:
        async with translate_errors(MESSAGE_SECONDS):
            message = await card.fetch()
    except (NobodyThere, MessageGone):
        return None
    return card if shows_result(message, job_id) else None


async def find_result(
    channel: discord.PartialMessageable, job_id: int, *, bot_id: int
) -> discord.PartialMessage | None:
    """Look for a message of ours that shows the result, posted by an attempt whose answer was lost."""
    after = discord.Object(event_id(job_id))
    try:
        async with translate_errors(MESSAGE_SECONDS):
            async for message in channel.history(limit=HISTORY, after=after, oldest_first=False):
                if message.author.id == bot_id and shows_result(message, job_id):
                    return channel.get_partial_message(message.id)
    except NobodyThere:
        return None  # reading the history is a right of its own; the nonce still guards the post
    return None


def shows_result(message: discord.Message, job_id: int) -> bool:
    """Whether this is the result of a job, attached or linked: no card, no copy, and no looked-up video.

    The history of a channel gives the buttons of our messages back, and these carry the job's id.
    """
    parts = list(_walk(message.components))
    plays = any(isinstance(part, discord.MediaGalleryComponent) for part in parts)
    pressed = {part.custom_id for part in parts if isinstance(part, discord.Button)}
    return plays and f"job:{job_id}:{_ONLY_RESULTS_HAVE}" in pressed


def has_file(message: discord.Message, job_id: int) -> bool:
    """Whether the video of a job is attached to this message."""
    return any(file.filename == file_name(job_id) for file in message.attachments)


def _walk(components: Iterable[object]) -> Iterator[object]:
    """Yield components and all that they contain."""
    for component in components:
        yield component
        if isinstance(component, discord.Container | discord.ActionRow):
            yield from _walk(component.children)
