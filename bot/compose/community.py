"""Wires what a server does together: prompt channels, the marks on prompts, the gallery."""

from __future__ import annotations

from dataclasses import dataclass

from discord.ext import commands

from bot.discord.client import Client
from cogs.cards.prompt_marks import PromptMarks
from cogs.cards.replies import Replies
from cogs.gallery import GalleryCog
from cogs.ordering.attachments import PictureReader
from cogs.ordering.message_orders import MessageOrders
from cogs.ordering.order_options import OrderOptions
from cogs.prompt_channels.admin import StudioCog
from cogs.prompt_channels.listener import PromptChannelsCog
from cogs.prompt_channels.orders import PromptOrders
from core.community.gallery import Galleries
from core.community.prompt_channels import PromptChannels
from core.delivery.attempt import DeliveryTools
from core.ports import Clock
from core.requests.preferences import PreferenceStore
from core.services.orders import OrderService


@dataclass(frozen=True, slots=True)
class Community:
    """The parts that have something to do while the program runs, and the prompt channels they serve."""

    client: Client
    clock: Clock
    channels: PromptChannels
    marks: PromptMarks
    replies: Replies
    bot_id: int

    def cogs(
        self,
        *,
        galleries: Galleries,
        orders: OrderService,
        preferences: PreferenceStore,
        order_options: OrderOptions,
        pictures: PictureReader,
        message_orders: MessageOrders,
        tools: DeliveryTools,
    ) -> list[commands.Cog]:
        """Make the cogs, once there is everything that they work with."""
        prompt_orders = PromptOrders(
            order_options=order_options,
            pictures=pictures,
            message_orders=message_orders,
            clock=self.clock,
            bot_id=self.bot_id,
        )
        return [
            PromptChannelsCog(
                channels=self.channels,
                prompt_orders=prompt_orders,
                orders=orders,
                marks=self.marks,
                replies=self.replies,
            ),
            GalleryCog(
                galleries=galleries,
                orders=orders,
                client=self.client,
                tools=tools,
                bot_id=self.bot_id,
            ),
            StudioCog(
                orders=orders,
                channels=self.channels,
                preferences=preferences,
                galleries=galleries,
                content_client=self.client,
            ),
        ]


def community(client: Client, clock: Clock, channels: PromptChannels, bot_id: int) -> Community:
    return Community(
        client, clock, channels, PromptMarks(client, bot_id=bot_id), Replies(client, clock), bot_id
    )
