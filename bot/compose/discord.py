"""Furnishes the client with all commands, menus, buttons and listeners, and says what then has to run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from discord.ext import commands

from bot.compose import providers as gateways
from bot.compose.actions import ActionParts, VideoActions, video_actions
from bot.compose.community import Community
from bot.compose.restored_copy import RestoredCopyGuard
from bot.compose.services import Services
from bot.discord.client import Client
from bot.process.data_folder_care import DataFolderCare
from cogs.account.privacy import privacy_item
from cogs.account.settings import SettingsCog
from cogs.actions.buttons import Action, JobButtons, job_item
from cogs.actions.deleted_messages import DeletedMessagesCog
from cogs.actions.get_video import GetVideo
from cogs.actions.unconfirmed import UnconfirmedActions
from cogs.cards.card_repair import CardRepair
from cogs.cards.card_updater import CardUpdater
from cogs.cards.pings import Pings
from cogs.jobs.commands import JobsCog, listing_items
from cogs.operators.alerts import Operators
from cogs.ordering.attachments import PictureReader
from cogs.ordering.interaction_orders import InteractionOrders
from cogs.ordering.message_orders import MessageOrders
from cogs.ordering.order_options import OrderOptions
from cogs.ordering.video import VideoCog
from cogs.ui.persistent_item import PersistentItemsCog
from core.dispatch.provider_health import ProviderHealth
from core.engine.runner import Runner
from core.polling.duration_store import DurationStore, recalled
from core.ports import KeyValueStore
from core.privacy.erasure import ErasureService
from core.services.orders import OrderService
from providers.pictures.intake import ChildPictures
from providers.pictures.link_check import KlingPictures
from storage.retention import Retention


@dataclass(frozen=True, slots=True)
class RunningParts:
    """The parts that have something to do while the program runs."""

    client: Client
    orders: OrderService
    runner: Runner
    provider_health: ProviderHealth
    restored_copy: RestoredCopyGuard
    incoming: ChildPictures
    card_updater: CardUpdater
    operators: Operators
    unconfirmed: UnconfirmedActions
    card_repair: CardRepair
    duration_store: DurationStore
    retention: Retention
    erasure_service: ErasureService
    community: Community
    data_folder: DataFolderCare
    notes: KeyValueStore


async def wired(services: Services) -> RunningParts:
    """Wire the parts together and furnish the client, which has logged in: it knows who it is."""
    durations = await recalled(services.notes)
    await services.preferences.look_through()
    runner = services.runner(durations)
    orders = services.orders(runner)
    discord_parts = DiscordParts(services, runner, orders)
    await discord_parts.move_in()
    return RunningParts(
        services.client,
        orders,
        runner,
        services.registry.provider_health,
        services.disk.restored_copy,
        services.disk.incoming,
        services.card_updater,
        services.operators,
        discord_parts.unconfirmed,
        services.late_words(orders),
        DurationStore(services.notes, services.clock, durations),
        services.retention,
        services.erasure_service,
        services.social,
        services.data_folder,
        services.notes,
    )


class DiscordParts:
    """Each piece is made once, when it is first asked for, out of the pieces that it names."""

    def __init__(self, services: Services, runner: Runner, orders: OrderService) -> None:
        self._services = services
        self._runner = runner
        self._orders = orders

    async def move_in(self) -> None:
        """Give the client, which has logged in, all that it listens to."""
        listing = JobsCog(orders=self._orders, deleted_messages=self._services.deleted_messages)
        privacy = self._services.privacy
        form, job = self._video_actions.form, job_item(self._actions)
        items = PersistentItemsCog((form, job, *listing_items(listing), privacy_item(privacy)))
        await self._services.client.register([listing, privacy, items, *self._cogs])

    @cached_property
    def unconfirmed(self) -> UnconfirmedActions:
        services = self._services
        return UnconfirmedActions(
            orders=self._orders,
            interaction_orders=self._interaction_orders,
            order_options=self._order_options,
            channels=services.client,
            card=services.card,
        )

    @property
    def _actions(self) -> Mapping[str, Action]:
        """What buttons do."""
        services = self._services
        pickup = GetVideo(
            orders=self._orders,
            card=services.card,
            clock=services.clock,
            tools=services.tools,
            registry=services.registry,
        )
        return {
            **self._buttons.actions,
            **self.unconfirmed.actions,
            **pickup.actions,
            **self._video_actions.actions,
        }

    @property
    def _cogs(self) -> list[commands.Cog]:
        services, orders = self._services, self._orders
        return [
            VideoCog(
                orders=orders,
                interaction_orders=self._interaction_orders,
                pictures=self._gateway_pictures,
                order_options=self._order_options,
            ),
            DeletedMessagesCog(orders=orders, deleted_messages=services.deleted_messages),
            SettingsCog(
                orders=orders,
                preferences=services.preferences,
                channels=services.prompt_channels,
                galleries=services.galleries,
            ),
            *self._video_actions.cogs,
            *services.social.cogs(
                galleries=services.galleries,
                orders=orders,
                preferences=services.preferences,
                order_options=self._order_options,
                pictures=self._pictures,
                message_orders=self._message_orders,
                tools=services.tools,
            ),
        ]

    # ------------------------------------------------------------ what they work with

    @cached_property
    def _gateway_pictures(self) -> KlingPictures:
        settings = self._services.settings
        return KlingPictures(gateways.allowed_hosts(settings), own=settings.matinee_public_url)

    @cached_property
    def _pictures(self) -> PictureReader:
        services = self._services
        return PictureReader(
            intake=services.disk.incoming, picture_store=services.disk.pictures, host=services.host
        )

    @cached_property
    def _message_orders(self) -> MessageOrders:
        return MessageOrders(
            orders=self._orders,
            pictures=self._pictures,
            card_updater=self._services.card_updater,
            client=self._services.client,
            clock=self._services.clock,
            ahead=self._runner.ahead,
        )

    @cached_property
    def _order_options(self) -> OrderOptions:
        return OrderOptions(orders=self._orders, preferences=self._services.preferences)

    @cached_property
    def _interaction_orders(self) -> InteractionOrders:
        return InteractionOrders(
            orders=self._orders, pictures=self._pictures, message_orders=self._message_orders
        )

    @cached_property
    def _buttons(self) -> JobButtons:
        services = self._services
        return JobButtons(
            orders=self._orders,
            interaction_orders=self._interaction_orders,
            order_options=self._order_options,
            channels=services.client,
            clips=services.disk.clips,
            links=services.links,
            deleted_messages=services.deleted_messages,
            pings=Pings(bot_id=services.bot_id),
        )

    @cached_property
    def _video_actions(self) -> VideoActions:
        services = self._services
        return video_actions(
            ActionParts(
                client=services.client,
                clock=services.clock,
                orders=self._orders,
                interaction_orders=self._interaction_orders,
                buttons=self._buttons,
                pictures=self._pictures,
                order_options=self._order_options,
                message_orders=self._message_orders,
                card=services.card,
                clips=services.disk.clips,
                tools=services.tools,
                channels=services.prompt_channels,
                replies=services.social.replies,
                bot_id=services.bot_id,
            )
        )
