"""The real program, as it is built at each start."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from cogs.cards.card import Card
from cogs.cards.card_updater import EDIT_SECONDS, CardUpdater
from cogs.cards.courier import DiscordCourier
from core.delivery.message_notes import StaleCards
from core.delivery.refusals import Refusals
from core.dispatch.confirmations import Confirmations
from core.dispatch.fair_queue import FairQueue
from core.model.delivery import Destination
from core.model.errors import MatineeError
from core.services.job_actions import Member, Operator
from storage.memory.stores import MemoryKeyValues
from tests.fakes.models import CATALOG
from tests.fakes.running_core import ALICE, BOAT, Engine, engine
from tests.proof.harness.channels import BOT_ID, CHANNEL, ChannelsDoor
from tests.proof.harness.disk import Files, LibraryDoor, RepliesDoor, StoreDoor
from tests.proof.harness.failpoints import (
    AGAIN,
    CANCEL,
    COMMANDS,
    JOBS_CANCEL,
    JOBS_CONFIRM,
    JOBS_DELIVER,
    REPLAY,
    STOP,
    Fault,
)
from tests.proof.harness.gateway import STRANGER, GatewayDoor
from tests.proof.harness.world import World, ended

AGAIN_ID: Final = 1002
"""The job that 🔁 at the first one orders."""

YES_SECONDS: Final = 3600.0
"""So long after a start an operator says yes to what waits for one."""


class Program:
    """The real core, courier, board and card around the doors to the world."""

    def __init__(self, world: World, files: Files) -> None:
        points, clock = world.points, world.clock
        self._store = files.store
        channels, card = ChannelsDoor(world.town, points), Card(CATALOG)
        replies = RepliesDoor(files.replies, points)
        self.world = world
        self.confirmations = Confirmations(world.notes)
        self._errands: list[asyncio.Task[None]] = []
        self.card_updater = CardUpdater(channels, card, clock, gap_seconds=EDIT_SECONDS)
        self.engine: Engine = engine(
            store=StoreDoor(files.store, points, world.chronicle),
            clock=clock,
            providers={
                name: GatewayDoor(name, world.gateways, points, clock, replies) for name in world.providers
            },
            clips=LibraryDoor(files.clips, points),
            courier=DiscordCourier(
                channels,
                self.card_updater,
                card,
                clock,
                StaleCards(MemoryKeyValues()),
                Refusals(clock),
                bot_id=BOT_ID,
            ),
            replies=replies,
            fair_queue=FairQueue(places=world.places, places_for_member=2),
            limits=world.limits,
            catalog=world.catalog,
            confirmations=self.confirmations,
            notes=world.notes,
        )

    async def run(self) -> None:
        await self.confirmations.recall(self._store)
        if self.confirmations.waiting:
            self._errands.append(asyncio.create_task(self._say_yes(after=YES_SECONDS)))
        await self.engine.runner.recover()
        async with asyncio.TaskGroup() as group:
            drawing = group.create_task(self.card_updater.run())
            await self.engine.runner.run()
            drawing.cancel()

    def _who_ordered(self, job_id: int) -> int:
        job = self.world.chronicle.jobs.get(job_id)
        return ALICE if job is None else job.destination.requester_id

    def is_at_rest(self) -> bool:
        """Whether every job has ended, or waits for a person who was told."""
        is_busy = any(not errand.done() for errand in self._errands)
        return not is_busy and not self.world.chronicle.restless

    def happens(self, event: Fault) -> None:
        if event is STOP:
            self.world.has_stopped = True
            self.engine.orders.close()
            self.engine.runner.drain()
        elif event is CANCEL:
            self._errands.append(asyncio.create_task(self.cancel(1)))
        elif event is REPLAY:
            self._errands.append(asyncio.create_task(self.order(1, member_id=self._who_ordered(1))))
        elif event is AGAIN:
            self._errands.append(asyncio.create_task(self.order(AGAIN_ID, parent_id=1)))
        elif event in COMMANDS:
            self._errands.append(asyncio.create_task(self.command(event, 1)))

    async def order(
        self,
        job_id: int,
        *,
        parent_id: int | None = None,
        member_id: int = ALICE,
        channel_id: int = CHANNEL,
    ) -> None:
        card = self.world.town.has_card(job_id, channel_id)
        destination = Destination(requester_id=member_id, channel_id=channel_id, card_id=card.id)
        try:
            await self.engine.orders.order(job_id, BOAT, destination, parent_id=parent_id)
        except MatineeError as error:
            card.content = card.content or str(error)

    async def end(self) -> None:
        await ended(self._errands)

    async def command(self, event: Fault, job_id: int) -> None:
        """Do what the operator's command says, as the running bot does it."""
        with suppress(MatineeError):
            if event is JOBS_CANCEL:
                await self.engine.orders.cancel(job_id, Operator())
            elif event is JOBS_DELIVER and not self._is_strangers(job_id):
                await self.engine.orders.deliver_again(job_id, Operator())
            elif event is JOBS_CONFIRM:
                await self._say_yes()

    def _is_strangers(self, job_id: int) -> bool:
        """Whether the operator sees that the clip which was offered is another member's."""
        job = self.world.chronicle.jobs.get(job_id)
        return job is not None and job.result is not None and STRANGER in (job.result.url or "")

    async def _say_yes(self, *, after: float = 0.0) -> None:
        """Let everything be sent that waits for a yes."""
        await self.world.clock.sleep(after)
        for job_id in sorted(self.confirmations.waiting):
            self.world.gateways.forbidden.discard(job_id)
            await self.confirmations.confirm(job_id)
            self.engine.runner.wake(self.world.chronicle.jobs[job_id])

    async def cancel(self, job_id: int, *, member_id: int = ALICE) -> None:
        with suppress(MatineeError):
            await self.engine.orders.cancel(job_id, Member(member_id))
