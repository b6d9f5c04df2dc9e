"""The composition root: opens resources in order, owns the tasks, closes in reverse."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from bot.cli.jobs import actions, confirming, resumptions
from bot.compose import providers as gateways
from bot.compose.discord import Works, wired
from bot.compose.links import sharing
from bot.compose.privacy import ERASE, INCOMING, PICTURES, REPLIES, VIDEOS, erasing
from bot.compose.restored_copy import GoingBack
from bot.compose.services import Disk, Wiring
from bot.discord.client import Client, point_at
from bot.discord.command_sync import CommandSync
from bot.discord.connection import log_in, stay_connected
from bot.process import control_socket as control
from bot.process.clock import SystemClock
from bot.process.descriptors import raise_descriptor_limit
from bot.process.gc_tuning import undisturbed
from bot.process.signals import stop_on_signals
from bot.process.supervision import kept_going
from bot.process.watchdog import Watchdog
from bot.settings.settings import Settings
from cogs.operators.alerts import Operators
from cogs.ui.error_replies import answer_error
from core.community.prompt_channels import kept_channels
from core.dispatch.picture_queue import PictureQueue
from core.ports import Clock
from providers import Network
from providers.pictures.intake import ChildPictures
from storage.ffmpeg import subprocess as child
from storage.files.clips import FolderArchive
from storage.files.durable import make_folder
from storage.files.pictures import FolderPictures
from storage.files.reply_log import FileReplyLog
from storage.maintenance.progress_mark import ProgressMark
from storage.sqlite.database import Database, open_database
from storage.sqlite.figures import SqliteFigures
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteNotes

if TYPE_CHECKING:
    from bot.compose.http import Face

log = logging.getLogger(__name__)

DRAIN_SECONDS: Final = 170.0
LAST_WORDS_SECONDS: Final = 5.0

_THREADS: Final = 40
"""Python's own bound is 6 on two cores: as many host names that hang would hold up every file and name."""


async def run(settings: Settings, stop: asyncio.Event | None = None, clock: Clock | None = None) -> None:
    """Run the bot until `stop` is set, then finish what is under way. Raise SettingsUnusable.

    Without a `stop`, signals are listened to; without a `clock`, it is the real one.
    """
    raise_descriptor_limit()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "matinee"))
    stop = stop or stop_on_signals()
    clock = clock or SystemClock()
    point_at(settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url)
    async with AsyncExitStack() as resources:
        database = await resources.enter_async_context(open_database(settings.database_path))
        network = await resources.enter_async_context(gateways.network(settings, clock))
        disk = _disk(settings, database, _intake(settings, clock, network), clock)
        face = _face(settings, disk)
        notes = SqliteNotes(database)
        channels = await kept_channels(notes)
        client = Client(notes=notes, on_error=answer_error, hears_all=bool(channels))
        resources.push_async_callback(client.close)
        disk.store.alarm = operators = Operators(client, clock, settings.matinee_operators)
        counted = None if face is None else face.counted
        lineup = gateways.lineup(settings, settings.providers, network, disk.replies, operators, counted)
        shared = await sharing(settings, clock, database, disk.archive, disk.pictures)
        if face is not None:
            await resources.enter_async_context(
                face.shown(lineup.infirmary, lambda: client.is_connected, shared)
            )
        if await log_in(client, settings, clock, stop):
            works = await wired(Wiring(settings, clock, client, disk, lineup, operators, shared, channels))
            if face is not None:
                face.runner = works.runner
            await _recover(works)
            syncing = CommandSync(client, clock)
            await syncing.once()
            await resources.enter_async_context(_operated(settings, works))
            await _work(works, clock, stop, syncing)


def _disk(settings: Settings, database: Database, incoming: ChildPictures, clock: Clock) -> Disk:
    folder = settings.matinee_data_dir
    replies = FileReplyLog(folder / REPLIES)
    return Disk(
        database,
        SqliteJobStore(database),
        FolderArchive(folder / VIDEOS),
        FolderPictures(folder / PICTURES),
        replies,
        incoming,
        GoingBack(database, replies, ProgressMark(database, folder), clock),
    )


def _intake(settings: Settings, clock: Clock, network: Network) -> ChildPictures:
    folder = settings.matinee_data_dir / INCOMING
    make_folder(folder)
    return ChildPictures(network=network, run=child.run, queue=PictureQueue(clock), folder=folder)


def _face(settings: Settings, disk: Disk) -> Face | None:
    """Return what the program shows of itself, None where it is not to listen."""
    if settings.matinee_http_listen is None:
        return None
    from bot.compose.http import Face  # noqa: PLC0415 - only who listens pays for a web server and metrics

    face = Face(settings, disk.store, SqliteFigures(disk.database))
    disk.store.observe = face.count_move
    return face


async def _recover(works: Works) -> None:
    """Take up what an earlier run left, unless it has to wait for a yes."""
    await works.going_back.look(works.operators)
    with undisturbed():
        await works.runner.recover()


async def _work(works: Works, clock: Clock, stop: asyncio.Event, syncing: CommandSync) -> None:
    """Run everything until told to stop; then take no orders, finish what must be, and go."""
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(Watchdog(SystemClock()).run())
        serving = [group.create_task(kept_going(run, clock)) for run in (*_services(works), syncing.run)]
        moving = group.create_task(works.runner.run())
        connected = group.create_task(stay_connected(works.client, clock, stop, works.notes, works.operators))
        _ = await stop.wait()
        await _drained(works, moving)
        await _last_words(works)
        for service in serving:
            service.cancel()
        await works.learning.save()
        await works.upkeep.look()
        await works.going_back.finish()
        await works.client.close()
        problem = await connected
        watching.cancel()
    if problem is not None:
        raise problem


def _services(works: Works) -> tuple[Callable[[], Awaitable[None]], ...]:
    """What is done for all jobs, beside moving them. None of it is worth the end of the program."""
    return (
        works.board.run,
        works.operators.run,
        works.late_words.run,
        works.learning.run,
        works.going_back.run,
        works.retention.run,
        works.upkeep.run,
        works.eraser.run,
        works.community.marks.run,
        works.community.slips.run,
    )


async def _drained(works: Works, moving: asyncio.Task[None]) -> None:
    """Take no orders any more, and finish what must not be cut off."""
    log.info("stopping: no new orders; finishing what is being sent or uploaded")
    works.studio.close()
    works.incoming.close()
    works.runner.drain()
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await moving
    except TimeoutError:
        log.warning("stopped before everything was finished; the next start takes it up")


async def _last_words(works: Works) -> None:
    """Let the operators hear what still waits to be told, and tidy up, if Discord takes it soon."""
    try:
        async with asyncio.timeout(LAST_WORDS_SECONDS):
            await works.community.slips.finish()
            await works.operators.finish()
    except TimeoutError:
        log.warning("operators could not be told everything; it stands above")


def _operated(settings: Settings, works: Works) -> control.Listening:
    """Let the operator's command line reach this process."""
    return control.listening(
        settings.matinee_data_dir,
        {
            **actions(works.studio, works.doubts.show),
            **confirming(works.studio, works.going_back.confirmations, works.runner.take_up),
            **resumptions(works.infirmary, works.runner.look_around),
            ERASE: erasing(works.eraser),
        },
    )
