"""Delivers a finished video to the member who presses for it, where it could not be delivered otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import discord

from cogs.actions.buttons import Action
from cogs.cards.card import Card
from cogs.cards.courier import UPLOAD_SECONDS, clip_files
from cogs.cards.result_messages import has_file, shows_result
from cogs.ui.components import notice, spoken_link
from cogs.ui.concurrency import OneAtATime
from cogs.ui.discord_errors import translate_errors
from cogs.ui.people import actor_of
from core.delivery.attempt import Blocked, DeliveryTarget, DeliveryTools, deliver
from core.dispatch import end_reasons as words
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.delivery_steps import public_result
from core.model.delivery import Delivery, Way
from core.model.errors import NotAllowed
from core.model.job import Job, JobState
from core.ports import Clock, Link
from core.services.orders import OrderService

MESSAGE_SECONDS: Final = 30.0
AT_ONCE: Final = 4
_READY: Final = frozenset({JobState.UNDELIVERABLE, JobState.DONE})
_NOT_YET: Final = "This video is not there yet. Press again when its requester was told that it is."
_UNDER_WAY: Final = "It is being brought here already."
_HERE: Final = "The video is in this message already."
_NO_LINK: Final = (
    "I can give no link to this video: I no longer keep its file, or show no links any more. Nothing was "
    "charged. 🔁 makes it again, as a new video."
)
_FOR_ALL: Final = "-# It opens for whoever has it."


class GetVideo:
    """Each press allows a reply of its own: it works where the bot may not post, and after any time.

    The message that was pressed becomes the result, so that there is one. Where it is the result
    already, with a link that expires some day, the member gets a new link, which opens for everyone.
    """

    def __init__(
        self,
        *,
        orders: OrderService,
        card: Card,
        clock: Clock,
        tools: DeliveryTools,
        registry: ProviderRegistry,
    ) -> None:
        self._orders = orders
        self._card = card
        self._clock = clock
        self._tools = tools
        self._registry = registry
        self._presses = OneAtATime(_UNDER_WAY)
        self._links_at_once = asyncio.Semaphore(AT_ONCE)

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"get": self.get}

    async def get(self, interaction: discord.Interaction, job_id: int) -> None:
        message = interaction.message
        if message is not None and shows_result(message, job_id) and not has_file(message, job_id):
            await self._give_link(interaction, job_id)
            return
        job = await self._orders.find_managed(job_id, actor_of(interaction))
        if job.state not in _READY:
            raise NotAllowed(_NOT_YET)
        if message is not None and has_file(message, job_id):
            raise NotAllowed(_HERE)
        with self._presses.hold(job_id):
            await interaction.response.defer()
            if job.video is None or not await self._tools.clips.holds(job_id, job.video):
                raise NotAllowed(words.FILE_GONE.said)
            target = DeliveryTarget(job, partial(self._put, interaction, job))
            try:
                where = await deliver(self._tools, target, job.video.size, interaction.filesize_limit)
            except Blocked as blocked:
                raise NotAllowed(words.TOO_LARGE.said) from blocked
            await self._tools.clips.discard_fitted(job_id)
        await self._orders.note_handed_over(job_id, interaction.user.id, where)

    async def _give_link(self, interaction: discord.Interaction, job_id: int) -> None:
        """Answer a member who sees a linked video with a link that opens now."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        job = await self._orders.find_visible(job_id, actor_of(interaction))
        async with self._links_at_once:
            link = await self._tools.links.offer(job, None)
            if link is None:
                link = await self._tools.links.offer(job, await public_result(self._registry, job))
        if link is None:
            raise NotAllowed(_NO_LINK)
        said = f"{spoken_link('Open the video', link)}\n{_FOR_ALL}"
        async with translate_errors(MESSAGE_SECONDS):
            await interaction.edit_original_response(view=notice(said))

    async def _put(self, interaction: discord.Interaction, job: Job, clip: Path | Link) -> Delivery:
        """Make the message that was pressed the result, and return where that is.

        A private answer disappears, and cannot be found by its id.
        """
        made_at = job.result.seen_at if job.result else self._clock.now()
        if isinstance(clip, Link):
            where, view = Delivery(plan=Way.LINK), self._card.linked(job, made_at, clip)
        else:
            where, view = Delivery(plan=Way.ATTACH), self._card.result(job, made_at)
        files = clip_files(job, clip)
        async with translate_errors(UPLOAD_SECONDS if files else MESSAGE_SECONDS):
            await interaction.edit_original_response(view=view, attachments=files)
        message = interaction.message
        if message is None or message.flags.ephemeral:
            return where
        return replace(where, channel_id=interaction.channel_id, message_id=message.id)
