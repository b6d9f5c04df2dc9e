"""Hands a finished video over to whoever presses for it, where nothing else could bring it."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import discord

from cogs.actions.buttons import Action
from cogs.cards.card import Card
from cogs.cards.courier import UPLOAD_SECONDS
from cogs.cards.result_messages import has_file, shows_result
from cogs.ui.components import Layout, notice, spoken_link
from cogs.ui.discord_errors import translated
from cogs.ui.people import actor_of
from core.delivery.plan import AIM, HEADROOM, MOST_BYTES, Way, believed_below
from core.dispatch import end_reasons as words
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.delivery_steps import DeliveryTools, public_result
from core.model.errors import NotAllowed, TooLarge
from core.model.job import Delivery, Job, JobState, file_name
from core.ports import Clock
from core.services.orders import OrderService

MESSAGE_SECONDS: Final = 30.0
AT_ONCE: Final = 4
_TRIES: Final = 3
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
    """Each press is a right to answer of its own: it works where we may not post, and after any time.

    The message that was pressed on becomes the result, so that there is one. Where it is the result
    already, with a link that ends some day, whoever presses gets a link: this one opens for everybody.
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
        self._under_way: set[int] = set()
        self._links_at_once = asyncio.Semaphore(AT_ONCE)

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"get": self.get}

    async def get(self, interaction: discord.Interaction, job_id: int) -> None:
        message = interaction.message
        if message is not None and shows_result(message, job_id) and not has_file(message, job_id):
            await self._give_link(interaction, job_id)
            return
        job = await self._orders.managed(job_id, actor_of(interaction))
        if job.state not in _READY:
            raise NotAllowed(_NOT_YET)
        if message is not None and has_file(message, job_id):
            raise NotAllowed(_HERE)
        with self._alone(job_id):
            await interaction.response.defer()
            if job.video is None or not await self._tools.clips.holds(job_id, job.video):
                raise NotAllowed(words.FILE_GONE.said)
            way = await self._hand_over(interaction, job, job.video.size)
            await self._tools.clips.discard_fitted(job_id)
        await self._orders.note_handed_over(job_id, interaction.user.id, _where(interaction, way))

    async def _give_link(self, interaction: discord.Interaction, job_id: int) -> None:
        """Answer whoever sees a linked video with a link that opens now."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        job = await self._orders.seen(job_id, actor_of(interaction))
        async with self._links_at_once:
            link = await self._tools.links.offer(job, None)
            if link is None:
                link = await self._tools.links.offer(job, await public_result(self._registry, job))
        if link is None:
            raise NotAllowed(_NO_LINK)
        said = f"{spoken_link('Open the video', link)}\n{_FOR_ALL}"
        async with translated(MESSAGE_SECONDS):
            await interaction.edit_original_response(view=notice(said))

    @contextmanager
    def _alone(self, job_id: int) -> Generator[None]:
        """Of many presses, one at a time does something."""
        if job_id in self._under_way:
            raise NotAllowed(_UNDER_WAY)
        self._under_way.add(job_id)
        try:
            yield
        finally:
            self._under_way.discard(job_id)

    async def _hand_over(self, interaction: discord.Interaction, job: Job, size: int) -> Way:
        """Attach the video as it is, or made smaller; else show a link. Raise NotAllowed."""
        limit = min(interaction.filesize_limit, MOST_BYTES)
        for _ in range(_TRIES):
            found = await fitting(self._tools, job.id, size, limit)
            if found is None:
                break
            path, weight = found
            try:
                await _answer(interaction, self._card.result(job, self._made_at(job)), [path], job.id)
            except TooLarge:
                limit = believed_below(weight)
            else:
                return Way.ATTACH
        link = await self._tools.links.offer(job, None)
        if link is None:
            raise NotAllowed(words.TOO_LARGE.said)
        await _answer(interaction, self._card.linked(job, self._made_at(job), link), [], job.id)
        return Way.LINK

    def _made_at(self, job: Job) -> datetime:
        return job.result.seen_at if job.result else self._clock.now()


def _where(interaction: discord.Interaction, way: Way) -> Delivery:
    """Say where the video is now; a private answer passes, and cannot be found by its id."""
    message = interaction.message
    if message is None or message.flags.ephemeral:
        return Delivery(plan=way)
    return Delivery(plan=way, channel_id=interaction.channel_id, message_id=message.id)


async def fitting(tools: DeliveryTools, job_id: int, size: int, limit: int) -> tuple[Path, int] | None:
    """Find a file of a job's clip that weighs no more than `limit`: itself, or a smaller copy."""
    source, into = tools.clips.path(job_id), tools.clips.fitted(job_id)
    if size <= limit * HEADROOM:
        return source, size
    fitted = await tools.encoder.fit(source, into, limit=int(limit * AIM))
    return None if fitted is None else (into, fitted.size)


async def _answer(interaction: discord.Interaction, view: Layout, files: list[Path], job_id: int) -> None:
    attached = [discord.File(path, filename=file_name(job_id)) for path in files]
    async with translated(UPLOAD_SECONDS if files else MESSAGE_SECONDS):
        await interaction.edit_original_response(view=view, attachments=attached)
