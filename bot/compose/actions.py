"""Wires what can be done with a video: buttons, forms, reactions, answers and the menus of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from discord.ext import commands

from bot.discord.client import Client
from cogs.actions.buttons import Action, JobButtons
from cogs.actions.context_menus import ContextMenusCog
from cogs.actions.edit_extend import EditExtend
from cogs.actions.mentions import MentionsCog
from cogs.actions.reactions import ReactionsCog
from cogs.actions.send_copy import SendCopy
from cogs.cards.card import Card
from cogs.cards.replies import Replies
from cogs.ordering.attachments import PictureReader
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.message_orders import MessageOrders
from cogs.ordering.order_options import OrderOptions
from cogs.ui.concurrency import Backpressure
from cogs.ui.modals import form_item
from cogs.ui.persistent_item import PersistentItem
from core.community.prompt_channels import PromptChannels
from core.delivery.attempt import DeliveryTools
from core.ports import ClipStore, Clock
from core.services.orders import OrderService
from storage.ffmpeg.frames import FfmpegFrames


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionParts:
    """What all of it works with."""

    client: Client
    clock: Clock
    orders: OrderService
    interaction_orders: InteractionOrders
    buttons: JobButtons
    pictures: PictureReader
    order_options: OrderOptions
    message_orders: MessageOrders
    card: Card
    clips: ClipStore
    tools: DeliveryTools
    channels: PromptChannels
    replies: Replies
    bot_id: int


@dataclass(frozen=True, slots=True)
class VideoActions:
    """What buttons do, what forms do, and what else listens."""

    actions: Mapping[str, Action]
    form: PersistentItem
    cogs: tuple[commands.Cog, ...]


def video_actions(parts: ActionParts) -> VideoActions:
    again = EditExtend(
        orders=parts.orders,
        interaction_orders=parts.interaction_orders,
        order_options=parts.order_options,
        pictures=parts.pictures,
        clips=parts.clips,
        frames=FfmpegFrames(),
    )
    copies = SendCopy(orders=parts.orders, card=parts.card, client=parts.client, tools=parts.tools)
    menus = ContextMenusCog(
        tree=parts.client.tree,
        orders=parts.orders,
        interaction_orders=parts.interaction_orders,
        pictures=parts.pictures,
        order_options=parts.order_options,
    )
    form = form_item({**again.handlers, **menus.handlers})
    return VideoActions({**again.actions, **copies.actions}, form, (menus, *_listeners(parts, copies)))


def _listeners(parts: ActionParts, send_copy: SendCopy) -> tuple[commands.Cog, ...]:
    """Make what hears messages and reactions."""
    backpressure = Backpressure(parts.clock)
    messages = MentionsCog(
        message_orders=parts.message_orders,
        order_options=parts.order_options,
        pictures=parts.pictures,
        channels=parts.channels,
        backpressure=backpressure,
        replies=parts.replies,
        bot_id=parts.bot_id,
    )
    reactions = ReactionsCog(
        orders=parts.orders,
        message_orders=parts.message_orders,
        order_options=parts.order_options,
        buttons=parts.buttons,
        send_copy=send_copy,
        client=parts.client,
        backpressure=backpressure,
        replies=parts.replies,
        clock=parts.clock,
        bot_id=parts.bot_id,
    )
    return messages, reactions
