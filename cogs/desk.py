"""Takes orders: from an interaction to a card and a job."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import discord

from cogs.board import Board, Channels, card_message
from cogs.card import notice
from cogs.pictures import PictureDesk
from cogs.places import is_guest
from cogs.speech import keep_answer
from cogs.troubles import translated
from core.errors import DeliveryError, MatineeError, NobodyThere, NotAllowed
from core.jobs import Destination, Job
from core.ports import Glance
from core.studio import Studio
from core.video import VideoRequest

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 30.0
AT_ONCE: Final = 8

_DM_CLOSED: Final = (
    "I cannot send you direct messages, so a private video could not reach you. Nothing was ordered. "
    "Allow direct messages from this server's members, or ask without `private`."
)
_NO_MORE: Final = (
    "One video is on its way. I may not post messages of my own here, so I ordered no more of them and "
    "charged nothing for them."
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to make, how often, whether only the requester may see it, and whether they are notified.

    `attachments` are pictures of the request that Discord holds and nobody has looked at yet.
    """

    request: VideoRequest
    count: int = 1
    is_private: bool = False
    wants_ping: bool = True
    parent_id: int | None = None
    attachments: tuple[discord.Attachment, ...] = ()


class OrderDesk:
    """Interactions are acknowledged first; what follows is done for a few at a time.

    So a burst of commands is acknowledged as a whole before any of it is worked on.
    """

    def __init__(
        self,
        *,
        studio: Studio,
        pictures: PictureDesk,
        board: Board,
        channels: Channels,
        ahead: Callable[[int], int | None],
    ) -> None:
        self._studio = studio
        self._pictures = pictures
        self._board = board
        self._channels = channels
        self._ahead = ahead
        self._places = asyncio.Semaphore(AT_ONCE)

    async def take(self, interaction: discord.Interaction, wish: Wish) -> None:
        """Acknowledge the interaction and order what is wished for. Raise RequestRefused."""
        card_id = await self.acknowledge(interaction, is_private=wish.is_private)
        await self.serve(interaction, wish, card_id)

    async def acknowledge(self, interaction: discord.Interaction, *, is_private: bool) -> int | None:
        """Say that the answer takes a while; return the message that it will be."""
        callback = await interaction.response.defer(thinking=True, ephemeral=is_private)
        return callback.message_id if callback else None

    async def serve(self, interaction: discord.Interaction, wish: Wish, card_id: int | None) -> None:
        """Order what is wished for in an interaction that has been acknowledged. Raise RequestRefused."""
        async with self._places:
            job_ids = range(interaction.id, interaction.id + wish.count)
            request = await self._pictures.prepared(interaction, wish.request, wish.attachments, job_ids)
            wish = replace(wish, request=request)
            if wish.is_private:
                await self._take_privately(interaction, wish)
            else:
                await self._take_here(interaction, wish, card_id)

    async def _take_here(self, interaction: discord.Interaction, wish: Wish, card_id: int | None) -> None:
        first = await self._order(interaction, wish, 0, _place(interaction, wish, card_id))
        keep_answer(interaction)
        await self._show(first, interaction)
        for ordinal in range(1, wish.count):
            await self._order_beside(interaction, wish, ordinal)

    async def _take_privately(self, interaction: discord.Interaction, wish: Wish) -> None:
        for ordinal in range(wish.count):
            place = await self._open_direct(interaction, wish, ordinal)
            job = await self._order_there(interaction, wish, ordinal, place)
            await self._show(job, card_message(self._channels, place))
        await interaction.edit_original_response(view=notice("🔒 I will send it to you in a direct message."))

    async def _open_direct(self, interaction: discord.Interaction, wish: Wish, ordinal: int) -> Destination:
        try:
            async with translated(MESSAGE_SECONDS):
                channel = await interaction.user.create_dm()
                message = await channel.send(view=notice("⏳ …"), nonce=f"{interaction.id + ordinal}-p")
        except NobodyThere as error:
            raise NotAllowed(_DM_CLOSED) from error
        return Destination(
            requester_id=interaction.user.id,
            channel_id=channel.id,
            guild_id=interaction.guild_id,
            card_id=message.id,
            is_private=True,
            wants_ping=wish.wants_ping,
        )

    async def _order_beside(self, interaction: discord.Interaction, wish: Wish, ordinal: int) -> None:
        """Order one more, in a message of its own."""
        place = _place(interaction, wish, None)
        channel = self._channels.get_partial_messageable(place.channel_id)
        try:
            async with translated(MESSAGE_SECONDS):
                message = await channel.send(view=notice("⏳ …"), nonce=f"{interaction.id + ordinal}-p")
        except NobodyThere as error:
            raise NotAllowed(_NO_MORE) from error
        job = await self._order_there(interaction, wish, ordinal, _place(interaction, wish, message.id))
        await self._show(job, card_message(self._channels, job.destination))

    async def _order_there(
        self, interaction: discord.Interaction, wish: Wish, ordinal: int, place: Destination
    ) -> Job:
        """Order with a card that was posted for it; where nothing was ordered, that goes again."""
        try:
            return await self._order(interaction, wish, ordinal, place)
        except MatineeError:
            await _withdraw(card_message(self._channels, place))
            raise

    async def _order(
        self, interaction: discord.Interaction, wish: Wish, ordinal: int, place: Destination
    ) -> Job:
        return await self._studio.order(
            interaction.id + ordinal, wish.request, place, parent_id=wish.parent_id
        )

    async def _show(self, job: Job, message: discord.Interaction | discord.PartialMessage | None) -> None:
        """Show the card. A job goes on without: its next change shows it."""
        if message is None:
            return
        try:
            async with translated(MESSAGE_SECONDS):
                await self._board.first(Glance(job, ahead=self._ahead(job.id)), message)
        except DeliveryError as error:
            log.warning("a new card was not shown", extra={"job": job.id, "why": str(error)})


async def _withdraw(message: discord.PartialMessage | None) -> None:
    if message is None:
        return
    try:
        async with translated(MESSAGE_SECONDS):
            await message.delete()
    except DeliveryError as error:
        log.warning("an empty card was left", extra={"card": message.id, "why": str(error)})


def _place(interaction: discord.Interaction, wish: Wish, card_id: int | None) -> Destination:
    return Destination(
        requester_id=interaction.user.id,
        channel_id=interaction.channel_id or 0,
        guild_id=interaction.guild_id,
        card_id=card_id,
        upload_limit=interaction.filesize_limit,
        wants_ping=wish.wants_ping,
        is_guest=is_guest(interaction),
    )
