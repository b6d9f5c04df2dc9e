"""Members' pictures: checked and copied when they come, and shown to a gateway from a job's own message."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Final

import discord

from cogs.cards.card_updater import NO_MENTIONS, CardUpdater, card_message
from cogs.cards.channels import is_guest
from cogs.ui.client import DiscordClient
from cogs.ui.discord_errors import MessageGone, translate_errors
from core.delivery.refusals import Recipient, Refusals
from core.model.errors import DeliveryDelayed, NobodyThere, NotAllowed, PictureLost, PictureUnusable, TooLarge
from core.model.job import Job
from core.model.video import VideoRequest
from core.ports import Clock, PictureFile, PictureIntake
from core.primitives.bounded import BoundedDict
from core.requests.stored_pictures import PictureStore, file_of, own_copy, with_picture

UPLOAD_SECONDS: Final = 60.0
FRESH_SECONDS: Final = 1800.0
REMEMBERED: Final = 4096
_GONE: Final = (
    "I no longer keep the picture of this video. Nothing was ordered and nothing was charged. "
    "Attach the picture to a new /video."
)


class CardPicturePublisher:
    """A `PicturePublisher` that attaches the copy to the job's card, where no member sees it.

    A layout shows no file that it does not mention, and a bot's own message gives a fresh link at any
    time. Where the picture of a job that was just ordered already has a link, that link is used.
    """

    def __init__(
        self,
        channels: DiscordClient,
        card_updater: CardUpdater,
        picture_store: PictureStore,
        clock: Clock,
        refusals: Refusals,
    ) -> None:
        self._channels = channels
        self._card_updater = card_updater
        self._picture_store = picture_store
        self._clock = clock
        self._refusals = refusals
        self._links: BoundedDict[int, tuple[float, str]] = BoundedDict(REMEMBERED)

    def note(self, job_ids: Iterable[int], link: str) -> None:
        """Remember the link to the picture of jobs that are being ordered."""
        for job_id in job_ids:
            self._links[job_id] = (self._clock.monotonic(), link)

    def knows(self, job_id: int) -> bool:
        """Whether the link to the picture of a job is known."""
        return job_id in self._links

    async def link(self, job: Job, picture: str) -> str:
        since, known = self._links.get(job.id, (0.0, None))
        if known is not None and self._clock.monotonic() - since < FRESH_SECONDS:
            return known
        message = card_message(self._channels, job.destination)
        content = await self._picture_store.read(picture)
        if message is None or content is None:
            raise PictureLost("there is no card" if message is None else "the copy is gone")
        try:
            shown = await self._attach(job, message, _file(picture, content))
        except (MessageGone, NobodyThere, TooLarge) as error:
            raise PictureLost(f"the card takes no picture ({error})") from error
        return shown.attachments[0].url

    async def _attach(self, job: Job, card: discord.PartialMessage, picture: discord.File) -> discord.Message:
        channel_id = job.destination.channel_id
        try:
            async with self._card_updater.hold(job.id), translate_errors(UPLOAD_SECONDS):
                return await card.edit(attachments=[picture], allowed_mentions=NO_MENTIONS)
        except DeliveryDelayed as error:
            raise self._refusals.judge(Recipient(job.id, channel_id, channel_id), error) from error


class PictureReader:
    """Stores what members attach, before anything is ordered with it."""

    def __init__(
        self, *, intake: PictureIntake, picture_store: PictureStore, host: CardPicturePublisher
    ) -> None:
        self._intake = intake
        self._picture_store = picture_store
        self._host = host

    async def keep(self, data: bytes, member_id: int) -> str:
        """Store our own copy of a picture, converted for gateways, and return its name.

        Raise what `core.ports.PictureIntake` raises.
        """
        return await self._picture_store.keep(await self._intake.fit(data, member_id))

    async def receive(self, attachment: discord.Attachment, member_id: int) -> str:
        """Store a copy of what Discord holds for a while. Raise as `keep`. It may take a minute or two."""
        return await self._picture_store.keep(await self._fetch(attachment, member_id))

    async def attach(
        self,
        request: VideoRequest,
        attachments: Sequence[discord.Attachment],
        member_id: int,
        job_ids: Sequence[int],
    ) -> VideoRequest:
        """Store copies of the pictures of a request, as `receive` does, and have the request name them.

        What Discord holds already as a gateway takes it is shown to it there.
        """
        for attachment in attachments:
            fitted = await self._fetch(attachment, member_id)
            request = with_picture(request, attachment.url, await self._picture_store.keep(fitted))
            if not fitted.is_changed:
                self._host.note(job_ids, attachment.url)
        return request

    async def prepare(
        self, interaction: discord.Interaction, request: VideoRequest, job_ids: Sequence[int]
    ) -> None:
        """Make sure that a gateway can fetch the pictures of a request. Raise RequestRefused.

        The interaction has been acknowledged.
        """
        await self.check(request)
        picture = own_copy(request)
        if picture is not None and not self._host.knows(job_ids[0]) and not _may_attach(interaction):
            self._host.note(job_ids, await self._attach_to_answer(interaction, picture))

    async def check(self, request: VideoRequest) -> None:
        """Raise NotAllowed if the copy of a request's picture is gone."""
        picture = own_copy(request)
        if picture is not None and not await self._picture_store.use(picture):
            raise NotAllowed(_GONE)

    async def _fetch(self, attachment: discord.Attachment, member_id: int) -> PictureFile:
        return await self._intake.fetch(attachment.url, attachment.size, member_id)

    async def _attach_to_answer(self, interaction: discord.Interaction, picture: str) -> str:
        """Put a picture into the answer that is under way, and return its link there."""
        content = await self._picture_store.read(picture)
        if content is None:
            raise NotAllowed(_GONE)
        async with translate_errors(UPLOAD_SECONDS):
            message = await interaction.edit_original_response(attachments=[_file(picture, content)])
        return message.attachments[0].url


def picture_link(attachment: discord.Attachment) -> str:
    """Return Discord's link to a picture, if the file may be one by Discord's own description."""
    if not is_picture(attachment):
        raise PictureUnusable(
            f"{attachment.filename} is not a picture. Attach a JPEG or PNG of up to 10 MB, "
            "at least 300 pixels on each side."
        )
    return attachment.url


def is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/")


def _may_attach(interaction: discord.Interaction) -> bool:
    """Whether the bot may change its message there itself, later, without this interaction."""
    return not is_guest(interaction) and interaction.app_permissions.attach_files


def _file(picture: str, content: bytes) -> discord.File:
    return discord.File(io.BytesIO(content), filename=f"picture-{(file_of(picture) or '')[-20:]}")
