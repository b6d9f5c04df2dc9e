"""Posts cards and orders their jobs, for orders by messages and reactions, and for others beside a card."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import discord

from cogs.cards.card_updater import CardUpdater
from cogs.cards.prompt_marks import MarkedMessage
from cogs.cards.replies import post_patiently
from cogs.ordering.attachments import PictureReader
from cogs.ordering.order_options import OrderSpec
from cogs.ui.client import DiscordClient
from cogs.ui.components import notice
from cogs.ui.discord_errors import translate_errors
from cogs.ui.people import Requester, author_of
from core.community.prompt_channels import order_id
from core.model.delivery import Destination
from core.model.errors import DeliveryError, MatineeError, NobodyThere, NotAllowed
from core.model.job import Job
from core.ports import Clock, JobView
from core.services.orders import OrderService

log = logging.getLogger(__name__)

MESSAGE_SECONDS: Final = 30.0
_REPLY: Final = discord.MessageReferenceType.reply
_DM_CLOSED: Final = (
    "I cannot send you direct messages, so a private video could not reach you. Nothing was ordered. "
    "Allow direct messages from this server's members, or ask without `private`."
)
_NO_CARD: Final = "I may not post here, so I ordered nothing. Nothing was charged."


@dataclass(frozen=True, slots=True)
class MessageTrigger:
    """The event that orders a video: `number` is its first job's id, `spot` the message that is answered."""

    number: int
    requester: Requester
    spot: MarkedMessage


class MessageOrders:
    def __init__(
        self,
        *,
        orders: OrderService,
        pictures: PictureReader,
        card_updater: CardUpdater,
        client: DiscordClient,
        clock: Clock,
        ahead: Callable[[int], int | None],
    ) -> None:
        self._orders = orders
        self._pictures = pictures
        self._card_updater = card_updater
        self._client = client
        self._clock = clock
        self._ahead = ahead

    async def answered_job(self, message: discord.Message, bot_id: int) -> Job | None:
        """Find the finished job whose message is answered, where its author may see it."""
        reference = message.reference
        if reference is None or reference.message_id is None or reference.type is not _REPLY:
            return None  # a member who forwards a video does not answer it
        answered = reference.resolved
        if isinstance(answered, discord.Message) and answered.author.id != bot_id:
            return None
        job = await self._orders.of_message(reference.message_id, author_of(message))
        return job if job is not None and job.is_over else None

    async def take(self, trigger: MessageTrigger, spec: OrderSpec) -> None:
        """Order what is asked for, once however often the event comes. Raise MatineeError."""
        await self._pictures.check(spec.request)
        requester = trigger.requester
        place = Destination(
            requester_id=requester.person_id,
            channel_id=await self.direct(requester.person_id) if spec.is_private else requester.channel_id,
            guild_id=requester.guild_id,
            is_private=spec.is_private,
            wants_ping=spec.wants_ping,
        )
        for ordinal in range(spec.count):
            job_id = order_id(trigger.number, ordinal)
            if not await self._orders.was_ordered(job_id, requester.person_id):
                _ = await self.order(job_id, spec, place, to=trigger.spot)

    async def direct(self, person_id: int) -> int:
        """Open a member's direct messages. Raise NotAllowed where they are closed."""
        try:
            async with translate_errors(MESSAGE_SECONDS, is_direct=True):
                return (await self._client.create_dm(discord.Object(person_id))).id
        except NobodyThere as error:
            raise NotAllowed(_DM_CLOSED) from error

    async def order(
        self,
        job_id: int,
        spec: OrderSpec,
        place: Destination,
        *,
        to: MarkedMessage | None = None,
        closed: str = _NO_CARD,
    ) -> Job:
        """Post a card, as an answer where it is posted beside the event, and order its job.

        Where nothing was ordered, the card is deleted again. Raise MatineeError; `closed` is its text where
        the bot may not post.
        """
        channel = self._client.get_partial_messageable(place.channel_id)
        spot = to if to is not None and to.channel_id == place.channel_id else None
        try:
            posted = await post_patiently(self._clock, channel, notice("⏳ …"), nonce=f"{job_id}-p", to=spot)
        except NobodyThere as error:
            raise NotAllowed(_DM_CLOSED if place.is_private else closed) from error
        card, place = channel.get_partial_message(posted.id), replace(place, card_id=posted.id)
        try:
            job = await self._orders.order(job_id, spec.request, place, parent_id=spec.parent_id)
        except MatineeError:
            await _withdraw(card)
            raise
        await self.show(job, card)
        return job

    async def show(self, job: Job, card: discord.Interaction | discord.PartialMessage) -> None:
        """Show a new job's card. A job goes on without: its next change shows it."""
        try:
            async with translate_errors(MESSAGE_SECONDS):
                await self._card_updater.first(JobView(job, ahead=self._ahead(job.id)), card)
        except DeliveryError as error:
            log.warning("a new card was not shown", extra={"job": job.id, "why": str(error)})


async def _withdraw(card: discord.PartialMessage) -> None:
    try:
        async with translate_errors(MESSAGE_SECONDS):
            await card.delete()
    except DeliveryError as error:
        log.warning("an empty card was left", extra={"card": card.id, "why": str(error)})
