"""The menu of every message: animate its picture, use its text as a prompt, show a video's details."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

import discord
from discord import app_commands
from discord.ext import commands

from cogs.jobs import pages
from cogs.ordering.attachments import PictureReader, is_picture
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.order_options import OrderOptions
from cogs.ui.modals import Handler, Values, prompt_form
from cogs.ui.people import actor_of, requester_of
from core.model.errors import MatineeError, NotAllowed, PictureUnusable
from core.model.video import Draft
from core.primitives.bounded import BoundedDict
from core.services.orders import OrderService

REMEMBERED: Final = 1000
_NO_PICTURE: Final = "There is no picture in that message. Nothing was ordered."
_NO_WORDS: Final = "There are no words in that message. Nothing was ordered."
_FORGOTTEN: Final = (
    "I was restarted meanwhile and no longer have that picture. Nothing was ordered and nothing was charged. "
    "Choose Animate this once more."
)
_NOT_OURS: Final = "That message shows no video of mine that I know of."


class ContextMenusCog(commands.Cog):
    """Discord sends a message's content only while its menu is open: pictures are copied at once."""

    def __init__(
        self,
        *,
        tree: app_commands.CommandTree[commands.Bot],
        orders: OrderService,
        interaction_orders: InteractionOrders,
        pictures: PictureReader,
        order_options: OrderOptions,
    ) -> None:
        self._tree = tree
        self._orders = orders
        self._interaction_orders = interaction_orders
        self._pictures = pictures
        self._order_options = order_options
        self._copied: BoundedDict[tuple[int, int], asyncio.Future[str | MatineeError]] = BoundedDict(
            REMEMBERED
        )
        self._menus = (
            app_commands.ContextMenu(name="Animate this", callback=self.animate),
            app_commands.ContextMenu(name="Use as prompt", callback=self.use),
            app_commands.ContextMenu(name="Video details", callback=self.details),
        )

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"animate": self.order_animation, "prompt": self.order_prompt}

    async def cog_load(self) -> None:
        for menu in self._menus:
            self._tree.add_command(menu)

    async def cog_unload(self) -> None:
        for menu in self._menus:
            self._tree.remove_command(menu.name, type=menu.type)

    async def animate(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Open the form for the prompt while the picture is copied: there are three seconds for the form."""
        attachment = picture_of(message)
        if attachment is None:
            raise PictureUnusable(_NO_PICTURE)
        whose = (interaction.user.id, interaction.id)
        copied = self._copied[whose] = asyncio.get_running_loop().create_future()
        await interaction.response.send_modal(
            prompt_form("animate", interaction.id, "Animate this picture", "", needed=False)
        )
        try:
            copied.set_result(await self._pictures.receive(attachment, interaction.user.id))
        except MatineeError as error:
            copied.set_result(error)
        finally:
            copied.cancel()  # without effect where there is a result

    async def order_animation(self, interaction: discord.Interaction, number: int, values: Values) -> None:
        copied = self._copied.get((interaction.user.id, number))
        if copied is None:
            raise NotAllowed(_FORGOTTEN)
        prompt, requester = values.get("prompt", ""), requester_of(interaction)
        is_private = await self._order_options.is_private(prompt, requester)
        card_id = await self._interaction_orders.acknowledge(interaction, is_private=is_private)
        await asyncio.wait([copied])
        picture = PictureUnusable(_FORGOTTEN) if copied.cancelled() else copied.result()
        if isinstance(picture, MatineeError):
            raise picture
        spec = await self._order_options.specify(Draft(prompt=prompt, first_frame=picture), requester)
        await self._interaction_orders.serve(interaction, spec, card_id)

    async def use(self, interaction: discord.Interaction, message: discord.Message) -> None:
        job = await self._orders.of_message(message.id, actor_of(interaction))
        words = message.content.strip() if job is None else job.request.prompt
        if not words:
            raise NotAllowed(_NO_WORDS)
        await interaction.response.send_modal(prompt_form("prompt", interaction.id, "Use as prompt", words))

    async def order_prompt(self, interaction: discord.Interaction, _number: int, values: Values) -> None:
        draft = Draft(prompt=values.get("prompt", ""))
        await self._interaction_orders.take(
            interaction, await self._order_options.specify(draft, requester_of(interaction))
        )

    async def details(self, interaction: discord.Interaction, message: discord.Message) -> None:
        job = await self._orders.of_message(message.id, actor_of(interaction))
        if job is None:
            raise NotAllowed(_NOT_OURS)
        view = pages.details(job, self._orders.catalog, actor_of(interaction))
        await interaction.response.send_message(view=view, ephemeral=True)


def picture_of(message: discord.Message) -> discord.Attachment | None:
    """Return the first picture of a message, or of one that it forwards."""
    passed_on = [attachment for snapshot in message.message_snapshots for attachment in snapshot.attachments]
    return next(filter(is_picture, [*message.attachments, *passed_on]), None)
