"""What a drawn view says, what jobs these tests draw, and how Discord refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import discord

from cogs.ui.components import Layout
from core.model.delivery import Destination
from core.model.job import Job, JobState, Reason
from core.model.video import Mode, VideoRequest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALICE = 123456789012345678

Component = dict[str, Any]


def components(view: Layout) -> list[Component]:
    """Every component of a view, top to bottom, as it is sent."""
    return list(_walked({"components": [item.to_component_dict() for item in view.children]}))


def texts(view: Layout) -> list[str]:
    return [str(part["content"]) for part in components(view) if part["type"] == 10]


def words(view: Layout) -> str:
    return "\n".join(texts(view))


def buttons(view: Layout) -> list[str]:
    """The custom_ids of the buttons, left to right."""
    return [str(part["custom_id"]) for part in components(view) if part["type"] == 2]


def _walked(holder: Component) -> Iterator[Component]:
    for part in cast("list[Component]", holder.get("components", [])):
        yield part
        yield from _walked(part)


def job(
    state: JobState = JobState.QUEUED,
    *,
    job_id: int = 7,
    prompt: str = "a paper boat",
    reason: Reason | None = None,
) -> Job:
    """A job in a state, however it came there."""
    request = VideoRequest(
        model="kling-v3", prompt=prompt, duration_seconds=5, aspect_ratio="16:9", mode=Mode.PRO, audio=True
    )
    order = Job(
        id=job_id,
        request=request,
        destination=Destination(requester_id=ALICE, channel_id=201, guild_id=301, card_id=400 + job_id),
        ordered_at=NOON,
        updated_at=NOON,
        next_at=NOON,
    )
    return replace(order, state=state, reason=reason)


def refused(status: int, code: int) -> discord.HTTPException:
    """An answer of Discord's as discord.py raises it."""
    answer: Any = SimpleNamespace(status=status, reason="because")
    return discord.HTTPException(answer, {"code": code, "message": "no"})
