"""Delivers a stored clip to a place: attached as it is, made smaller and attached, or as a link."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from core.delivery.plan import AIM, MOST_BYTES, UploadLimits, choose_first_way, guess_limit, next_way
from core.model.delivery import Delivery, Obstacle, Way
from core.model.errors import TooLarge
from core.model.job import Job
from core.model.video import Result
from core.ports import ClipStore, Courier, Encoder, Link, Links

Placed = TypeVar("Placed")


@dataclass(frozen=True, slots=True)
class DeliveryTools:
    """The tools to deliver a video. `encoding` is held while a clip is made smaller: one at a time."""

    courier: Courier
    clips: ClipStore
    encoder: Encoder
    links: Links
    limits: UploadLimits
    encoding: asyncio.Lock = field(default_factory=asyncio.Lock)


async def _nowhere() -> None: ...


@dataclass(frozen=True, slots=True)
class DeliveryTarget(Generic[Placed]):
    """A place for the clip of a job.

    `put` puts a file or a link there and returns where that is, or raises DeliveryError. `result` says where
    the gateway keeps the clip. `line` is held by those of its kind that wait for the encoder.
    """

    job: Job
    put: Callable[[Path | Link], Awaitable[Placed]]
    result: Callable[[], Awaitable[Result | None]] = _nowhere
    line: AbstractAsyncContextManager[object] = field(default_factory=nullcontext[None])


class Blocked(Exception):
    """The way that was tried cannot work. `size` is that of a file that was refused."""

    def __init__(self, obstacle: Obstacle, size: int = 0) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle
        self.size = size


async def attempt(
    tools: DeliveryTools, target: DeliveryTarget[Placed], way: Way, size: int = 0, limit: int = MOST_BYTES
) -> Placed:
    """Try one way to deliver a clip of `size` bytes to where files may weigh `limit` bytes.

    Raise Blocked where it cannot work, and what the target raises.
    """
    clip: Path | Link | None = tools.clips.path(target.job.id)
    if way is Way.LINK:
        clip, size = await tools.links.offer(target.job, await target.result()), 0
    if way is Way.REENCODE:
        clip, size = tools.clips.fitted(target.job.id), await _make_smaller(tools, target, limit)
    if clip is None:
        raise Blocked(Obstacle.NO_LINK)
    try:
        return await target.put(clip)
    except TooLarge as error:
        raise Blocked(Obstacle.TOO_LARGE, size) from error


async def _make_smaller(tools: DeliveryTools, target: DeliveryTarget[Placed], limit: int) -> int:
    """Make a smaller copy of a clip; return how many bytes it has. Raise Blocked."""
    clips, job_id = tools.clips, target.job.id
    async with target.line, tools.encoding:
        fitted = await tools.encoder.fit(clips.path(job_id), clips.fitted(job_id), limit=int(limit * AIM))
    if fitted is None:
        raise Blocked(Obstacle.NOT_FITTED)
    return fitted.size


async def deliver(
    tools: DeliveryTools,
    target: DeliveryTarget[Placed],
    size: int,
    limit: int = MOST_BYTES,
    learn: Callable[[int], Awaitable[None]] | None = None,
) -> Placed:
    """Try one way after another. `learn` is called with the size of each file that was too large.

    Raise Blocked where the last way cannot work, and what the target raises.
    """
    limit = min(limit, MOST_BYTES)
    tried = choose_first_way(Delivery(plan=Way.UNDECIDED), size, limit)
    while True:
        try:
            return await attempt(tools, target, tried.plan, size, limit)
        except Blocked as blocked:
            onwards = next_way(tried, blocked.obstacle, can_go_direct=False)
            if onwards is None:
                raise
            tried = onwards
            if blocked.size:
                limit = guess_limit(blocked.size)
                if learn is not None:
                    await learn(blocked.size)
