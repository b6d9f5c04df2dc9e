"""The actions on a video: buttons, forms, reactions, answers and the menus of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from discord.ext import commands

from bot.compose.cards import Cards
from bot.compose.disk import Disk
from bot.compose.ordering import Ordering
from bot.discord.client import Client
from cogs.actions.buttons import Action, JobButtons
from cogs.actions.context_menus import ContextMenusCog
from cogs.actions.edit_extend import EditExtend
from cogs.actions.mentions import MentionsCog
from cogs.actions.reactions import ReactionsCog
from cogs.actions.send_copy import SendCopy
from cogs.ui.concurrency import Backpressure
from cogs.ui.modals import form_item
from cogs.ui.persistent_item import PersistentItem
from core.community.prompt_channels import PromptChannels
from core.delivery.attempt import DeliveryTools
from core.ports import Clock
from core.services.orders import OrderService
from storage.ffmpeg.frames import FfmpegFrames


@dataclass(frozen=True, slots=True)
class VideoActions:
    """The handlers of buttons and forms, and the other listeners."""

    actions: Mapping[str, Action]
    form: PersistentItem
    cogs: tuple[commands.Cog, ...]


def video_actions(
    *,
    client: Client,
    clock: Clock,
    disk: Disk,
    orders: OrderService,
    cards: Cards,
    tools: DeliveryTools,
    ordering: Ordering,
    buttons: JobButtons,
    channels: PromptChannels,
    bot_id: int,
) -> VideoActions:
    """Build it. Mentions and reactions share one bound of messages that are answered at once."""
    again = EditExtend(
        orders=orders,
        interaction_orders=ordering.interaction_orders,
        order_options=ordering.order_options,
        pictures=ordering.pictures,
        clips=disk.clips,
        frames=FfmpegFrames(),
    )
    copies = SendCopy(orders=orders, card=cards.card, client=client, tools=tools)
    menus = ContextMenusCog(
        tree=client.tree,
        orders=orders,
        interaction_orders=ordering.interaction_orders,
        pictures=ordering.pictures,
        order_options=ordering.order_options,
    )
    backpressure = Backpressure(clock)
    messages = MentionsCog(
        message_orders=ordering.message_orders,
        order_options=ordering.order_options,
        pictures=ordering.pictures,
        channels=channels,
        backpressure=backpressure,
        replies=cards.replies,
        bot_id=bot_id,
    )
    reactions = ReactionsCog(
        orders=orders,
        message_orders=ordering.message_orders,
        order_options=ordering.order_options,
        buttons=buttons,
        send_copy=copies,
        client=client,
        backpressure=backpressure,
        replies=cards.replies,
        clock=clock,
        bot_id=bot_id,
    )
    return VideoActions(
        actions={**again.actions, **copies.actions},
        form=form_item({**again.handlers, **menus.handlers}),
        cogs=(menus, messages, reactions),
    )
