"""✉️ sends a member a copy of a video by direct message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import discord

from cogs.actions.buttons import Action, with_clip
from cogs.cards.card import Card
from cogs.cards.courier import UPLOAD_SECONDS, clip_files
from cogs.ui.client import DiscordClient
from cogs.ui.components import notice
from cogs.ui.concurrency import OneAtATime
from cogs.ui.discord_errors import translate_errors
from cogs.ui.people import actor_of
from core.delivery.attempt import Blocked, DeliveryTarget, DeliveryTools, deliver
from core.dispatch import end_reasons as words
from core.model.errors import NobodyThere, NotAllowed
from core.model.job import Job
from core.ports import Link
from core.services.job_actions import Member
from core.services.orders import OrderService

MESSAGE_SECONDS: Final = 30.0
AT_ONCE: Final = 4
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
        self._sending = OneAtATime(_UNDER_WAY)
        self._places = asyncio.Semaphore(AT_ONCE)

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"mail": self.mail}

    async def mail(self, interaction: discord.Interaction, job_id: int) -> None:
        await interaction.response.defer(thinking=True, ephemeral=True)
        await self.send(job_id, actor_of(interaction), nonce=f"{interaction.id}-m")
        async with translate_errors(MESSAGE_SECONDS):
            await interaction.edit_original_response(view=notice(_SENT))

    async def send(self, job_id: int, actor: Member, *, nonce: str) -> None:
        """Send a copy to a member's direct messages. Raise NotAllowed, or DeliveryDelayed.

        With the same nonce, within minutes, it is posted once.
        """
        with self._sending.hold((job_id, actor.id)):
            async with self._places:
                job = await with_clip(self._orders, self._tools.clips, job_id, actor, instead=_SAVE_IT)
                await self._orders.sends_copy(job, actor.id)
                await self._bring(job, actor.id, nonce)

    async def _bring(self, job: Job, person_id: int, nonce: str) -> None:
        place, size = replace(job.destination, requester_id=person_id), job.video.size if job.video else 0
        limit = await self._tools.limits.of(place, is_direct=True)
        learn = partial(self._tools.limits.note_refused_size, place, is_direct=True)
        try:
            async with translate_errors(MESSAGE_SECONDS, is_direct=True):
                channel = await self._client.create_dm(discord.Object(person_id))
            target = DeliveryTarget(job, partial(self._put, channel, job, nonce))
            await deliver(self._tools, target, size, limit, learn)
        except Blocked as blocked:
            raise NotAllowed(words.TOO_LARGE.said) from blocked
        except NobodyThere as error:
            raise NotAllowed(_CLOSED) from error

    async def _put(self, channel: discord.DMChannel, job: Job, nonce: str, clip: Path | Link) -> None:
        made_at, files = job.result.seen_at if job.result else job.updated_at, clip_files(job, clip)
        view = self._card.copy(job, made_at, clip if isinstance(clip, Link) else None)
        async with translate_errors(UPLOAD_SECONDS if files else MESSAGE_SECONDS, is_direct=True):
            await channel.send(view=view, files=files, nonce=nonce)
