"""✉️ sends somebody a copy of a video by direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import discord

from cogs.actions.buttons import Action
from cogs.actions.get_video import fitting
from cogs.actions.kept_clips import with_clip
from cogs.cards.card import Card
from cogs.cards.courier import UPLOAD_SECONDS
from cogs.ui.client import DiscordClient
from cogs.ui.components import Layout, notice
from cogs.ui.discord_errors import translated
from cogs.ui.people import actor_of
from core.dispatch import end_reasons as words
from core.engine.delivery_steps import DeliveryTools
from core.model.errors import NobodyThere, NotAllowed, TooLarge
from core.model.job import Job, file_name
from core.services.job_actions import Actor
from core.services.orders import OrderService

MESSAGE_SECONDS: Final = 30.0
AT_ONCE: Final = 4
_TRIES: Final = 3
_SAVE_IT: Final = "Save it from its message, or make it again with 🔁."
_CLOSED: Final = (
    "I cannot send you direct messages. Allow them from this server's members, then press again. "
    "Nothing was charged."
)
_SENT: Final = "✉️ I sent you a copy by direct message."
_UNDER_WAY: Final = "A copy is on its way to you already."


class SendCopy:
    def __init__(
        self, *, orders: OrderService, card: Card, client: DiscordClient, tools: DeliveryTools
    ) -> None:
        self._orders = orders
        self._card = card
        self._client = client
        self._tools = tools
        self._under_way: set[tuple[int, int]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"mail": self.mail}

    async def mail(self, interaction: discord.Interaction, job_id: int) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await self.send(job_id, actor_of(interaction), nonce=f"{interaction.id}-m")
        async with translated(MESSAGE_SECONDS):
            await interaction.edit_original_response(view=notice(_SENT))

    async def send(self, job_id: int, actor: Actor, *, nonce: str) -> None:
        """Bring a copy to somebody's direct messages. Raise NotAllowed, or DeliveryDelayed.

        With the same nonce, within minutes, it comes once.
        """
        who = (job_id, actor.id)
        if who in self._under_way:
            raise NotAllowed(_UNDER_WAY)
        self._under_way.add(who)
        try:
            async with self._places:
                job = await with_clip(self._orders, self._tools.clips, job_id, actor, instead=_SAVE_IT)
                await self._orders.sends_copy(job, actor.id)
                await self._bring(job, actor.id, nonce)
        except NobodyThere as error:
            raise NotAllowed(_CLOSED) from error
        finally:
            self._under_way.discard(who)

    async def _bring(self, job: Job, person_id: int, nonce: str) -> None:
        """Attach the clip as it is or made smaller; else send a link."""
        async with translated(MESSAGE_SECONDS, is_direct=True):
            channel = await self._client.create_dm(discord.Object(person_id))
        place = replace(job.destination, requester_id=person_id)
        size = 0 if job.video is None else job.video.size
        for _ in range(_TRIES):
            limit = await self._tools.limits.of(place, is_direct=True)
            found = await fitting(self._tools, job.id, size, limit)
            if found is None:
                break
            path, weight = found
            try:
                await _send(channel, self._card.copy(job, _made_at(job)), [path], job.id, nonce)
            except TooLarge:
                await self._tools.limits.refused(place, weight, is_direct=True)
            else:
                return
        link = await self._tools.links.offer(job, None)
        if link is None:
            raise NotAllowed(words.TOO_LARGE.said)
        await _send(channel, self._card.copy(job, _made_at(job), link), [], job.id, nonce)


async def _send(channel: discord.DMChannel, view: Layout, files: list[Path], job_id: int, nonce: str) -> None:
    attached = [discord.File(path, filename=file_name(job_id)) for path in files]
    async with translated(UPLOAD_SECONDS if files else MESSAGE_SECONDS, is_direct=True):
        await channel.send(view=view, files=attached, nonce=nonce)


def _made_at(job: Job) -> datetime:
    return job.result.seen_at if job.result else job.updated_at
