"""What a member can decide about a request with an unknown outcome."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import discord

from cogs.actions.buttons import Action
from cogs.cards.card import Card
from cogs.cards.card_updater import NO_MENTIONS, card_message
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.order_options import OrderOptions
from cogs.ui.client import DiscordClient
from cogs.ui.components import button, notice
from cogs.ui.discord_errors import translate_errors
from cogs.ui.people import actor_of, requester_of
from core.model.delivery import Destination
from core.model.errors import DeliveryError, NotAllowed
from core.model.job import Job, JobState
from core.services.job_actions import Member
from core.services.orders import OrderService

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 30.0
_DECIDED: Final = frozenset({JobState.DISMISSED, JobState.SUPERSEDED})
_SURE: Final = (
    "The provider never confirmed this request. It may be running and may be charged. If you start it "
    "again, it may be made and charged twice. Start it again?"
)

Decide: TypeAlias = Callable[[int, Member], Awaitable[Job]]


class UnconfirmedActions:
    """The buttons of a card that says ❓: start again, which is asked twice, or dismiss."""

    def __init__(
        self,
        *,
        orders: OrderService,
        interaction_orders: InteractionOrders,
        order_options: OrderOptions,
        channels: DiscordClient,
        card: Card,
    ) -> None:
        self._orders = orders
        self._interaction_orders = interaction_orders
        self._order_options = order_options
        self._channels = channels
        self._card = card

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"risk": self.ask, "resend": self.resend, "dismiss": self.dismiss}

    async def ask(self, interaction: discord.Interaction, job_id: int) -> None:
        await self._orders.find_managed(job_id, actor_of(interaction))
        view = notice(_SURE, button(job_id, "resend"))
        await interaction.response.send_message(view=view, ephemeral=True)

    async def resend(self, interaction: discord.Interaction, job_id: int) -> None:
        """Order the same again, as a job of its own; the first one is closed, and by one press only.

        Where nothing could be ordered it stays as it is; where the provider knows its task, that is followed.
        """
        await self._orders.look_again(job_id, actor_of(interaction))
        requester, doubt = (
            requester_of(interaction),
            await self._orders.find_managed(job_id, actor_of(interaction)),
        )
        spec = await self._order_options.repeat(doubt, requester)
        if doubt.state is JobState.UNKNOWN:
            place = Destination(
                requester_id=requester.person_id, channel_id=requester.channel_id, guild_id=requester.guild_id
            )
            await self._orders.check_room(spec.request, place, doubt)
        job = await self._decide(self._orders.supersede, interaction, job_id)
        try:
            await self._interaction_orders.take(interaction, spec)
        finally:
            await self.show(job)

    async def dismiss(self, interaction: discord.Interaction, job_id: int) -> None:
        job = await self._decide(self._orders.dismiss, interaction, job_id)
        await interaction.response.defer()
        await self.show(job)

    async def _decide(self, decide: Decide, interaction: discord.Interaction, job_id: int) -> Job:
        """Decide. If it was decided already, perhaps at the command line, update the card."""
        try:
            return await decide(job_id, actor_of(interaction))
        except NotAllowed:
            job = await self._orders.find_managed(job_id, actor_of(interaction))
            if job.state in _DECIDED:
                await self.show(job)
            raise

    async def show(self, job: Job) -> None:
        """Show on the card what was decided. The decision stands without it."""
        message = card_message(self._channels, job.destination)
        if message is None:
            return
        try:
            async with translate_errors(MESSAGE_SECONDS):
                await message.edit(view=self._card.ended(job), allowed_mentions=NO_MENTIONS)
        except DeliveryError as error:
            log.info("a card was not updated", extra={"job": job.id, "why": str(error)})
