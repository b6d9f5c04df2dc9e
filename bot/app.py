"""The composition root: opens resources in order, builds the graph by constructor, owns the tasks."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

import aiohttp
import discord

from bot import bounds, gateways
from bot.client import Client, point_at
from bot.clock import SystemClock
from bot.settings import Settings, SettingsUnusable
from cogs.board import EDIT_SECONDS, Board
from cogs.card import Card
from cogs.controls import Controls, job_button
from cogs.courier import DiscordCourier
from cogs.desk import OrderDesk
from cogs.doubts import Doubts
from cogs.speech import answer_error
from cogs.video import VideoCog
from core.budget import BudgetWatch
from core.handover import Handover
from core.lineup import Lineup
from core.ports import Clock, Library, ReplyLog
from core.purchase import Purchase
from core.runner import Runner
from core.schedule import Schedule
from core.steps import Desk
from core.studio import Studio
from core.turns import Turns
from providers.pictures import KlingPictures
from storage.database import Database, open_database
from storage.jobs import SqliteJobStore
from storage.library import FolderLibrary
from storage.notes import SqliteNotes
from storage.replies import FileReplyLog

log = logging.getLogger(__name__)

DRAIN_SECONDS: Final = 170.0
RECONNECT_SECONDS: Final = 5.0
_REFUSED_FOR_GOOD: Final = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Gateway close codes after which connecting again is pointless (Gateway Close Event Codes)."""


@dataclass(frozen=True, slots=True)
class Works:
    """The parts that have something to do while the program runs."""

    client: Client
    studio: Studio
    runner: Runner
    board: Board


async def run(settings: Settings, stop: asyncio.Event | None = None, clock: Clock | None = None) -> None:
    """Run the bot until `stop` is set, then finish what is under way. Raise SettingsUnusable.

    Without a `stop`, SIGTERM and SIGINT are listened to; without a `clock`, it is the real one.
    """
    stop = stop or _on_signals()
    clock = clock or SystemClock()
    point_at(settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url)
    async with AsyncExitStack() as resources:
        database = await resources.enter_async_context(open_database(settings.database_path))
        network = await resources.enter_async_context(gateways.network(settings, clock))
        replies = FileReplyLog(settings.matinee_data_dir / "replies.log")
        library = FolderLibrary(settings.matinee_data_dir / "videos")
        lineup = gateways.lineup(settings, settings.providers, network, replies)
        client = Client(notes=SqliteNotes(database), on_error=answer_error)
        resources.push_async_callback(client.close)
        if await _log_in(client, settings, clock, stop):
            works = await _built(settings, clock, client, database, library, lineup, replies)
            await works.runner.recover()
            await client.sync_commands()
            await _work(works, clock, stop)


async def _built(
    settings: Settings,
    clock: Clock,
    client: Client,
    database: Database,
    library: Library,
    lineup: Lineup,
    replies: ReplyLog,
) -> Works:
    """Wire the parts together. The client has logged in, so it knows who it is."""
    store = SqliteJobStore(database)
    card = Card(lineup.catalog)
    board = Board(client, card, clock, gap_seconds=min(EDIT_SECONDS, settings.matinee_poll_max_seconds))
    courier = DiscordCourier(client, board, card, clock, bot_id=_user_id(client))
    schedule = Schedule(
        first_seconds=settings.matinee_poll_first_seconds,
        min_seconds=settings.matinee_poll_min_seconds,
        max_seconds=settings.matinee_poll_max_seconds,
        chance=SystemRandom(),
    )
    desk = Desk(store=store, clock=clock, schedule=schedule)
    runner = Runner(
        store=store,
        desk=desk,
        purchase=Purchase(desk, lineup, replies),
        handover=Handover(desk, lineup, library, courier),
        courier=courier,
        turns=Turns(
            places=settings.matinee_provider_running, places_for_member=settings.matinee_member_running
        ),
    )
    limits = bounds.limits(settings)
    studio = Studio(
        store=store,
        lineup=lineup,
        clock=clock,
        take_up=runner.take_up,
        limits=limits,
        watch=BudgetWatch(store, SqliteNotes(database), limits),
    )
    pictures = KlingPictures(gateways.allowed_hosts(settings))
    orders = OrderDesk(studio=studio, pictures=pictures, board=board, channels=client, ahead=runner.ahead)
    controls = Controls(studio=studio, desk=orders, channels=client, library=library)
    doubts = Doubts(studio=studio, desk=orders, channels=client, card=card)
    heard = {**controls.actions, **doubts.actions}
    await client.furnish([VideoCog(studio=studio, desk=orders, pictures=pictures)], [job_button(heard)])
    return Works(client, studio, runner, board)


async def _work(works: Works, clock: Clock, stop: asyncio.Event) -> None:
    """Run everything until told to stop; then take no orders, finish what must be, and go."""
    async with asyncio.TaskGroup() as group:
        board = group.create_task(works.board.run())
        moving = group.create_task(works.runner.run())
        connected = group.create_task(_stay_connected(works.client, clock, stop))
        _ = await stop.wait()
        log.info("stopping: no new orders; finishing what is being sent or uploaded")
        works.studio.close()
        works.runner.drain()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await moving
        except TimeoutError:
            log.warning("stopped before everything was finished; the next start takes it up")
        board.cancel()
        await works.client.close()
        problem = await connected
    if problem is not None:
        raise problem


async def _log_in(client: Client, settings: Settings, clock: Clock, stop: asyncio.Event) -> bool:
    """Log in, as often as it takes; False if the program is to stop first. Raise SettingsUnusable."""
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    while not stop.is_set():
        try:
            await client.login(token)
        except discord.LoginFailure as error:
            raise SettingsUnusable(["DISCORD_TOKEN: Discord refuses it. Copy it anew."]) from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("Discord cannot be reached; trying again", extra={"why": type(error).__name__})
            await client.http.close()
            await clock.wait(stop, RECONNECT_SECONDS)
        else:
            return True
    return False


async def _stay_connected(client: Client, clock: Clock, stop: asyncio.Event) -> Exception | None:
    """Hold the connection to Discord's gateway. Return what makes it pointless, if anything does."""
    while not stop.is_set():
        try:
            await client.connect(reconnect=True)
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            if isinstance(error, discord.ConnectionClosed) and error.code not in _REFUSED_FOR_GOOD:
                log.warning("Discord closed the connection", extra={"code": error.code})
            else:
                stop.set()
                return SettingsUnusable([f"DISCORD_TOKEN: Discord refuses the connection: {error}."])
        except Exception:
            log.exception("the connection to Discord broke; connecting again")
        await clock.wait(stop, RECONNECT_SECONDS)
    return None


def _on_signals() -> asyncio.Event:
    """Set an event at the first SIGTERM or SIGINT; leave at once at the second."""
    stop = asyncio.Event()

    def stopped() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    _listen(stopped)
    return stop


def _listen(handler: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, handler)


def _user_id(client: Client) -> int:
    if client.user is None:
        raise RuntimeError("the client has not logged in")
    return client.user.id
