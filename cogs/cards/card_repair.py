"""Updates cards that could not be changed when their jobs ended, once they can be."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from cogs.cards.card import Card
from cogs.cards.card_updater import NO_MENTIONS, CardUpdater, card_message
from cogs.cards.result_messages import shows_result
from cogs.ui.client import DiscordClient
from cogs.ui.components import Layout
from cogs.ui.discord_errors import MessageGone, translate_errors
from core.delivery.message_notes import StaleCards
from core.model.errors import DeliveryError, NotAllowed, StoreError
from core.model.job import Job, JobState
from core.ports import Clock
from core.services.orders import OrderService

log = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 3600.0
MESSAGE_SECONDS: Final = 30.0
LONGEST: Final = timedelta(days=7)
"""A card that cannot be changed so long after its job ended is left as it is."""


class CardRepair:
    """Tries at the start of the program and every hour. It pings no member, and never overwrites a result."""

    def __init__(
        self,
        *,
        stale_cards: StaleCards,
        orders: OrderService,
        card_updater: CardUpdater,
        channels: DiscordClient,
        card: Card,
        clock: Clock,
    ) -> None:
        self._stale_cards = stale_cards
        self._orders = orders
        self._card_updater = card_updater
        self._channels = channels
        self._card = card
        self._clock = clock

    async def run(self) -> None:
        """Update cards until cancelled."""
        while True:
            try:
                for job_id in await self._stale_cards.all():
                    await self._tell(job_id)
            except StoreError as error:
                log.warning("cards could not be told", extra={"why": str(error)})
            await self._clock.sleep(PAUSE_SECONDS)

    async def _tell(self, job_id: int) -> None:
        try:
            async with self._card_updater.hold(job_id):
                is_settled = await self._is_settled(job_id)
        except (MessageGone, NotAllowed):
            is_settled = True  # the card is gone, or the job
        except DeliveryError as error:
            log.info("a card was not updated", extra={"job": job_id, "why": str(error)})
            is_settled = await self._is_old(job_id)
        if is_settled:
            await self._stale_cards.settle(job_id)

    async def _is_settled(self, job_id: int) -> bool:
        """Show the job's state on the card; return False while there is nothing to show."""
        job = await self._orders.find(job_id)
        if not job.is_over and job.state is not JobState.UNKNOWN:
            return False
        view, message = self._view(job), card_message(self._channels, job.destination)
        if view is None or message is None:
            return True
        async with translate_errors(MESSAGE_SECONDS):
            if job.state is not JobState.UNDELIVERABLE or not shows_result(await message.fetch(), job_id):
                await message.edit(attachments=[], view=view, allowed_mentions=NO_MENTIONS)
        return True

    async def _is_old(self, job_id: int) -> bool:
        job = await self._orders.find(job_id)
        return self._clock.now() - job.updated_at > LONGEST

    def _view(self, job: Job) -> Layout | None:
        """Draw the card; None where it has become the result meanwhile, or shall not be one any more."""
        if not job.has_arrived:
            return self._card.ended(job)
        is_elsewhere = job.delivery is not None and job.delivery.is_direct
        return self._card.sent_directly(job) if is_elsewhere else None
