"""The layer of members: registers all commands, menus, buttons and listeners with the client."""

from __future__ import annotations

from bot.compose import providers as gateways
from bot.compose.actions import video_actions
from bot.compose.cards import Cards
from bot.compose.community import community_cogs
from bot.compose.disk import Disk
from bot.compose.ordering import Ordering
from bot.compose.privacy import export
from bot.discord.client import Client
from bot.settings.settings import Settings
from cogs.account.privacy import PrivacyCog, privacy_item
from cogs.account.privacy_texts import Terms
from cogs.account.settings import SettingsCog
from cogs.actions.buttons import JobButtons, job_item
from cogs.actions.deleted_messages import DeletedMessagesCog
from cogs.actions.get_video import GetVideo
from cogs.actions.unconfirmed import UnconfirmedActions
from cogs.cards.pings import Pings
from cogs.jobs.commands import JobsCog, listing_items
from cogs.ordering.video import VideoCog
from cogs.ui.persistent_item import PersistentItemsCog
from core.community.gallery import Galleries
from core.community.prompt_channels import PromptChannels
from core.delivery.attempt import DeliveryTools
from core.delivery.message_notes import DeletedMessages
from core.dispatch.provider_registry import ProviderRegistry
from core.ports import Clock
from core.privacy.erasure import ErasureService
from core.requests.preferences import PreferenceStore
from core.services.orders import OrderService
from providers.pictures.link_check import KlingPictures
from storage.sqlite.personal_data import SqlitePersonalData


async def register_cogs(
    *,
    settings: Settings,
    client: Client,
    clock: Clock,
    disk: Disk,
    registry: ProviderRegistry,
    orders: OrderService,
    preferences: PreferenceStore,
    erasure_service: ErasureService,
    cards: Cards,
    tools: DeliveryTools,
    ordering: Ordering,
    channels: PromptChannels,
    bot_id: int,
) -> UnconfirmedActions:
    """Register everything with the client, which has logged in; return the parts that operators use."""
    deleted_messages, galleries = DeletedMessages(disk.notes), Galleries(disk.notes)
    buttons = JobButtons(
        orders=orders,
        interaction_orders=ordering.interaction_orders,
        order_options=ordering.order_options,
        channels=client,
        clips=disk.clips,
        links=tools.links,
        deleted_messages=deleted_messages,
        pings=Pings(bot_id=bot_id),
    )
    unconfirmed = UnconfirmedActions(
        orders=orders,
        interaction_orders=ordering.interaction_orders,
        order_options=ordering.order_options,
        channels=client,
        card=cards.card,
    )
    get_video = GetVideo(orders=orders, card=cards.card, clock=clock, tools=tools, registry=registry)
    video = video_actions(
        client=client,
        clock=clock,
        disk=disk,
        orders=orders,
        cards=cards,
        tools=tools,
        ordering=ordering,
        buttons=buttons,
        channels=channels,
        bot_id=bot_id,
    )
    community = community_cogs(
        client=client,
        clock=clock,
        orders=orders,
        preferences=preferences,
        cards=cards,
        tools=tools,
        ordering=ordering,
        channels=channels,
        galleries=galleries,
        bot_id=bot_id,
    )
    listing = JobsCog(orders=orders, deleted_messages=deleted_messages)
    privacy = _privacy(settings, clock, disk, preferences, erasure_service)
    actions = {**buttons.actions, **unconfirmed.actions, **get_video.actions, **video.actions}
    commands = VideoCog(
        orders=orders,
        interaction_orders=ordering.interaction_orders,
        pictures=KlingPictures(gateways.allowed_hosts(settings), own=settings.matinee_public_url),
        order_options=ordering.order_options,
    )
    own_settings = SettingsCog(orders=orders, preferences=preferences, channels=channels, galleries=galleries)
    await client.register(
        [
            listing,
            privacy,
            PersistentItemsCog(
                (video.form, job_item(actions), *listing_items(listing), privacy_item(privacy))
            ),
            commands,
            DeletedMessagesCog(orders=orders, deleted_messages=deleted_messages),
            own_settings,
            *video.cogs,
            *community,
        ]
    )
    return unconfirmed


def _privacy(
    settings: Settings,
    clock: Clock,
    disk: Disk,
    preferences: PreferenceStore,
    erasure_service: ErasureService,
) -> PrivacyCog:
    has_links = settings.matinee_public_url is not None or settings.matinee_s3_bucket is not None
    return PrivacyCog(
        store=disk.store,
        personal=SqlitePersonalData(disk.database),
        export=export(disk.database, disk.store, clock, preferences),
        erasure_service=erasure_service,
        terms=Terms(settings.matinee_keep_days, settings.matinee_link_days if has_links else None),
    )
