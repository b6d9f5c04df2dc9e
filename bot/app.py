"""The composition root: opens resources in order, owns the tasks, closes in reverse."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from bot.compose import providers as gateways
from bot.compose.bot import Bot, build_bot
from bot.compose.disk import Disk, open_disk
from bot.compose.links import sharing
from bot.compose.privacy import ERASE, erasing
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
from cogs.cards.replies import Replies
from cogs.operators.alerts import Operators
from cogs.ui.error_replies import answer_error
from core.community.prompt_channels import read_prompt_channels
from core.dispatch.provider_registry import ProviderRegistry
from core.ports import Clock
from storage.sqlite.database import open_database

if TYPE_CHECKING:
    from bot.compose.http import WebServer

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
        disk = open_disk(settings, database, network, clock)
        web = _web_server(settings, disk)
        channels = await read_prompt_channels(disk.notes)
        client = Client(notes=disk.notes, on_error=answer_error, hears_all=bool(channels))
        resources.push_async_callback(client.close)
        disk.store.alerts = operators = Operators(client, clock, settings.matinee_operators)
        counted = None if web is None else web.counted
        registry = gateways.registry(settings, settings.providers, network, disk.replies, operators, counted)
        shared = await sharing(settings, clock, database, disk.clips, disk.pictures)
        bot: Bot | None = None

        def lateness() -> float | None:
            return None if bot is None else bot.runner.lateness

        if web is not None:
            await resources.enter_async_context(
                web.shown(
                    provider_health=registry.provider_health,
                    is_connected=lambda: client.is_connected,
                    lateness=lateness,
                    shared=shared,
                )
            )
        if await log_in(client, settings, clock, stop):
            bot = await build_bot(
                settings=settings,
                clock=clock,
                client=client,
                disk=disk,
                registry=registry,
                operators=operators,
                shared=shared,
                channels=channels,
            )
            await _recover(bot, disk, operators)
            syncing = CommandSync(client, clock)
            await syncing.once()
            await resources.enter_async_context(_serve_operator(settings, bot, disk, registry))
            await _work(bot, client, disk, operators, clock, stop, syncing)


def _web_server(settings: Settings, disk: Disk) -> WebServer | None:
    """Return the program's web server; None where it has none."""
    if settings.matinee_http_listen is None:
        return None
    from bot.compose.http import WebServer  # noqa: PLC0415 - needless where nothing is served

    return WebServer(settings, disk)


async def _recover(bot: Bot, disk: Disk, operators: Operators) -> None:
    """Resume what an earlier run left, unless it has to wait for the operator's yes."""
    await disk.restored_copy.look(operators)
    with freeze_garbage():
        await bot.runner.recover()


async def _work(
    bot: Bot,
    client: Client,
    disk: Disk,
    operators: Operators,
    clock: Clock,
    stop: asyncio.Event,
    syncing: CommandSync,
) -> None:
    """Run everything until `stop` is set; then take no orders, finish what must be, and return."""
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(Watchdog(SystemClock()).run())
        serving = [group.create_task(restart_on_failure(run, clock)) for run in (*bot.services, syncing.run)]
        moving = group.create_task(bot.runner.run())
        connected = group.create_task(stay_connected(client, clock, stop, disk.notes, operators))
        _ = await stop.wait()
        await _drain(bot, disk, moving)
        await _last_words(bot.replies, operators)
        for service in serving:
            service.cancel()
        await bot.duration_store.save()
        await bot.data_folder.look()
        await disk.restored_copy.finish()
        await client.close()
        problem = await connected
        watching.cancel()
    if problem is not None:
        raise problem


async def _drain(bot: Bot, disk: Disk, moving: asyncio.Task[None]) -> None:
    """Take no more orders, and finish what must not be cut off."""
    log.info("stopping: no new orders; finishing what is being sent or uploaded")
    bot.orders.close()
    disk.incoming.close()
    bot.runner.drain()
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await moving
    except TimeoutError:
        log.warning("stopped before everything was finished; the next start takes it up")


async def _last_words(replies: Replies, operators: Operators) -> None:
    """Send the alerts that still wait to the operators, and tidy up, if Discord takes it soon."""
    try:
        async with asyncio.timeout(LAST_WORDS_SECONDS):
            await replies.finish()
            await operators.finish()
    except TimeoutError:
        log.warning("operators could not be told everything; it stands above")


def _serve_operator(
    settings: Settings, bot: Bot, disk: Disk, registry: ProviderRegistry
) -> control.Listening:
    """Let the operator's command line reach this process."""
    return control.listening(
        settings.matinee_data_dir,
        {
            **actions(bot.orders, bot.unconfirmed.show),
            **confirming(bot.orders, disk.restored_copy.confirmations, bot.runner.wake),
            **resumptions(registry.provider_health, bot.runner.look_around),
            **health_report(registry.provider_health),
            ERASE: erasing(bot.erasure_service),
        },
    )
