"""Delivers videos to members, by the bot's own right to post."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final

import discord

from cogs.cards.card import Card
from cogs.cards.card_updater import NO_MENTIONS, CardUpdater, card_message
from cogs.cards.channels import MESSAGE_SECONDS, JobChannels
from cogs.cards.pings import Pings, ping_text
from cogs.cards.result_messages import find_result, result_on, unless_there
from cogs.ui.client import DiscordClient
from cogs.ui.components import Layout
from cogs.ui.discord_errors import MessageGone, MessageSealed, NoReplies, ThreadAsleep, translate_errors
from core.delivery.message_notes import StaleCards
from core.delivery.refusals import Recipient, Refusals
from core.model.delivery import Delivery, Way
from core.model.errors import DeliveryDelayed, DeliveryError, NobodyThere, PlaceRefuses
from core.model.job import Job, JobState, file_name
from core.ports import Clock, JobView, Link
from core.ports.steady_clock import SteadyClock

log = logging.getLogger(__name__)

UPLOAD_SECONDS: Final = 280.0


class DiscordCourier:
    """The card becomes the result by an edit; if it is gone, one new message takes its place.

    New messages carry a nonce made from the job's id, and the channel's history is searched for the
    result before a new one is posted: so there is one video message, whatever happens. A direct
    message is used where the bot may no longer post. Refusals are judged by how they repeat: until
    then they raise PlaceRefuses.
    """

    def __init__(
        self,
        client: DiscordClient,
        card_updater: CardUpdater,
        card: Card,
        clock: Clock,
        stale_cards: StaleCards,
        refusals: Refusals,
        *,
        bot_id: int,
    ) -> None:
        self._client = client
        self._job_channels = JobChannels(client)
        self._card_updater = card_updater
        self._card = card
        self._clock = SteadyClock(clock)
        self._stale_cards = stale_cards
        self._refusals = refusals
        self._bot_id = bot_id
        self._pings = Pings(bot_id=bot_id)

    def show(self, job_view: JobView) -> None:
        self._card_updater.show(job_view)

    async def notify(self, job: Job) -> None:
        is_cancelled = job.state is JobState.CANCELLED
        async with self._card_updater.closing(job.id):
            view = self._card.ended(job)
            try:
                async with self._judge(job):
                    message = await self._notify_here(job, view)
            except NobodyThere:
                await self._stale_cards.note(job.id)
                if is_cancelled or job.destination.is_private:
                    raise
                async with self._judge(job, is_direct=True):
                    channel = await self._job_channels.direct(job)
                    await self._post(channel, view, nonce=f"{job.id}-d", is_direct=True)
                return
        if not is_cancelled:
            await self._reply(job, message, nonce=f"{job.id}-t")

    async def deliver(self, job: Job, video: Path, *, original: Link | None = None) -> Delivery:
        view = self._card.result(job, self._clock.now_from(job.ordered_at), original=original)
        return await self._bring(job, view, video)

    async def deliver_link(self, job: Job, link: Link) -> Delivery:
        return await self._bring(
            job, self._card.linked(job, self._clock.now_from(job.ordered_at), link), None
        )

    async def ping(self, job: Job, *, was_tried: bool) -> None:
        delivery = job.delivery
        if delivery is None or delivery.message_id is None or delivery.is_direct:
            return  # a direct message is its own notice
        message = self._job_channels.of_result(job).get_partial_message(delivery.message_id)
        async with self._judge(job):
            if was_tried and await self._pings.is_there(message):
                return
            await self._reply(job, message, nonce=f"{job.id}-n")

    # ------------------------------------------------------------ results

    async def _bring(self, job: Job, view: Layout, video: Path | None) -> Delivery:
        is_direct = job.delivery is not None and job.delivery.is_direct
        async with self._card_updater.closing(job.id), self._judge(job, is_direct=is_direct):
            if is_direct:
                message = await self._bring_directly(job, view, video)
            else:
                message = await self._bring_here(job, view, video)
        self._refusals.took(_recipient(job, is_direct=is_direct))
        plan = Way.LINK if video is None else Way.ATTACH
        return Delivery(plan=plan, channel_id=message.channel.id, message_id=message.id)

    async def _bring_here(self, job: Job, view: Layout, video: Path | None) -> discord.PartialMessage:
        card = card_message(self._client, job.destination)
        try:
            return await unless_there(self._edit(job, view, video), partial(result_on, card, job.id))
        except MessageGone as gone:
            message = await self._find_or_post(self._job_channels.origin(job), job, view, video)
            if isinstance(gone, MessageSealed) and message.id != job.destination.card_id:
                await self._take_down(job)
            return message

    async def _bring_directly(self, job: Job, view: Layout, video: Path | None) -> discord.PartialMessage:
        channel = await self._job_channels.direct(job)
        message = await self._find_or_post(channel, job, view, video)
        try:
            await self._edit(job, self._card.sent_directly(job))
        except MessageGone:
            pass  # no form or button still waits for an answer before it
        except DeliveryError as error:
            await self._stale_cards.note(job.id)
            log.info("a card was not updated", extra={"job": job.id, "why": str(error)})
        return message

    async def _find_or_post(
        self, channel: discord.PartialMessageable, job: Job, view: Layout, video: Path | None
    ) -> discord.PartialMessage:
        find = partial(find_result, channel, job.id, bot_id=self._bot_id)
        is_direct = channel.id != job.destination.channel_id or job.destination.is_private
        found = await find()
        if found is not None:
            return found
        posting = self._post(channel, view, clip_files(job, video), nonce=f"{job.id}-v", is_direct=is_direct)
        return await unless_there(posting, find)

    async def _take_down(self, job: Job) -> None:
        """Remove a card that can no longer show that its video is elsewhere."""
        card = card_message(self._client, job.destination)
        try:
            async with translate_errors(MESSAGE_SECONDS):
                if card is not None:
                    await card.delete()
        except DeliveryError as error:
            log.info("an old card was left", extra={"job": job.id, "why": str(error)})

    # ------------------------------------------------------------ messages

    async def _notify_here(self, job: Job, view: Layout) -> discord.PartialMessage:
        try:
            return await self._edit(job, view)
        except MessageGone:
            return await self._post(
                self._job_channels.origin(job),
                view,
                nonce=f"{job.id}-c",
                is_direct=job.destination.is_private,
            )

    async def _edit(self, job: Job, view: Layout, video: Path | None = None) -> discord.PartialMessage:
        """Change the card, in a thread that may have to be woken up."""
        try:
            return await self._edit_card(job, view, video)
        except ThreadAsleep:
            await self._job_channels.wake(job)
            return await self._edit_card(job, view, video)

    async def _edit_card(self, job: Job, view: Layout, video: Path | None) -> discord.PartialMessage:
        message = card_message(self._client, job.destination)
        if message is None:
            raise MessageGone("there never was a card")
        async with translate_errors(MESSAGE_SECONDS if video is None else UPLOAD_SECONDS):
            await message.edit(attachments=clip_files(job, video), view=view, allowed_mentions=NO_MENTIONS)
        return message

    @asynccontextmanager
    async def _judge(self, job: Job, *, is_direct: bool = False) -> AsyncGenerator[None]:
        """Raise NobodyThere where what happens inside is refused once more, and for the last time."""
        try:
            yield
        except DeliveryDelayed as error:
            raise self._refusals.judge(_recipient(job, is_direct=is_direct), error) from error

    async def _post(
        self,
        channel: discord.PartialMessageable,
        view: Layout,
        files: list[discord.File] | None = None,
        *,
        nonce: str,
        is_direct: bool,
    ) -> discord.PartialMessage:
        seconds = UPLOAD_SECONDS if files else MESSAGE_SECONDS
        try:
            async with translate_errors(seconds, is_direct=is_direct):
                message = await channel.send(view=view, files=files or [], nonce=nonce)
        except MessageGone as error:
            raise NobodyThere("the message was removed as soon as it was posted") from error
        return channel.get_partial_message(message.id)

    async def _reply(self, job: Job, message: discord.PartialMessage, *, nonce: str) -> None:
        reference = discord.MessageReference(
            message_id=message.id, channel_id=message.channel.id, fail_if_not_exists=False
        )
        try:
            try:
                await self._call(job, message, nonce, reference)
            except NoReplies:
                await self._call(job, message, nonce, None)
        except MessageGone:
            return  # someone removed an earlier notice: it was seen
        except (NobodyThere, PlaceRefuses):
            if job.state is JobState.DELIVERED:
                raise
            return  # the card shows it; only the extra notice is not allowed here

    async def _call(
        self,
        job: Job,
        message: discord.PartialMessage,
        nonce: str,
        reference: discord.MessageReference | None,
    ) -> None:
        requester = discord.Object(job.destination.requester_id)
        mentions = discord.AllowedMentions(users=[requester])
        said = ping_text(job)
        async with translate_errors(MESSAGE_SECONDS):
            if reference is None:
                await message.channel.send(said, nonce=nonce, allowed_mentions=mentions)
            else:
                await message.channel.send(said, reference=reference, nonce=nonce, allowed_mentions=mentions)


def _recipient(job: Job, *, is_direct: bool) -> Recipient:
    origin = job.destination.channel_id
    place = job.destination.requester_id if is_direct else origin
    return Recipient(job.id, place, origin, is_direct=is_direct)


def clip_files(job: Job, clip: Path | Link | None) -> list[discord.File]:
    """Open the clip that is attached to a message, if any, under the name that a job's video has."""
    return [discord.File(clip, filename=file_name(job.id))] if isinstance(clip, Path) else []
