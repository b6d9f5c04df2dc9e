"""Builds the graph by constructor: who is given what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom

from bot import bounds, gateways
from bot.again import House, afterlife
from bot.client import Client
from bot.community import Community, community
from bot.settings import Settings
from cogs.board import EDIT_SECONDS, Board
from cogs.card import Card
from cogs.controls import Controls, job_button
from cogs.courier import DiscordCourier
from cogs.desk import OrderDesk
from cogs.doubts import Doubts
from cogs.listing import ListingCog, job_menu, page_button
from cogs.marks import MarkingCourier
from cogs.operators import Operators
from cogs.pickup import Pickup
from cogs.pictures import CardPictures, PictureDesk
from cogs.video import VideoCog
from cogs.wishes import WishesCog
from core.budget import BudgetWatch
from core.delivery import PlaceLimits
from core.engine import engine
from core.experience import Experience
from core.ladder import Means
from core.learned_schedule import LearnedSchedule
from core.learning import Learning, recalled
from core.lineup import Lineup
from core.poll_price import PollPrice
from core.ports import Clock, Links, ReplyLog
from core.preferences import PreferenceBook
from core.prompt_channels import PromptChannels
from core.runner import Runner
from core.steps import Desk
from core.studio import Studio
from core.turns import Turns
from providers.pictures import KlingPictures
from storage.database import Database
from storage.encoder import FfmpegEncoder
from storage.jobs import SqliteJobStore
from storage.library import FolderLibrary
from storage.notes import SqliteNotes
from storage.pictures import FolderPictures
from storage.retention import Retention
from storage.shared_links import SqliteSharedLinks


@dataclass(frozen=True, slots=True)
class Disk:
    """What outlives the program."""

    database: Database
    store: SqliteJobStore
    library: FolderLibrary
    replies: ReplyLog


@dataclass(frozen=True, slots=True)
class Works:
    """The parts that have something to do while the program runs."""

    client: Client
    studio: Studio
    runner: Runner
    board: Board
    operators: Operators
    doubts: Doubts
    learning: Learning
    retention: Retention
    community: Community


async def wired(
    settings: Settings,
    clock: Clock,
    client: Client,
    disk: Disk,
    lineup: Lineup,
    operators: Operators,
    links: Links,
    prompt_channels: PromptChannels,
) -> Works:
    """Wire the parts together. The client has logged in, so it knows who it is."""
    store, library = disk.store, disk.library
    card = Card(lineup.catalog)
    board = Board(client, card, clock, gap_seconds=min(EDIT_SECONDS, settings.matinee_poll_max_seconds))
    social = community(client, clock, prompt_channels, _user_id(client))
    courier = MarkingCourier(
        DiscordCourier(client, board, card, clock, bot_id=_user_id(client)), social.marks
    )
    notes = SqliteNotes(disk.database)
    means = Means(courier, library, FfmpegEncoder(), links, PlaceLimits(notes, clock))
    experience = await recalled(notes)
    schedule = _schedule(settings, experience)
    desk = Desk(store=store, clock=clock, schedule=schedule, alarm=operators)
    shelf = FolderPictures(settings.matinee_data_dir / "pictures")
    host = CardPictures(client, board, shelf, clock)
    runner = engine(
        store=store,
        desk=desk,
        schedule=schedule,
        lineup=lineup,
        means=means,
        replies=disk.replies,
        turns=Turns(
            places=settings.matinee_provider_running, places_for_member=settings.matinee_member_running
        ),
        host=host,
    ).runner
    limits = bounds.limits(settings)
    studio = Studio(
        store=store,
        lineup=lineup,
        clock=clock,
        take_up=runner.take_up,
        limits=limits,
        watch=BudgetWatch(store, notes, limits, operators),
        alarm=operators,
    )
    pictures = KlingPictures(gateways.allowed_hosts(settings))
    kept = PictureDesk(pictures=pictures, shelf=shelf, host=host)
    orders = OrderDesk(studio=studio, pictures=kept, board=board, channels=client, ahead=runner.ahead)
    controls = Controls(studio=studio, desk=orders, channels=client, library=library, links=links)
    doubts = Doubts(studio=studio, desk=orders, channels=client, card=card)
    pickup = Pickup(studio=studio, card=card, clock=clock, means=means)
    preferences = PreferenceBook(notes)
    later = afterlife(
        House(
            client=client,
            clock=clock,
            studio=studio,
            desk=orders,
            controls=controls,
            pictures=kept,
            preferences=preferences,
            board=board,
            card=card,
            library=library,
            means=means,
            channels=prompt_channels,
            slips=social.slips,
            ahead=runner.ahead,
            bot_id=_user_id(client),
        )
    )
    heard = {**controls.actions, **doubts.actions, **pickup.actions, **later.actions}
    listing = ListingCog(studio=studio)
    cogs = [
        VideoCog(studio=studio, desk=orders, pictures=pictures, preferences=preferences),
        listing,
        WishesCog(studio=studio, preferences=preferences),
        *later.cogs,
    ]
    cogs += social.cogs(
        notes=notes,
        studio=studio,
        preferences=preferences,
        pictures=kept,
        board=board,
        means=means,
        ahead=runner.ahead,
    )
    await client.furnish(cogs, [job_button(heard), page_button(listing), job_menu(listing)])
    return Works(
        client,
        studio,
        runner,
        board,
        operators,
        doubts,
        Learning(notes, clock, experience),
        _retention(settings, disk, shelf, clock),
        social,
    )


def _retention(settings: Settings, disk: Disk, shelf: FolderPictures, clock: Clock) -> Retention:
    return Retention(
        store=disk.store,
        library=disk.library,
        folder=disk.library.folder,
        pictures=shelf,
        clock=clock,
        keep=timedelta(days=settings.matinee_keep_days),
        quota=int(settings.matinee_disk_quota_gb * 1e9),
        shared=SqliteSharedLinks(disk.database),
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
