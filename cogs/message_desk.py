"""Takes orders without an interaction, from messages and reactions: the card is an answer to them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import discord

from cogs.answers import post_patiently
from cogs.board import Board
from cogs.card import notice
from cogs.desk import Wish
from cogs.marks import Spot
from cogs.pictures import PictureDesk
from cogs.places import Doors
from cogs.troubles import translated
from cogs.wishing import Asker
from core.errors import DeliveryError, MatineeError, NobodyThere, NotAllowed
from core.jobs import Destination, Job
from core.ports import Clock, Glance
from core.prompt_channels import order_id
from core.studio import Studio

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 30.0
_DM_CLOSED: Final = (
    "I cannot send you direct messages, so a private video could not reach you. Nothing was ordered. "
    "Allow direct messages from this server's members."
)
_NO_CARD: Final = "I may not post here, so I ordered nothing. Nothing was charged."


@dataclass(frozen=True, slots=True)
class Calling:
    """What asked for a video: `number` is that of its first job, `spot` the message that is answered."""

    number: int
    asker: Asker
    spot: Spot


class MessageDesk:
    def __init__(
        self,
        *,
        studio: Studio,
        pictures: PictureDesk,
        board: Board,
        doors: Doors,
        clock: Clock,
        ahead: Callable[[int], int | None],
    ) -> None:
        self._studio = studio
        self._pictures = pictures
        self._board = board
        self._doors = doors
        self._clock = clock
        self._ahead = ahead

    async def take(self, calling: Calling, wish: Wish) -> None:
        """Order what is wished for, once however often it is asked. Raise MatineeError."""
        await self._pictures.check(wish.request)
        place = await self._place(calling, wish)
        for ordinal in range(wish.count):
            job_id = order_id(calling.number, ordinal)
            if not await self._studio.is_known(job_id):
                await self._order(job_id, calling, wish, place)

    async def _place(self, calling: Calling, wish: Wish) -> Destination:
        asker = calling.asker
        place = Destination(
            requester_id=asker.person_id,
            channel_id=asker.channel_id,
            guild_id=asker.guild_id,
            is_private=wish.is_private,
            wants_ping=wish.wants_ping,
        )
        if not wish.is_private:
            return place
        try:
            async with translated(MESSAGE_SECONDS):
                channel = await self._doors.create_dm(discord.Object(asker.person_id))
        except NobodyThere as error:
            raise NotAllowed(_DM_CLOSED) from error
        return replace(place, channel_id=channel.id)

    async def _order(self, job_id: int, calling: Calling, wish: Wish, place: Destination) -> None:
        """Post a card and order its job; where nothing was ordered, the card goes again."""
        channel = self._doors.get_partial_messageable(place.channel_id)
        to = calling.spot if calling.spot.channel_id == place.channel_id else None
        try:
            posted = await post_patiently(self._clock, channel, notice("⏳ …"), nonce=f"{job_id}-p", to=to)
        except NobodyThere as error:
            raise NotAllowed(_DM_CLOSED if place.is_private else _NO_CARD) from error
        card = channel.get_partial_message(posted.id)
        try:
            place = replace(place, card_id=posted.id)
            job = await self._studio.order(job_id, wish.request, place, parent_id=wish.parent_id)
        except MatineeError:
            await _withdraw(card)
            raise
        await self._show(job, card)

    async def _show(self, job: Job, card: discord.PartialMessage) -> None:
        """Show the card. A job goes on without: its next change shows it."""
        try:
            async with translated(MESSAGE_SECONDS):
                await self._board.first(Glance(job, ahead=self._ahead(job.id)), card)
        except DeliveryError as error:
            log.warning("a new card was not shown", extra={"job": job.id, "why": str(error)})


async def _withdraw(card: discord.PartialMessage) -> None:
    try:
        async with translated(MESSAGE_SECONDS):
            await card.delete()
    except DeliveryError as error:
        log.warning("an empty card was left", extra={"card": card.id, "why": str(error)})
