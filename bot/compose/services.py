"""Builds the graph by constructor: who is given what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from bot.compose import limits as bounds
from bot.compose import providers as gateways
from bot.compose.community import Community, community
from bot.compose.links import Sharing
from bot.compose.privacy import INCOMING, REPLIES, ErasureParts, erasure_service, export
from bot.compose.restored_copy import RestoredCopyGuard
from bot.discord.client import Client
from bot.process.data_folder_care import DataFolderCare
from bot.settings.settings import Settings
from cogs.account.privacy import PrivacyCog
from cogs.account.privacy_texts import Terms
from cogs.cards.card import Card
from cogs.cards.card_repair import CardRepair
from cogs.cards.card_updater import EDIT_SECONDS, CardUpdater
from cogs.cards.courier import DiscordCourier
from cogs.cards.prompt_marks import MarkingCourier
from cogs.operators.alerts import Operators
from cogs.ordering.attachments import CardPicturePublisher
from core.community.gallery import Galleries
from core.community.prompt_channels import PromptChannels
from core.delivery.attempt import DeliveryTools
from core.delivery.message_notes import DeletedMessages, SentCopies, StaleCards
from core.delivery.plan import UploadLimits
from core.delivery.refusals import Refusals
from core.dispatch.fair_queue import FairQueue
from core.dispatch.provider_registry import ProviderRegistry
from core.engine.build import engine
from core.engine.runner import Runner
from core.engine.step import Allowance, StepContext
from core.polling.task_durations import DurationModel
from core.ports import Clock, Links
from core.privacy.erasure import ErasureService
from core.requests.preferences import PreferenceStore
from core.requests.stored_pictures import PicturePublisher
from core.services.budget_alerts import BudgetAlerts
from core.services.orders import OrderService
from providers.pictures.intake import ChildPictures
from storage.ffmpeg.encoder import FfmpegEncoder
from storage.files.clips import FolderClips
from storage.files.pictures import FolderPictures
from storage.files.reply_log import FileReplyLog
from storage.retention import Retention, Room
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues
from storage.sqlite.personal_data import SqlitePersonalData
from storage.sqlite.shared_links import SqliteSharedLinks
from web.links.picture_links import LinkedPictures


@dataclass(frozen=True, slots=True)
class Disk:
    """What outlives the program, and pictures on their way there."""

    database: Database
    store: SqliteJobStore
    clips: FolderClips
    pictures: FolderPictures
    replies: FileReplyLog
    incoming: ChildPictures
    restored_copy: RestoredCopyGuard


class Services:
    """Each part is made once, when it is first asked for, out of the parts that it names."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        client: Client,
        disk: Disk,
        registry: ProviderRegistry,
        operators: Operators,
        shared: Sharing,
        prompt_channels: PromptChannels,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.client = client
        self.disk = disk
        self.registry = registry
        self.operators = operators
        self.links: Links = shared.links
        self.picture_links = shared.pictures
        self.prompt_channels = prompt_channels
        self.bot_id = _user_id(client)
        self.notes = SqliteKeyValues(disk.database)
        self.card = Card(registry.catalog)
        self.preferences = PreferenceStore(self.notes)
        self.galleries = Galleries(self.notes)
        self.deleted_messages = DeletedMessages(self.notes)
        self.stale_cards = StaleCards(self.notes)
        self.refusals = Refusals(clock, operators)
        self.limits = bounds.limits(settings)
        self.budget_alerts = BudgetAlerts(disk.store, self.notes, self.limits, operators)

    @cached_property
    def card_updater(self) -> CardUpdater:
        gap = min(EDIT_SECONDS, self.settings.matinee_poll_max_seconds)
        return CardUpdater(self.client, self.card, self.clock, gap_seconds=gap)

    @cached_property
    def social(self) -> Community:
        return community(self.client, self.clock, self.prompt_channels, self.bot_id)

    @cached_property
    def tools(self) -> DeliveryTools:
        posting = DiscordCourier(
            self.client,
            self.card_updater,
            self.card,
            self.clock,
            self.stale_cards,
            self.refusals,
            bot_id=self.bot_id,
        )
        courier = MarkingCourier(posting, self.social.marks)
        limits = UploadLimits(self.notes, self.clock)
        return DeliveryTools(courier, self.disk.clips, FfmpegEncoder(), self.links, limits)

    @cached_property
    def host(self) -> CardPicturePublisher:
        return CardPicturePublisher(
            self.client, self.card_updater, self.disk.pictures, self.clock, self.refusals
        )

    @property
    def shown_pictures(self) -> PicturePublisher:
        links = self.picture_links
        return self.host if links is None else LinkedPictures(self.host, links)

    def runner(self, durations: DurationModel) -> Runner:
        schedule = gateways.schedule(self.settings, durations)
        store = self.disk.store
        return engine(
            store=store,
            context=StepContext(
                store=store,
                clock=self.clock,
                schedule=schedule,
                alerts=self.operators,
                allowance=Allowance(tuple(self.limits), self.budget_alerts),
                confirmations=self.disk.restored_copy.confirmations,
                notes=self.notes,
            ),
            schedule=schedule,
            registry=self.registry,
            tools=self.tools,
            replies=self.disk.replies,
            fair_queue=FairQueue(
                places=self.settings.matinee_provider_running,
                places_for_member=self.settings.matinee_member_running,
                places_for_server=self.settings.matinee_server_running,
            ),
            host=self.shown_pictures,
        ).runner

    def orders(self, runner: Runner) -> OrderService:
        return OrderService(
            store=self.disk.store,
            registry=self.registry,
            clock=self.clock,
            take_up=runner.wake,
            limits=self.limits,
            budget_alerts=self.budget_alerts,
            alerts=self.operators,
            copies=SentCopies(self.notes),
        )

    def late_words(self, orders: OrderService) -> CardRepair:
        return CardRepair(
            stale_cards=self.stale_cards,
            orders=orders,
            card_updater=self.card_updater,
            channels=self.client,
            card=self.card,
            clock=self.clock,
        )

    @cached_property
    def erasure_service(self) -> ErasureService:
        disk = self.disk
        parts = ErasureParts(
            database=disk.database,
            clips=disk.clips,
            pictures=disk.pictures,
            replies=disk.replies,
            links=self.links,
        )
        return erasure_service(parts, self.clock, self.preferences, self.limits)

    @cached_property
    def privacy(self) -> PrivacyCog:
        settings, database = self.settings, self.disk.database
        has_links = settings.matinee_public_url is not None or settings.matinee_s3_bucket is not None
        return PrivacyCog(
            store=self.disk.store,
            personal=SqlitePersonalData(database),
            export=export(database, self.disk.store, self.clock, self.preferences),
            erasure_service=self.erasure_service,
            terms=Terms(settings.matinee_keep_days, settings.matinee_link_days if has_links else None),
        )

    @property
    def data_folder(self) -> DataFolderCare:
        disk, folder = self.disk, self.settings.matinee_data_dir
        return DataFolderCare(
            notes=self.notes,
            alerts=self.operators,
            clock=self.clock,
            folders=(folder, disk.clips.folder, disk.pictures.folder, folder / INCOMING),
            files={disk.database.path.name: disk.database, REPLIES: disk.replies},
        )

    @property
    def retention(self) -> Retention:
        return Retention(
            store=self.disk.store,
            clips=self.disk.clips,
            folder=self.disk.clips.folder,
            pictures=self.disk.pictures,
            clock=self.clock,
            keep=timedelta(days=self.settings.matinee_keep_days),
            room=Room(int(self.settings.matinee_disk_quota_gb * 1e9)),
            shared=SqliteSharedLinks(self.disk.database),
        )


def _user_id(client: Client) -> int:
    if client.user is None:
        raise RuntimeError("the client has not logged in")
    return client.user.id
