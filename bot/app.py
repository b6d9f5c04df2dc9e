"""The composition root: opens resources in order, owns the tasks, closes in reverse."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from bot.compose import providers as gateways
from bot.compose.discord import RunningParts, wired
from bot.compose.links import sharing
from bot.compose.privacy import ERASE, INCOMING, PICTURES, REPLIES, VIDEOS, erasing
from bot.compose.restored_copy import RestoredCopyGuard
from bot.compose.services import Disk, Services
from bot.discord.client import Client, point_at
from bot.discord.command_sync import CommandSync
from bot.discord.connection import log_in, stay_connected
from bot.process import control_socket as control
from bot.process.clock import SystemClock
from bot.process.descriptors import raise_descriptor_limit
from bot.process.gc_tuning import freeze_garbage
from bot.process.operator_actions import actions, confirming, health_report, resumptions
from bot.process.signals import stop_on_signals
from bot.process.supervision import restart_on_failure
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
from storage.files.clips import FolderClips
from storage.files.durable import make_folder
from storage.files.pictures import FolderPictures
from storage.files.reply_log import FileReplyLog
from storage.maintenance.progress_mark import ProgressMark
from storage.sqlite.database import Database, open_database
from storage.sqlite.figures import SqliteFigures
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.notes import SqliteKeyValues

if TYPE_CHECKING:
    from bot.compose.http import HttpServer

log = logging.getLogger(__name__)

DRAIN_SECONDS: Final = 170.0
LAST_WORDS_SECONDS: Final = 5.0

_THREADS: Final = 40
"""Python's own bound is 6 on two cores: so few host names that hang would hold up every file and name."""


async def run(settings: Settings, stop: asyncio.Event | None = None, clock: Clock | None = None) -> None:
    """Run the bot until `stop` is set, then finish what is under way. Raise SettingsUnusable.

    Without a `stop`, it ends at a signal; without a `clock`, it uses the real one.
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
        http = _http(settings, disk)
        notes = SqliteKeyValues(database)
        channels = await kept_channels(notes)
        client = Client(notes=notes, on_error=answer_error, hears_all=bool(channels))
        resources.push_async_callback(client.close)
        disk.store.alerts = operators = Operators(client, clock, settings.matinee_operators)
        counted = None if http is None else http.counted
        registry = gateways.registry(settings, settings.providers, network, disk.replies, operators, counted)
        shared = await sharing(settings, clock, database, disk.clips, disk.pictures)
        if http is not None:
            await resources.enter_async_context(
                http.shown(registry.provider_health, lambda: client.is_connected, shared)
            )
        if await log_in(client, settings, clock, stop):
            parts = await wired(
                Services(settings, clock, client, disk, registry, operators, shared, channels)
            )
            if http is not None:
                http.runner = parts.runner
            await _recover(parts)
            syncing = CommandSync(client, clock)
            await syncing.once()
            await resources.enter_async_context(_serve_operator(settings, parts))
            await _work(parts, clock, stop, syncing)


def _disk(settings: Settings, database: Database, incoming: ChildPictures, clock: Clock) -> Disk:
    folder = settings.matinee_data_dir
    replies = FileReplyLog(folder / REPLIES)
    return Disk(
        database,
        SqliteJobStore(database),
        FolderClips(folder / VIDEOS),
        FolderPictures(folder / PICTURES),
        replies,
        incoming,
        RestoredCopyGuard(database, replies, ProgressMark(database, folder), clock),
    )


def _intake(settings: Settings, clock: Clock, network: Network) -> ChildPictures:
    folder = settings.matinee_data_dir / INCOMING
    make_folder(folder)
    return ChildPictures(network=network, run=child.run, queue=PictureQueue(clock), folder=folder)


def _http(settings: Settings, disk: Disk) -> HttpServer | None:
    """Return the parts that the program's web server shows; None where it has none."""
    if settings.matinee_http_listen is None:
        return None
    from bot.compose.http import HttpServer  # noqa: PLC0415 - needless where nothing is served

    http = HttpServer(settings, disk.store, SqliteFigures(disk.database))
    disk.store.observe = http.count_move
    return http


async def _recover(parts: RunningParts) -> None:
    """Resume what an earlier run left, unless it has to wait for the operator's yes."""
    await parts.restored_copy.look(parts.operators)
    with freeze_garbage():
        await parts.runner.recover()


async def _work(parts: RunningParts, clock: Clock, stop: asyncio.Event, syncing: CommandSync) -> None:
    """Run everything until `stop` is set; then take no orders, finish what must be, and return."""
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(Watchdog(SystemClock()).run())
        serving = [
            group.create_task(restart_on_failure(run, clock)) for run in (*_services(parts), syncing.run)
        ]
        moving = group.create_task(parts.runner.run())
        connected = group.create_task(stay_connected(parts.client, clock, stop, parts.notes, parts.operators))
        _ = await stop.wait()
        await _drain(parts, moving)
        await _last_words(parts)
        for service in serving:
            service.cancel()
        await parts.duration_store.save()
        await parts.data_folder.look()
        await parts.restored_copy.finish()
        await parts.client.close()
        problem = await connected
        watching.cancel()
    if problem is not None:
        raise problem


def _services(parts: RunningParts) -> tuple[Callable[[], Awaitable[None]], ...]:
    """The work for all jobs, beside moving them. A fault in one of these parts does not end the program."""
    return (
        parts.card_updater.run,
        parts.operators.run,
        parts.card_repair.run,
        parts.duration_store.run,
        parts.restored_copy.run,
        parts.retention.run,
        parts.data_folder.run,
        parts.erasure_service.run,
        parts.community.marks.run,
        parts.community.replies.run,
    )


async def _drain(parts: RunningParts, moving: asyncio.Task[None]) -> None:
    """Take no more orders, and finish what must not be cut off."""
    log.info("stopping: no new orders; finishing what is being sent or uploaded")
    parts.orders.close()
    parts.incoming.close()
    parts.runner.drain()
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await moving
    except TimeoutError:
        log.warning("stopped before everything was finished; the next start takes it up")


async def _last_words(parts: RunningParts) -> None:
    """Send the alerts that still wait to the operators, and tidy up, if Discord takes it soon."""
    try:
        async with asyncio.timeout(LAST_WORDS_SECONDS):
            await parts.community.replies.finish()
            await parts.operators.finish()
    except TimeoutError:
        log.warning("operators could not be told everything; it stands above")


def _serve_operator(settings: Settings, parts: RunningParts) -> control.Listening:
    """Let the operator's command line reach this process."""
    return control.listening(
        settings.matinee_data_dir,
        {
            **actions(parts.orders, parts.unconfirmed.show),
            **confirming(parts.orders, parts.restored_copy.confirmations, parts.runner.wake),
            **resumptions(parts.provider_health, parts.runner.look_around),
            **health_report(parts.provider_health),
            ERASE: erasing(parts.erasure_service),
        },
    )
