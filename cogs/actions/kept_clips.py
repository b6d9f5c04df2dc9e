"""Finds finished videos whose file is still kept."""

from __future__ import annotations

from typing import Final

from core.model.errors import NotAllowed
from core.model.job import Job, JobState
from core.ports import ClipStore
from core.services.job_actions import Actor
from core.services.orders import OrderService

_FINISHED: Final = frozenset({JobState.DELIVERED, JobState.DONE, JobState.UNDELIVERABLE})
_NOT_YET: Final = "This video is not there yet. Nothing was ordered and nothing was charged."
_GONE: Final = "I no longer keep the file of this video. Nothing was ordered and nothing was charged."


async def with_clip(
    orders: OrderService, clips: ClipStore, job_id: int, actor: Actor, *, instead: str
) -> Job:
    """Find a finished job that somebody may see where they act, with its clip.

    Raise NotAllowed, and say what can be done `instead`.
    """
    job = await orders.seen(job_id, actor)
    if job.state not in _FINISHED:
        raise NotAllowed(_NOT_YET)
    if job.video is None or not await clips.holds(job_id, job.video):
        raise NotAllowed(f"{_GONE} {instead}")
    return job
