"""Make a video again with changes: ✏️ with other words or options, ⏭️ from where a clip ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import discord

from cogs.actions.buttons import Action, with_clip
from cogs.ordering.attachments import PictureReader
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.order_options import OrderOptions
from cogs.ui.modals import Handler, Values, choices_in, edit_form, prompt_form
from cogs.ui.people import actor_of, requester_of
from core.model.errors import NotAllowed
from core.model.job import Job
from core.ports import ClipStore
from core.requests.stored_pictures import Frames
from core.requests.variations import continued, reworded, with_choices
from core.services.orders import OrderService

_MAKE_ANEW: Final = "🔁 makes it again."
_NO_FRAME: Final = (
    "I could not take the last picture out of this video. Nothing was ordered and nothing was charged. "
    "Attach a picture of yours to /animate."
)


class EditExtend:
    def __init__(
        self,
        *,
        orders: OrderService,
        interaction_orders: InteractionOrders,
        order_options: OrderOptions,
        pictures: PictureReader,
        clips: ClipStore,
        frames: Frames,
    ) -> None:
        self._orders = orders
        self._interaction_orders = interaction_orders
        self._order_options = order_options
        self._pictures = pictures
        self._clips = clips
        self._frames = frames

    @property
    def actions(self) -> Mapping[str, Action]:
        return {"edit": self.edit, "extend": self.extend}

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"edit": self.order_edit, "extend": self.order_extension}

    async def edit(self, interaction: discord.Interaction, job_id: int) -> None:
        parent = await self._orders.find_visible(job_id, actor_of(interaction))
        await interaction.response.send_modal(edit_form(job_id, parent.request, self._orders.catalog))

    async def order_edit(self, interaction: discord.Interaction, job_id: int, values: Values) -> None:
        parent = await self._orders.find_visible(job_id, actor_of(interaction))
        draft = reworded(parent.request, values.get("prompt", ""))
        draft = with_choices(draft, parent.request, choices_in(values))
        await self._interaction_orders.take(
            interaction, await self._order_options.specify(draft, requester_of(interaction), parent)
        )

    async def extend(self, interaction: discord.Interaction, job_id: int) -> None:
        parent = await self._find_with_clip(interaction, job_id)
        form = prompt_form("extend", job_id, "Go on from its last picture", parent.request.prompt)
        await interaction.response.send_modal(form)

    async def order_extension(self, interaction: discord.Interaction, job_id: int, values: Values) -> None:
        parent = await self._find_with_clip(interaction, job_id)
        prompt, requester = values.get("prompt", ""), requester_of(interaction)
        is_private = await self._order_options.is_private(prompt, requester, parent)
        card_id = await self._interaction_orders.acknowledge(interaction, is_private=is_private)
        picture = await self._frames.last(self._clips.path(job_id))
        if picture is None:
            raise NotAllowed(_NO_FRAME)
        draft = continued(prompt, await self._pictures.keep(picture, interaction.user.id))
        await self._interaction_orders.serve(
            interaction, await self._order_options.specify(draft, requester, parent), card_id
        )

    async def _find_with_clip(self, interaction: discord.Interaction, job_id: int) -> Job:
        """Find the job with its clip."""
        return await with_clip(self._orders, self._clips, job_id, actor_of(interaction), instead=_MAKE_ANEW)
