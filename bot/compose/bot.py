"""Builds the bot, layer upon layer: cards, the engine, services, orders, commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.compose import limits as bounds
from bot.compose.cards import Cards, cards
from bot.compose.discord import register_cogs
from bot.compose.disk import Disk
from bot.compose.links import Sharing
from bot.compose.ordering import ordering
from bot.compose.privacy import erasure_service
from bot.compose.services import data_folder_care, retention, runner
from bot.discord.client import Client
from bot.process.data_folder_care import DataFolderCare
from bot.settings.settings import Settings
from cogs.actions.unconfirmed import UnconfirmedActions
from cogs.cards.card_repair import CardRepair
from cogs.cards.replies import Replies
from cogs.operators.alerts import Operators
from core.community.prompt_channels import PromptChannels
from core.delivery.attempt import DeliveryTools
from core.delivery.message_notes import SentCopies
from core.delivery.plan import UploadLimits
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.runner import Runner
from core.polling.duration_store import DurationStore, recall_durations
from core.ports import Clock
from core.privacy.erasure import ErasureService
from core.requests.preferences import PreferenceStore
from core.requests.stored_pictures import PicturePublisher
from core.services.budget_alerts import BudgetAlerts
from core.services.orders import OrderService
from storage.ffmpeg.encoder import FfmpegEncoder
from web.links.picture_links import LinkedPictures


@dataclass(frozen=True, slots=True)
class Bot:
    """The parts that move jobs and take orders, those for operators, and all that run or finish something.

    `services` work for all jobs, beside moving them. A fault in one of them does not end the program.
    """

    runner: Runner
    orders: OrderService
    unconfirmed: UnconfirmedActions
    erasure_service: ErasureService
    duration_store: DurationStore
    data_folder: DataFolderCare
    replies: Replies
    services: tuple[Callable[[], Awaitable[None]], ...]


async def build_bot(
    *,
    settings: Settings,
    clock: Clock,
    client: Client,
    disk: Disk,
    registry: ProviderRegistry,
    operators: Operators,
    shared: Sharing,
    channels: PromptChannels,
) -> Bot:
    """Build it around a client that has logged in, so that its id is known."""
    bot_id = _user_id(client)
    durations = await recall_durations(disk.notes)
    preferences = PreferenceStore(disk.notes)
    await preferences.look_through()
    limits = bounds.limits(settings)
    budget_alerts = BudgetAlerts(disk.store, disk.notes, limits, operators)
    job_cards = cards(
        client=client,
        clock=clock,
        disk=disk,
        catalog=registry.catalog,
        alerts=operators,
        bot_id=bot_id,
        longest_gap_seconds=settings.matinee_poll_max_seconds,
    )
    tools = DeliveryTools(
        job_cards.courier, disk.clips, FfmpegEncoder(), shared.links, UploadLimits(disk.notes, clock)
    )
    moving = runner(
        settings=settings,
        clock=clock,
        disk=disk,
        registry=registry,
        alerts=operators,
        tools=tools,
        limits=limits,
        budget_alerts=budget_alerts,
        picture_publisher=_picture_publisher(job_cards, shared),
        durations=durations,
    )
    orders = OrderService(
        store=disk.store,
        registry=registry,
        clock=clock,
        wake=moving.wake,
        limits=limits,
        budget_alerts=budget_alerts,
        alerts=operators,
        copies=SentCopies(disk.notes),
    )
    erasing = erasure_service(
        database=disk.database,
        clips=disk.clips,
        pictures=disk.pictures,
        replies=disk.replies,
        links=shared.links,
        clock=clock,
        preferences=preferences,
        limits=limits,
    )
    unconfirmed = await register_cogs(
        settings=settings,
        client=client,
        clock=clock,
        disk=disk,
        registry=registry,
        orders=orders,
        preferences=preferences,
        erasure_service=erasing,
        cards=job_cards,
        tools=tools,
        ordering=ordering(
            client=client,
            clock=clock,
            disk=disk,
            cards=job_cards,
            orders=orders,
            preferences=preferences,
            ahead=moving.ahead,
        ),
        channels=channels,
        bot_id=bot_id,
    )
    card_repair = CardRepair(
        stale_cards=job_cards.stale_cards,
        orders=orders,
        card_updater=job_cards.card_updater,
        channels=client,
        card=job_cards.card,
        clock=clock,
    )
    duration_store = DurationStore(disk.notes, clock, durations)
    data_folder = data_folder_care(settings, clock, disk, operators)
    return Bot(
        runner=moving,
        orders=orders,
        unconfirmed=unconfirmed,
        erasure_service=erasing,
        duration_store=duration_store,
        data_folder=data_folder,
        replies=job_cards.replies,
        services=(
            job_cards.card_updater.run,
            operators.run,
            card_repair.run,
            duration_store.run,
            disk.restored_copy.run,
            retention(settings, clock, disk).run,
            data_folder.run,
            erasing.run,
            job_cards.marks.run,
            job_cards.replies.run,
        ),
    )


def _user_id(client: Client) -> int:
    if client.user is None:
        raise RuntimeError("the client has not logged in")
    return client.user.id


def _picture_publisher(cards: Cards, shared: Sharing) -> PicturePublisher:
    """Show gateways a member's picture by a link of our own, else by that of its card."""
    own = cards.picture_publisher
    return own if shared.pictures is None else LinkedPictures(own, shared.pictures)
