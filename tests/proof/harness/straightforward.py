"""The engine that one writes first: create, then insert; retry three times; send. It must be caught."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from typing import Final

import discord

from core.model.errors import ProviderError, StoreError
from core.model.video import Result
from core.ports import Created, Failed, Finished, Order, Unproved
from tests.fakes.models import STANDARD
from tests.fakes.running_core import BOAT
from tests.proof.harness.channels import CHANNEL, ChannelsDoor
from tests.proof.harness.disk import WRITE, Files
from tests.proof.harness.failpoints import Crash, Fault
from tests.proof.harness.gateway import GatewayDoor
from tests.proof.harness.world import World, ended

TRIES: Final = 3
_GONE_WRONG: Final = (ProviderError, discord.HTTPException, OSError, RuntimeError, ValueError)


class Straightforward:
    """Keeps a row for each paid task, in `world.rows`, until its video was sent."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._library = files.clips
        points = world.points
        self._provider = GatewayDoor("anyint", world.gateways, points, world.clock, files.replies)
        self._channel = ChannelsDoor(world.town, points).get_partial_messageable(CHANNEL)
        self._nonces = itertools.count(world.starts * 1000)
        self._work: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        for job_id, created in list(self._world.rows.items()):
            self._work.append(asyncio.create_task(self._finish(job_id, created)))
        await asyncio.Event().wait()

    def is_at_rest(self) -> bool:
        return all(task.done() for task in self._work)

    def happens(self, event: Fault) -> None:
        raise Crash(event.name)

    async def order(self, job_id: int) -> None:
        card = self._world.town.has_card(job_id)
        for _ in range(TRIES):
            try:
                created = await self._provider.create(Order(job_id, BOAT, STANDARD))
            except _GONE_WRONG:
                continue
            with suppress(StoreError):  # discord.py logs it
                await self._insert(job_id, created)
            self._work.append(asyncio.create_task(self._finish(job_id, created)))
            return
        card.content = "No video"

    async def end(self) -> None:
        await ended(self._work)

    async def _insert(self, job_id: int, created: Created) -> None:
        async def effect() -> None:
            self._world.rows[job_id] = created

        await self._world.points.at("insert", effect, WRITE)

    async def _finish(self, job_id: int, created: Created) -> None:
        result = await self._result(created)
        if result is None:
            self._world.town.has_card(job_id).content = "No video"
        else:
            await self._deliver(job_id, created, result)
        self._world.rows.pop(job_id, None)

    async def _deliver(self, job_id: int, created: Created, result: Result) -> None:
        path = self._library.path(job_id)
        for _ in range(TRIES):
            with suppress(*_GONE_WRONG):
                await self._provider.fetch(created.ticket, result, path)
                await self._channel.send(files=[discord.File(path)], nonce=f"{job_id}-{next(self._nonces)}")
                return

    async def _result(self, created: Created) -> Result | None:
        while True:
            try:
                progress = await self._provider.check(created.ticket)
            except _GONE_WRONG:
                continue
            if isinstance(progress, Unproved):
                progress = progress.ending
            if isinstance(progress, Finished):
                return progress.result
            if isinstance(progress, Failed):
                return None
            await self._world.clock.sleep(5)
