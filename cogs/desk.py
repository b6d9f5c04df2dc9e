"""Takes orders: from an interaction to a card and a job."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import discord

from cogs.board import Board, Channels, card_message
from cogs.card import notice
from cogs.speech import keep_answer
from cogs.troubles import translated
from core.errors import DeliveryError, MatineeError, NobodyThere, NotAllowed, PictureUnusable
from core.jobs import Destination, Job
from core.ports import Glance, PictureFile, Pictures
from core.studio import Studio
from core.video import VideoRequest

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 30.0
AT_ONCE: Final = 8
MOST_PICTURE_BYTES: Final = 50_000_000
"""A larger picture is not even looked at; one above what a gateway takes is made smaller."""

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
        pictures: Pictures,
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
        callback = await interaction.response.defer(thinking=True, ephemeral=wish.is_private)
        async with self._places:
            wish = await self._with_pictures(interaction, wish)
            if wish.is_private:
                await self._take_privately(interaction, wish)
            else:
                await self._take_here(interaction, wish, callback.message_id if callback else None)

    async def _with_pictures(self, interaction: discord.Interaction, wish: Wish) -> Wish:
        """Look at the attached pictures; one that had to be converted is put where a gateway finds it."""
        for attachment in wish.attachments:
            fitted = await self._pictures.fitted(await _read(attachment))
            if fitted.is_changed:
                link = await _hosted(interaction, fitted)
                wish = replace(wish, request=_with_link(wish.request, attachment.url, link))
        return wish

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


async def _read(attachment: discord.Attachment) -> bytes:
    if attachment.size > MOST_PICTURE_BYTES:
        size, most = attachment.size / 1e6, MOST_PICTURE_BYTES // 1_000_000
        raise PictureUnusable(f"The picture has {size:.0f} MB; {most} MB is the most.")
    try:
        async with translated(MESSAGE_SECONDS):
            return await attachment.read()
    except DeliveryError as error:
        raise PictureUnusable(
            "Discord did not hand me the picture. Nothing was ordered; attach it again."
        ) from error


async def _withdraw(message: discord.PartialMessage | None) -> None:
    if message is None:
        return
    try:
        async with translated(MESSAGE_SECONDS):
            await message.delete()
    except DeliveryError as error:
        log.warning("an empty card was left", extra={"card": message.id, "why": str(error)})


async def _hosted(interaction: discord.Interaction, picture: PictureFile) -> str:
    """Put a picture into the answer that is under way, and return its link there."""
    file = discord.File(io.BytesIO(picture.data), filename=f"picture{picture.extension}")
    async with translated(MESSAGE_SECONDS):
        message = await interaction.edit_original_response(attachments=[file])
    return message.attachments[0].url


def _with_link(request: VideoRequest, old: str, new: str) -> VideoRequest:
    return replace(
        request,
        first_frame=new if request.first_frame == old else request.first_frame,
        reference=new if request.reference == old else request.reference,
    )


def _place(interaction: discord.Interaction, wish: Wish, card_id: int | None) -> Destination:
    return Destination(
        requester_id=interaction.user.id,
        channel_id=interaction.channel_id or 0,
        guild_id=interaction.guild_id,
        card_id=card_id,
        upload_limit=interaction.filesize_limit,
        wants_ping=wish.wants_ping,
        is_guest=_is_guest(interaction),
    )


def _is_guest(interaction: discord.Interaction) -> bool:
    """Whether we are there for this person only: installed by them, and not a member of the place."""
    if interaction.guild_id is None and not interaction.context.private_channel:
        return False
    return interaction.is_user_integration() and not interaction.is_guild_integration()
