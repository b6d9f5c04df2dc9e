"""The gallery: ⭐ from enough members copies a clip there, once, with credit and a link to the original."""

from __future__ import annotations

import asyncio
import logging
import re
from functools import partial
from pathlib import Path
from typing import Final

import discord
from discord import ui
from discord.ext import commands

from cogs.cards.card import ALT_TEXT_LIMIT
from cogs.cards.prompt_marks import MarkedMessage
from cogs.ui.components import Layout, build_layout, shorten
from cogs.ui.discord_errors import MessageGone, translate_errors
from core.community.gallery import Galleries, Gallery, Voter
from core.delivery.attempt import Blocked, DeliveryTarget, DeliveryTools, attempt, deliver
from core.model.delivery import Way
from core.model.errors import DeliveryError, NobodyThere, NotAllowed
from core.model.job import Job
from core.model.order_ids import event_id
from core.ports import Link
from core.services.job_actions import Member
from core.services.orders import OrderService

log = logging.getLogger(__name__)

STAR: Final = "⭐"
MESSAGE_SECONDS: Final = 60.0
UPLOAD_SECONDS: Final = 280.0
HISTORY: Final = 100
AT_ONCE: Final = 2
MOST_LOOKED_AT: Final = 200
_COLOUR: Final = discord.Colour.gold()


class GalleryCog(commands.Cog):
    """Votes are counted from the message itself, so that those given while the bot was away count too."""

    def __init__(
        self,
        *,
        galleries: Galleries,
        orders: OrderService,
        client: discord.Client,
        tools: DeliveryTools,
        bot_id: int,
    ) -> None:
        self._galleries = galleries
        self._orders = orders
        self._client = client
        self._tools = tools
        self._bot_id = bot_id
        self._places = asyncio.Semaphore(AT_ONCE)
        self._looking: dict[int, bool] = {}

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        if str(payload.emoji) != STAR or payload.guild_id is None or not self._is_ours(payload):
            return
        gallery = await self._galleries.of(payload.guild_id)
        if gallery is None or gallery.channel_id == payload.channel_id:
            return
        try:
            here = Member(self._bot_id, guild_id=payload.guild_id, channel_id=payload.channel_id)
            await self._look(here, MarkedMessage(payload.channel_id, payload.message_id), gallery)
        except NotAllowed:
            return  # what it shows was erased
        except DeliveryError as error:
            log.warning(
                "a clip was not copied to the gallery",
                extra={"result": payload.message_id, "why": str(error)},
            )

    def _is_ours(self, payload: discord.RawReactionActionEvent) -> bool:
        is_person = payload.user_id != self._bot_id and not (payload.member and payload.member.bot)
        return is_person and payload.message_author_id in {None, self._bot_id}

    async def _look(self, here: Member, spot: MarkedMessage, gallery: Gallery) -> None:
        """Count a message's votes; those that come meanwhile are counted once more, together."""
        message_id = spot.message_id
        if message_id in self._looking:
            self._looking[message_id] = True
            return
        if len(self._looking) >= MOST_LOOKED_AT:
            return  # the next vote counts all
        self._looking[message_id] = True
        try:
            while self._looking[message_id]:
                self._looking[message_id] = False
                async with self._places:
                    await self._count(here, spot, gallery)
        finally:
            del self._looking[message_id]

    async def _count(self, here: Member, spot: MarkedMessage, gallery: Gallery) -> None:
        job = await self._orders.of_message(spot.message_id, here)
        if job is None or not self._may_hang(job, spot, gallery):
            return
        if await self._galleries.holds(job.id):
            return
        channel = self._client.get_partial_messageable(spot.channel_id)
        try:
            async with translate_errors(MESSAGE_SECONDS):
                message = await channel.fetch_message(spot.message_id)
                has_enough = await _has_enough(message, job, gallery.threshold)
        except MessageGone:
            return
        if has_enough:
            await self._hang(job, message, gallery)

    def _may_hang(self, job: Job, spot: MarkedMessage, gallery: Gallery) -> bool:
        """Whether this message is a result that every member may see."""
        if not job.has_arrived or job.delivery is None or job.destination.is_private:
            return False
        source, wall = self._client.get_channel(spot.channel_id), self._client.get_channel(gallery.channel_id)
        is_kept_apart = _is_age_restricted(source) and not _is_age_restricted(wall)
        return job.delivery.message_id == spot.message_id and not job.delivery.is_direct and not is_kept_apart

    async def _hang(self, job: Job, message: discord.Message, gallery: Gallery) -> None:
        """Copy a clip to the gallery, unless an earlier attempt did so without an answer."""
        wall = self._client.get_partial_messageable(gallery.channel_id)
        if await self._galleries.is_begun(job.id):
            found = await self._find(wall, job, message)
            if found is not None:
                await self._galleries.finish(job.id, found)
                return
        await self._galleries.begin(job.id)
        posted = await self._post(wall, job, message)
        await self._galleries.finish(job.id, posted)
        log.info("a clip was copied to the gallery", extra={"job": job.id})

    async def _find(
        self, wall: discord.PartialMessageable, job: Job, original: discord.Message
    ) -> int | None:
        """Look for the copy of a clip, by its link to the original."""
        try:
            async with translate_errors(MESSAGE_SECONDS):
                async for message in wall.history(
                    limit=HISTORY, after=discord.Object(event_id(job.id)), oldest_first=False
                ):
                    if message.author.id == self._bot_id and original.jump_url in _text_of(message):
                        return message.id
        except NobodyThere:
            return None  # reading the history is a right of its own; the nonce still guards the post
        return None

    async def _post(self, wall: discord.PartialMessageable, job: Job, message: discord.Message) -> int:
        put, clip = partial(self._put, wall, job, message), next(iter(message.attachments), None)
        target = DeliveryTarget(job, put)
        try:
            if clip is None:
                return await attempt(self._tools, target, Way.LINK)
            return await deliver(self._tools, target, clip.size)
        except Blocked:
            return await put(None)

    async def _put(
        self, wall: discord.PartialMessageable, job: Job, message: discord.Message, clip: Path | Link | None
    ) -> int:
        """Post a clip, a link to it, or text alone; return the message's id."""
        async with translate_errors(UPLOAD_SECONDS if isinstance(clip, Path) else MESSAGE_SECONDS):
            files = [await self._file(job, message, clip)] if isinstance(clip, Path) else []
            media = clip.file or clip.url if isinstance(clip, Link) else None
            view = _draw(job, message, f"attachment://{files[0].filename}" if files else media)
            return (await wall.send(view=view, files=files, nonce=f"{job.id}-g")).id

    async def _file(self, job: Job, message: discord.Message, path: Path) -> discord.File:
        """Open a smaller copy, or the clip itself: from our disk, or from the message."""
        clips, video, name = self._tools.clips, job.video, f"gallery-{job.id}.mp4"
        if path == clips.fitted(job.id):
            return discord.File(path, filename=name)
        clip = message.attachments[0]
        if video is not None and video.size == clip.size and await clips.holds(job.id, video):
            return discord.File(path, filename=name)
        return await clip.to_file(filename=name)


