"""Brings videos to where people are, by the bot's own right to post."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import discord

from cogs.board import Board, Channels, card_message
from cogs.card import Card, Layout
from cogs.troubles import MessageGone, translated
from core.errors import NobodyThere
from core.jobs import Delivery, Job, JobState, file_name
from core.ports import Clock, Glance

MESSAGE_SECONDS: Final = 60.0
UPLOAD_SECONDS: Final = 280.0
HISTORY: Final = 100

_SILENT: Final = discord.AllowedMentions.none()
_PINGS: Final = {
    JobState.DELIVERED: "your video is ready.",
    JobState.UNKNOWN: "I need you to look at this one: the provider did not confirm it.",
    JobState.UNDELIVERABLE: "your video is finished, but I could not put it here.",
}
_BAD_NEWS: Final = "this video could not be made."


class DiscordCourier:
    """The card becomes the result by an edit; if it is gone, one new message takes its place.

    New messages carry a nonce made from the job's id, and the channel's history is searched for the
    job's file before anything is posted anew: so there is one video message, whatever happens.
    """

    def __init__(self, channels: Channels, board: Board, card: Card, clock: Clock, *, bot_id: int) -> None:
        self._channels = channels
        self._board = board
        self._card = card
        self._clock = clock
        self._bot_id = bot_id

    def show(self, glance: Glance) -> None:
        self._board.show(glance)

    async def tell(self, job: Job) -> None:
        async with self._board.closing(job.id):
            view = self._card.ended(job)
            try:
                message = await self._edit(job, view)
            except MessageGone:
                message = await self._post(job, view)
        if job.state is not JobState.CANCELLED:
            await self._reply(job, message, _PINGS.get(job.state, _BAD_NEWS), nonce=f"{job.id}-t")

    async def deliver(self, job: Job, video: Path) -> Delivery:
        async with self._board.closing(job.id):
            view = self._card.result(job, self._clock.now())
            try:
                message = await self._edit(job, view, video)
            except MessageGone:
                message = await self._find_video(job) or await self._post(job, view, video)
        return Delivery(plan="attach", channel_id=job.destination.channel_id, message_id=message.id)

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        message_id = job.delivery.message_id if job.delivery else None
        if message_id is None:
            return
        channel = self._channel(job)
        if was_tried and await self._has_reply(channel, message_id):
            return
        message = channel.get_partial_message(message_id)
        await self._reply(job, message, _PINGS[JobState.DELIVERED], nonce=f"{job.id}-n")

    async def _edit(self, job: Job, view: Layout, video: Path | None = None) -> discord.PartialMessage:
        message = card_message(self._channels, job.destination)
        if message is None:
            raise MessageGone("there never was a card")
        files = [] if video is None else [discord.File(video, filename=file_name(job.id))]
        async with translated(MESSAGE_SECONDS if video is None else UPLOAD_SECONDS):
            await message.edit(attachments=files, view=view, allowed_mentions=_SILENT)
        return message

    async def _post(self, job: Job, view: Layout, video: Path | None = None) -> discord.PartialMessage:
        channel = self._channel(job)
        files = [] if video is None else [discord.File(video, filename=file_name(job.id))]
        nonce = f"{job.id}-{'c' if video is None else 'v'}"
        try:
            async with translated(MESSAGE_SECONDS if video is None else UPLOAD_SECONDS):
                message = await channel.send(view=view, files=files, nonce=nonce, allowed_mentions=_SILENT)
        except MessageGone as error:
            raise NobodyThere("the message was removed as soon as it was posted") from error
        return channel.get_partial_message(message.id)

    async def _find_video(self, job: Job) -> discord.PartialMessage | None:
        """Look for a message of ours with the job's file, posted by an attempt whose answer was lost."""
        channel = self._channel(job)
        after = discord.Object(job.id)
        try:
            async with translated(MESSAGE_SECONDS):
                async for message in channel.history(limit=HISTORY, after=after, oldest_first=False):
                    names = [attachment.filename for attachment in message.attachments]
                    if message.author.id == self._bot_id and file_name(job.id) in names:
                        return channel.get_partial_message(message.id)
        except NobodyThere:
            return None  # reading back is a right of its own; the nonce still guards the post
        return None

    async def _has_reply(self, channel: discord.PartialMessageable, message_id: int) -> bool:
        try:
            async with translated(MESSAGE_SECONDS):
                async for message in channel.history(limit=HISTORY, after=discord.Object(message_id)):
                    reference = message.reference
                    if message.author.id == self._bot_id and reference and reference.message_id == message_id:
                        return True
        except NobodyThere:
            return False
        return False

    async def _reply(self, job: Job, message: discord.PartialMessage, words: str, *, nonce: str) -> None:
        requester = discord.Object(job.destination.requester_id)
        mentions = discord.AllowedMentions(everyone=False, roles=False, users=[requester], replied_user=False)
        reference = discord.MessageReference(
            message_id=message.id, channel_id=job.destination.channel_id, fail_if_not_exists=False
        )
        try:
            async with translated(MESSAGE_SECONDS):
                await self._channel(job).send(
                    f"<@{requester.id}>, {words}", reference=reference, nonce=nonce, allowed_mentions=mentions
                )
        except MessageGone:
            return  # somebody removed an earlier notice: it was seen
        except NobodyThere:
            if job.state is JobState.DELIVERED:
                raise
            return  # the card says it; only the extra notice is not allowed here

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._channels.get_partial_messageable(job.destination.channel_id)
