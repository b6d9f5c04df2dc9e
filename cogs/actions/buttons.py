"""The buttons of a job. They carry its id alone; job, member and state are looked up on each press."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final, TypeAlias

import discord
from discord.utils import snowflake_time

from cogs.cards.pings import Pings
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.order_options import OrderOptions
from cogs.ui.client import DiscordClient
from cogs.ui.components import notice
from cogs.ui.discord_errors import MessageGone, translate_errors
from cogs.ui.people import actor_of, requester_of
from cogs.ui.persistent_item import PersistentItem
from core.delivery.message_notes import DeletedMessages
from core.model.errors import NotAllowed
from core.model.job import Job, JobState
from core.ports import ClipStore, Links
from core.primitives.bounded import BoundedDict
from core.services.job_actions import Member
from core.services.orders import OrderService

MESSAGE_SECONDS: Final = 30.0
REMEMBERED: Final = 1000
DOUBLE: Final = timedelta(seconds=2)
"""Two presses so soon after each other are one double click."""

_NOT_YET: Final = "This video is not there yet. Nothing was ordered and nothing was charged."
_GONE: Final = "I no longer keep the file of this video. Nothing was ordered and nothing was charged."
_DELETED: Final = "Deleted, and the links to it no longer work."

Action: TypeAlias = Callable[[discord.Interaction, int], Awaitable[None]]


class JobButtons:
    """What can be done with a job and its result."""

    def __init__(
        self,
        *,
        orders: OrderService,
        interaction_orders: InteractionOrders,
        order_options: OrderOptions,
        channels: DiscordClient,
        clips: ClipStore,
        links: Links,
        deleted_messages: DeletedMessages,
        pings: Pings,
    ) -> None:
        self._orders = orders
        self._interaction_orders = interaction_orders
        self._order_options = order_options
        self._channels = channels
        self._clips = clips
        self._links = links
        self._deleted_messages = deleted_messages
        self._pings = pings
        self._presses: BoundedDict[tuple[int, int], int] = BoundedDict(REMEMBERED)

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"again": self.again, "cancel": self.cancel, "delete": self.delete}

    async def again(self, interaction: discord.Interaction, job_id: int) -> None:
        if self._is_double(interaction, job_id):
            await interaction.response.defer()
            return
        parent = await self._orders.find_visible(job_id, actor_of(interaction))
        await self._interaction_orders.take(
            interaction, await self._order_options.repeat(parent, requester_of(interaction))
        )

    def _is_double(self, interaction: discord.Interaction, job_id: int) -> bool:
        """Whether the same member pressed the same a moment before, by Discord's clock: a double click."""
        key, now = (interaction.user.id, job_id), interaction.id
        before = self._presses.get(key, now)
        self._presses[key] = now
        return now != before and snowflake_time(now) - snowflake_time(before) < DOUBLE

    async def cancel(self, interaction: discord.Interaction, job_id: int) -> None:
        await self._orders.cancel(job_id, actor_of(interaction))
        await interaction.response.defer()

    async def delete(self, interaction: discord.Interaction, job_id: int) -> None:
        """Delete a video's messages, our copy of it and links to it; a job that still runs is cancelled."""
        actor = actor_of(interaction)
        job = await self._orders.find_managed(job_id, actor)
        if not job.is_over:
            await self.cancel(interaction, job_id)
            return
        await interaction.response.defer()
        private = interaction.message is not None and interaction.message.flags.ephemeral
        await self._clear(job_id, actor, self._results(interaction, job))
        if private:
            await interaction.edit_original_response(view=notice(_DELETED), attachments=[])

    def _results(self, interaction: discord.Interaction, job: Job) -> list[discord.PartialMessage]:
        """Find the messages that show a job: the pressed one, unless it is private, and the job's own."""
        pressed = interaction.message
        places = [] if pressed is None or pressed.flags.ephemeral else [(pressed.channel.id, pressed.id)]
        own = _own_message(job)
        if own is not None and own not in places:
            places.append(own)
        return [
            self._channels.get_partial_messageable(channel_id).get_partial_message(message_id)
            for channel_id, message_id in places
        ]

    async def remove(self, job_id: int, actor: Member, message: discord.PartialMessage) -> None:
        """Remove a result, and all that is stored of it. The caller has checked the member's right to."""
        await self._clear(job_id, actor, [message])

    async def _clear(self, job_id: int, actor: Member, messages: list[discord.PartialMessage]) -> None:
        for message in messages:
            await self._remove(message)
        await self._forget(job_id, actor)
        for message in messages:
            await self._pings.remove(message)

    async def _remove(self, message: discord.PartialMessage) -> None:
        try:
            async with translate_errors(MESSAGE_SECONDS):
                await message.delete()
        except MessageGone:
            pass  # another member was faster, perhaps while the bot was away
        await self._deleted_messages.note(message.id)

    async def _forget(self, job_id: int, actor: Member) -> None:
        await self._orders.forget_video(job_id, actor.id)
        await self._clips.discard(job_id)
        await self._links.withdraw(job_id)


def _own_message(job: Job) -> tuple[int, int] | None:
    """Return where the job's result is, or its card: the channel and the message."""
    if job.delivery and job.delivery.message_id:
        return job.delivery.channel_id or job.destination.channel_id, job.delivery.message_id
    card_id = job.destination.card_id
    return None if card_id is None else (job.destination.channel_id, card_id)


async def with_clip(
    orders: OrderService, clips: ClipStore, job_id: int, actor: Member, *, instead: str
) -> Job:
    """Find a finished job that a member may see where they act, with its clip.

    Raise NotAllowed, and say what can be done `instead`.
    """
    job = await orders.find_visible(job_id, actor)
    if not job.has_arrived and job.state is not JobState.UNDELIVERABLE:
        raise NotAllowed(_NOT_YET)
    if job.video is None or not await clips.holds(job_id, job.video):
        raise NotAllowed(f"{_GONE} {instead}")
    return job


def job_item(actions: Mapping[str, Action]) -> PersistentItem:
    """Handle presses on every job's buttons."""

    async def handle(interaction: discord.Interaction, match: re.Match[str]) -> None:
        await actions[match["action"]](interaction, int(match["job"]))

    return PersistentItem(re.compile(rf"job:(?P<job>\d{{1,20}}):(?P<action>{'|'.join(actions)})"), handle)
