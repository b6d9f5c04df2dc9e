"""The same again, differently: ✏️ with other words or options, ⏭️ from where a clip ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import discord

from cogs.actions.buttons import Action
from cogs.actions.kept_clips import with_clip
from cogs.ordering.attachments import PictureDesk
from cogs.ordering.interaction_orders import OrderDesk
from cogs.ordering.order_options import Wishing
from cogs.ui.modals import Handler, Values, choices_in, edit_form, prompt_form
from cogs.ui.people import asker_of, person_of
from core.model.errors import NotAllowed
from core.model.job import Job
from core.ports import Archive
from core.requests.stored_pictures import Frames
from core.requests.variations import continued, reworded, with_choices
from core.services.orders import Studio

_MAKE_ANEW: Final = "🔁 makes it again."
_NO_FRAME: Final = (
    "I could not take the last picture out of this video. Nothing was ordered and nothing was charged. "
    "Attach a picture of yours to /animate."
)


class Again:
    def __init__(
        self,
        *,
        studio: Studio,
        desk: OrderDesk,
        wishing: Wishing,
        pictures: PictureDesk,
        archive: Archive,
        frames: Frames,
    ) -> None:
        self._studio = studio
        self._desk = desk
        self._wishing = wishing
        self._pictures = pictures
        self._library = archive
        self._frames = frames

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"edit": self.edit, "extend": self.extend}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"edit": self.edited, "extend": self.extended}

    async def edit(self, interaction: discord.Interaction, job_id: int) -> None:
        parent = await self._studio.seen(job_id, person_of(interaction))
        await interaction.response.send_modal(edit_form(job_id, parent.request, self._studio.catalog))

    async def edited(self, interaction: discord.Interaction, job_id: int, values: Values) -> None:
        parent = await self._studio.seen(job_id, person_of(interaction))
        draft = reworded(parent.request, values.get("prompt", ""))
        draft = with_choices(draft, parent.request, choices_in(values))
        await self._desk.take(interaction, await self._wishing.wish(draft, asker_of(interaction), parent))

    async def extend(self, interaction: discord.Interaction, job_id: int) -> None:
        parent = await self._kept(interaction, job_id)
        form = prompt_form("extend", job_id, "Go on from its last picture", parent.request.prompt)
        await interaction.response.send_modal(form)

    async def extended(self, interaction: discord.Interaction, job_id: int, values: Values) -> None:
        parent = await self._kept(interaction, job_id)
        prompt, asker = values.get("prompt", ""), asker_of(interaction)
        is_private = await self._wishing.is_private(prompt, asker, parent)
        card_id = await self._desk.acknowledge(interaction, is_private=is_private)
        picture = await self._frames.last(self._library.path(job_id))
        if picture is None:
            raise NotAllowed(_NO_FRAME)
        draft = continued(prompt, await self._pictures.keep(picture, interaction.user.id))
        await self._desk.serve(interaction, await self._wishing.wish(draft, asker, parent), card_id)

    async def _kept(self, interaction: discord.Interaction, job_id: int) -> Job:
        """Find the job with its clip."""
        return await with_clip(
            self._studio, self._library, job_id, person_of(interaction), instead=_MAKE_ANEW
        )
