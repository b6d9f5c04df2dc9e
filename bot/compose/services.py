"""Builds the graph by constructor: who is given what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from random import SystemRandom

from bot.compose import limits as bounds
from bot.compose.community import Community, community
from bot.compose.links import Sharing
from bot.compose.privacy import INCOMING, REPLIES, Holdings, eraser, export
from bot.compose.restored_copy import GoingBack
from bot.discord.client import Client
from bot.process.data_folder_care import Upkeep
from bot.settings.settings import Settings
from cogs.account.privacy import PrivacyCog
from cogs.account.privacy_texts import Terms
from cogs.cards.card import Card
from cogs.cards.card_repair import LateWords
from cogs.cards.card_updater import EDIT_SECONDS, Board
from cogs.cards.courier import DiscordCourier
from cogs.cards.prompt_marks import MarkingCourier
from cogs.operators.alerts import Operators
from cogs.ordering.attachments import CardPictures
from core.community.gallery import Galleries
from core.community.prompt_channels import PromptChannels
from core.delivery.deleted_messages import Departed
from core.delivery.plan import PlaceLimits
from core.delivery.refusals import Refusals
from core.delivery.sent_copies import SentCopies
from core.delivery.stale_cards import UntoldCards
from core.dispatch.fair_queue import Turns
from core.dispatch.provider_registry import Lineup
from core.engine.allowance import Allowance
from core.engine.build import engine
from core.engine.delivery_steps import Means
from core.engine.runner import Runner
from core.engine.step import Desk
from core.polling.adaptive_schedule import LearnedSchedule
from core.polling.poll_budget import PollPrice
from core.polling.task_durations import Experience
from core.ports import Clock, Links
from core.privacy.erasure import Eraser
from core.requests.preferences import PreferenceBook
from core.requests.stored_pictures import PictureHost
from core.services.budget_alerts import BudgetWatch
from core.services.orders import Studio
from providers.pictures.intake import ChildPictures
from storage.ffmpeg.encoder import FfmpegEncoder
from storage.files.clips import FolderArchive
from storage.files.pictures import FolderPictures
from storage.files.reply_log import FileReplyLog
from storage.retention import Retention, Room
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteNotes
from storage.sqlite.personal_data import SqlitePersonalData
from storage.sqlite.shared_links import SqliteSharedLinks
from web.links.picture_links import LinkedPictures


@dataclass(frozen=True, slots=True)
class Disk:
    """What outlives the program, and pictures on their way there."""

    database: Database
    store: SqliteJobStore
    archive: FolderArchive
    pictures: FolderPictures
    replies: FileReplyLog
    incoming: ChildPictures
    going_back: GoingBack


class Wiring:
    """Each part is made once, when it is first asked for, out of the parts that it names."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        client: Client,
        disk: Disk,
        lineup: Lineup,
        operators: Operators,
        shared: Sharing,
        prompt_channels: PromptChannels,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.client = client
        self.disk = disk
        self.lineup = lineup
        self.operators = operators
        self.links: Links = shared.links
        self.picture_links = shared.pictures
        self.prompt_channels = prompt_channels
        self.bot_id = _user_id(client)
        self.notes = SqliteNotes(disk.database)
        self.card = Card(lineup.catalog)
        self.preferences = PreferenceBook(self.notes)
        self.galleries = Galleries(self.notes)
        self.departed = Departed(self.notes)
        self.untold = UntoldCards(self.notes)
        self.refusals = Refusals(clock, operators)
        self.limits = bounds.limits(settings)
        self.watch = BudgetWatch(disk.store, self.notes, self.limits, operators)

    @cached_property
    def board(self) -> Board:
        gap = min(EDIT_SECONDS, self.settings.matinee_poll_max_seconds)
        return Board(self.client, self.card, self.clock, gap_seconds=gap)

    @cached_property
    def social(self) -> Community:
        return community(self.client, self.clock, self.prompt_channels, self.bot_id)

    @cached_property
    def means(self) -> Means:
        posting = DiscordCourier(
            self.client,
            self.board,
            self.card,
            self.clock,
            self.untold,
            self.refusals,
            bot_id=self.bot_id,
        )
        courier = MarkingCourier(posting, self.social.marks)
        limits = PlaceLimits(self.notes, self.clock)
        return Means(courier, self.disk.archive, FfmpegEncoder(), self.links, limits)

    @cached_property
    def host(self) -> CardPictures:
        return CardPictures(self.client, self.board, self.disk.pictures, self.clock, self.refusals)

    @property
    def shown_pictures(self) -> PictureHost:
        links = self.picture_links
        return self.host if links is None else LinkedPictures(self.host, links)

    def runner(self, experience: Experience) -> Runner:
        schedule = _schedule(self.settings, experience)
        store = self.disk.store
        return engine(
            store=store,
            desk=Desk(
                store=store,
                clock=self.clock,
                schedule=schedule,
                alarm=self.operators,
                allowance=Allowance(tuple(self.limits), self.watch),
                confirmations=self.disk.going_back.confirmations,
                notes=self.notes,
            ),
            schedule=schedule,
            lineup=self.lineup,
            means=self.means,
            replies=self.disk.replies,
            turns=Turns(
                places=self.settings.matinee_provider_running,
                places_for_member=self.settings.matinee_member_running,
                places_for_server=self.settings.matinee_server_running,
            ),
            host=self.shown_pictures,
        ).runner

    def studio(self, runner: Runner) -> Studio:
        return Studio(
            store=self.disk.store,
            lineup=self.lineup,
            clock=self.clock,
            take_up=runner.take_up,
            limits=self.limits,
            watch=self.watch,
            alarm=self.operators,
            copies=SentCopies(self.notes),
        )

    def late_words(self, studio: Studio) -> LateWords:
        return LateWords(
            untold=self.untold,
            studio=studio,
            board=self.board,
            channels=self.client,
            card=self.card,
            clock=self.clock,
        )

    @cached_property
    def eraser(self) -> Eraser:
        disk = self.disk
        holdings = Holdings(
            database=disk.database,
            archive=disk.archive,
            pictures=disk.pictures,
            replies=disk.replies,
            links=self.links,
        )
        return eraser(holdings, self.clock, self.preferences, self.limits)

    @cached_property
    def privacy(self) -> PrivacyCog:
        settings, database = self.settings, self.disk.database
        has_links = settings.matinee_public_url is not None or settings.matinee_s3_bucket is not None
        return PrivacyCog(
            store=self.disk.store,
            personal=SqlitePersonalData(database),
            export=export(database, self.disk.store, self.clock, self.preferences),
            eraser=self.eraser,
            terms=Terms(settings.matinee_keep_days, settings.matinee_link_days if has_links else None),
        )

    @property
    def upkeep(self) -> Upkeep:
        disk, folder = self.disk, self.settings.matinee_data_dir
        return Upkeep(
            notes=self.notes,
            alarm=self.operators,
            clock=self.clock,
            folders=(folder, disk.archive.folder, disk.pictures.folder, folder / INCOMING),
            files={disk.database.path.name: disk.database, REPLIES: disk.replies},
        )

    @property
    def retention(self) -> Retention:
        return Retention(
            store=self.disk.store,
            archive=self.disk.archive,
            folder=self.disk.archive.folder,
            pictures=self.disk.pictures,
            clock=self.clock,
            keep=timedelta(days=self.settings.matinee_keep_days),
            room=Room(int(self.settings.matinee_disk_quota_gb * 1e9)),
            shared=SqliteSharedLinks(self.disk.database),
        )


def _schedule(settings: Settings, experience: Experience) -> LearnedSchedule:
    return LearnedSchedule(
        first_seconds=settings.matinee_poll_first_seconds,
        min_seconds=settings.matinee_poll_min_seconds,
        max_seconds=settings.matinee_poll_max_seconds,
        chance=SystemRandom(),
        experience=experience,
        price=PollPrice(settings.matinee_polls_per_second),
    )


def _user_id(client: Client) -> int:
    if client.user is None:
        raise RuntimeError("the client has not logged in")
    return client.user.id
