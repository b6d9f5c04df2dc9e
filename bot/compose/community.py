"""What a server does together: prompt channels and the gallery."""

from __future__ import annotations

from discord.ext import commands

from bot.compose.cards import Cards
from bot.compose.ordering import Ordering
from bot.discord.client import Client
from cogs.gallery import GalleryCog
from cogs.prompt_channels.admin import StudioCog
from cogs.prompt_channels.listener import PromptChannelsCog
from cogs.prompt_channels.orders import PromptOrders
from core.community.gallery import Galleries
from core.community.prompt_channels import PromptChannels
from core.delivery.attempt import DeliveryTools
from core.ports import Clock
from core.requests.preferences import PreferenceStore
from core.services.orders import OrderService


def community_cogs(
    *,
    client: Client,
    clock: Clock,
    orders: OrderService,
    preferences: PreferenceStore,
    cards: Cards,
    tools: DeliveryTools,
    ordering: Ordering,
    channels: PromptChannels,
    galleries: Galleries,
    bot_id: int,
) -> tuple[commands.Cog, ...]:
    prompt_orders = PromptOrders(
        order_options=ordering.order_options,
        pictures=ordering.pictures,
        message_orders=ordering.message_orders,
        clock=clock,
        bot_id=bot_id,
    )
    prompt_channels = PromptChannelsCog(
        channels=channels,
        prompt_orders=prompt_orders,
        orders=orders,
        marks=cards.marks,
        replies=cards.replies,
    )
    gallery = GalleryCog(
        galleries=galleries,
        orders=orders,
        client=client,
        tools=tools,
        bot_id=bot_id,
    )
    studio = StudioCog(
        orders=orders,
        channels=channels,
        preferences=preferences,
        galleries=galleries,
        content_client=client,
    )
    return prompt_channels, gallery, studio
