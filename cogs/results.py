"""Knows the message that shows a job's result, by what it plays and by its buttons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import discord

from core.jobs import file_name

_ONLY_RESULTS_HAVE = "mail"


def shows_result(message: discord.Message, job_id: int) -> bool:
    """Whether this is the result of a job, attached or linked: no card, no copy, and nothing looked up.

    The history of a channel gives the buttons of our messages back, and these carry the job's id.
    """
    parts = list(_walked(message.components))
    plays = any(isinstance(part, discord.MediaGalleryComponent) for part in parts)
    pressed = {part.custom_id for part in parts if isinstance(part, discord.Button)}
    return plays and f"job:{job_id}:{_ONLY_RESULTS_HAVE}" in pressed


def has_file(message: discord.Message, job_id: int) -> bool:
    """Whether the video of a job is attached to this message."""
    return any(file.filename == file_name(job_id) for file in message.attachments)


def _walked(components: Iterable[object]) -> Iterator[object]:
    for component in components:
        yield component
        if isinstance(component, discord.Container | discord.ActionRow):
            yield from _walked(component.children)
