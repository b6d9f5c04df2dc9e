"""Takes orders: from an interaction to a card and a job."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

import discord

from cogs.cards.channels import is_guest
from cogs.ordering.attachments import PictureReader
from cogs.ordering.message_orders import MessageOrders
from cogs.ordering.order_options import OrderSpec
from cogs.ui.ack_priority import AcknowledgementPriority
from cogs.ui.components import notice
from cogs.ui.error_replies import keep_answer
from core.model.delivery import Destination
from core.model.order_ids import copy_id
from core.services.orders import OrderService

AT_ONCE: Final = 8

_NO_MORE: Final = (
    "One video is on its way. I may not post messages of my own here, so I ordered no more of them and "
    "charged nothing for them."
)


class InteractionOrders:
    """Interactions are acknowledged first; the rest is done for a few at a time.

    So a burst of commands is acknowledged as a whole before any of it is worked on.
    """

    def __init__(
        self, *, orders: OrderService, pictures: PictureReader, message_orders: MessageOrders
    ) -> None:
        self._orders = orders
        self._pictures = pictures
        self._message_orders = message_orders
        self._places = asyncio.Semaphore(AT_ONCE)
        self._acknowledgements = AcknowledgementPriority()

    async def take(self, interaction: discord.Interaction, spec: OrderSpec) -> None:
        """Acknowledge the interaction and order. Raise RequestRefused."""
        card_id = await self.acknowledge(interaction, is_private=spec.is_private)
        await self.serve(interaction, spec, card_id)

    async def acknowledge(self, interaction: discord.Interaction, *, is_private: bool) -> int | None:
        """Tell Discord that the answer takes a while; return the message that it will be."""
        with self._acknowledgements.count():
            await self._acknowledgements.turn()
            callback = await interaction.response.defer(thinking=True, ephemeral=is_private)
        return callback.message_id if callback else None

    async def serve(self, interaction: discord.Interaction, spec: OrderSpec, card_id: int | None) -> None:
        """Order for an interaction that has been acknowledged. Raise RequestRefused."""
        await self._acknowledgements.over()
        job_ids = [copy_id(interaction.id, ordinal) for ordinal in range(spec.count)]
        # Pictures have a queue of their own: an order without one does not wait there.
        member_id = interaction.user.id
        request = await self._pictures.attach(spec.request, spec.attachments, member_id, job_ids)
        spec = replace(spec, request=request)
        async with self._places:
            await self._pictures.prepare(interaction, request, job_ids)
            if spec.is_private:
                await self._take_privately(interaction, spec)
            else:
                await self._take_here(interaction, spec, card_id)

    async def _take_here(
        self, interaction: discord.Interaction, spec: OrderSpec, card_id: int | None
    ) -> None:
        place = _place(interaction, spec, card_id)
        first = await self._orders.order(interaction.id, spec.request, place, parent_id=spec.parent_id)
        keep_answer(interaction)
        await self._message_orders.show(first, interaction)
        for ordinal in range(1, spec.count):
            _ = await self._message_orders.order(
                copy_id(interaction.id, ordinal), spec, place, closed=_NO_MORE
            )

    async def _take_privately(self, interaction: discord.Interaction, spec: OrderSpec) -> None:
        place = Destination(
            requester_id=interaction.user.id,
            channel_id=await self._message_orders.direct(interaction.user.id),
            guild_id=interaction.guild_id,
            is_private=True,
            wants_ping=spec.wants_ping,
        )
        for ordinal in range(spec.count):
            _ = await self._message_orders.order(copy_id(interaction.id, ordinal), spec, place)
        await interaction.edit_original_response(view=notice("🔒 I will send it to you in a direct message."))


def _place(interaction: discord.Interaction, spec: OrderSpec, card_id: int | None) -> Destination:
    return Destination(
        requester_id=interaction.user.id,
        channel_id=interaction.channel_id or 0,
        guild_id=interaction.guild_id,
        card_id=card_id,
        upload_limit=interaction.filesize_limit,
        wants_ping=spec.wants_ping,
        is_guest=is_guest(interaction),
    )