async def _has_enough(message: discord.Message, job: Job, threshold: int) -> bool:
    """Whether so many different members voted; the requester and bots do not count."""
    stars = next((reaction for reaction in message.reactions if str(reaction.emoji) == STAR), None)
    if stars is None or stars.count < threshold:
        return False
    voters: set[int] = set()
    async for user in stars.users():
        if Voter(user.id, user.bot).counts_for(job.destination.requester_id):
            voters.add(user.id)
        if len(voters) >= threshold:
            return True
    return False


def _is_age_restricted(channel: object) -> bool:
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw and is_nsfw())


def _draw(job: Job, message: discord.Message, media: str | None) -> Layout:
    """Show the clip, its requester, and the channel of the original."""
    credit = f"-# by <@{job.destination.requester_id}> · [where it was made]({message.jump_url})"
    text = ui.TextDisplay[Layout](f"{STAR} {shorten(job.request.prompt)}\n{credit}")
    if media is None:
        return build_layout([ui.Container(text, accent_colour=_COLOUR)])
    shown: ui.MediaGallery[Layout] = ui.MediaGallery()
    shown.add_item(media=media, description=job.request.prompt[:ALT_TEXT_LIMIT])
    return build_layout([ui.Container(shown, text, accent_colour=_COLOUR)])


def _text_of(message: discord.Message) -> str:
    """All the text in a message of components."""
    return re.sub(r"\s+", " ", " ".join(str(component.to_dict()) for component in message.components))
