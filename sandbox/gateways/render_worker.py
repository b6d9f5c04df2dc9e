"""Does the work of a task: waits in the queue, fetches the picture, renders, settles."""

import asyncio
from dataclasses import dataclass
from typing import Literal, TypeAlias

import aiohttp

from sandbox.film import Film, Renderer, RenderingFailed
from sandbox.gateways.history import Changes
from sandbox.gateways.orders import Order
from sandbox.gateways.pace import Pace
from sandbox.gateways.pictures import PictureRefused, check_picture, fetch_picture
from sandbox.gateways.tasks import Task

Ending: TypeAlias = Literal["failed", "cancelled", "expired"]


@dataclass(frozen=True, slots=True)
class Fate:
    """How a task shall end instead of well, and the reason it gives. None keeps it running for ever."""

    ending: Ending | None
    reason: object = None


class RenderWorker:
    """Owns the work of every task; closing it ends all of it. Its `pace` may change at any time."""

    def __init__(
        self, pace: Pace, changes: Changes, session: aiohttp.ClientSession, clip: bytes | None
    ) -> None:
        self.pace = pace
        self._changes = changes
        self._session = session
        self._clip = clip
        self._theatre = Renderer()
        self._work: set[asyncio.Task[None]] = set()

    def start(self, task: Task, fate: Fate | None) -> None:
        work = asyncio.create_task(self._make(task, fate))
        self._work.add(work)
        work.add_done_callback(self._work.discard)

    async def close(self) -> None:
        """End all work now."""
        for work in self._work:
            work.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    async def _make(self, task: Task, fate: Fate | None) -> None:
        await asyncio.sleep(self.pace.queued)
        task.moves("running")
        self._changes.announce()
        async with asyncio.TaskGroup() as group:
            outcome = group.create_task(self._outcome(task.order, fate))
            await self._advance(task)
        self._settle(task, outcome.result())

    async def _advance(self, task: Task) -> None:
        steps = max(self.pace.steps, 1)
        for step in range(1, steps + 1):
            await asyncio.sleep(self.pace.rendering / steps)
            task.progress = min(round(100 * step / steps), 99)
            self._changes.announce()

    async def _outcome(self, order: Order, fate: Fate | None) -> bytes | Fate:
        if fate is not None:
            return fate
        try:
            return await self._film(order)
        except PictureRefused as error:
            return Fate("failed", {"code": "image_fetch_failed", "message": str(error)})
        except RenderingFailed as error:
            return Fate("failed", {"code": "generation_failed", "message": str(error)})

    async def _film(self, order: Order) -> bytes:
        pictures = [await fetch_picture(self._session, link) for link in order.links]
        if order.picture is not None:
            check_picture(order.picture)
            pictures.insert(0, order.picture)
        if self._clip is not None:
            return self._clip
        return await self._theatre.render(_script(order, pictures[0] if pictures else None))

    def _settle(self, task: Task, outcome: bytes | Fate) -> None:
        if isinstance(outcome, bytes):
            task.succeeds(outcome)
        elif outcome.ending is not None:
            task.ends(outcome.ending, outcome.reason)
        self._changes.announce()


def _script(order: Order, picture: bytes | None) -> Film:
    ratio = order.ratio or (None if picture else "16:9")
    caption = f"{order.model} · {order.mode} · {order.seconds} s · local stand-in"
    return Film(order.prompt, order.seconds, ratio, order.mode, order.audio, picture, caption)
