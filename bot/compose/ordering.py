"""The layer of orders on Discord: options, pictures, commands and messages become orders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.compose.cards import Cards
from bot.compose.disk import Disk
from bot.discord.client import Client
from cogs.ordering.attachments import PictureReader
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.message_orders import MessageOrders
from cogs.ordering.order_options import OrderOptions
from core.ports import Clock
from core.requests.preferences import PreferenceStore
from core.services.orders import OrderService


@dataclass(frozen=True, slots=True)
class Ordering:
    """The parts that make orders of what members type, attach and press."""

    order_options: OrderOptions
    pictures: PictureReader
    message_orders: MessageOrders
    interaction_orders: InteractionOrders


def ordering(
    *,
    client: Client,
    clock: Clock,
    disk: Disk,
    cards: Cards,
    orders: OrderService,
    preferences: PreferenceStore,
    ahead: Callable[[int], int | None],
) -> Ordering:
    """Build it. `ahead` returns how many jobs go before one that waits."""
    pictures = PictureReader(intake=disk.incoming, picture_store=disk.pictures, host=cards.picture_publisher)
    message_orders = MessageOrders(
        orders=orders,
        pictures=pictures,
        card_updater=cards.card_updater,
        client=client,
        clock=clock,
        ahead=ahead,
    )
    return Ordering(
        order_options=OrderOptions(orders=orders, preferences=preferences),
        pictures=pictures,
        message_orders=message_orders,
        interaction_orders=InteractionOrders(orders=orders, pictures=pictures, message_orders=message_orders),
    )
