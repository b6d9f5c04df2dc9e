"""Gets the client to Discord and keeps it there."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import aiohttp
import discord

from bot.client import Client
from bot.settings import Settings, SettingsUnusable
from core.ports import Clock

log = logging.getLogger(__name__)

RECONNECT_SECONDS: Final = 5.0

MOST_CONNECTIONS: Final = 400
"""To Discord at once. Making one costs more than a request: a burst waits for those that there are."""

_REFUSED_FOR_GOOD: Final = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Gateway close codes after which connecting again is pointless (Gateway Close Event Codes)."""

_DEAF: Final = (
    "Discord refuses the text of messages: switch on MESSAGE CONTENT INTENT for this application (developer "
    "portal, Bot) and restart. Until then prompt channels hear only what mentions the bot."
)


async def log_in(client: Client, settings: Settings, clock: Clock, stop: asyncio.Event) -> bool:
    """Log in, as often as it takes; False if the program is to stop first. Raise SettingsUnusable."""
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    while not stop.is_set():
        client.http.connector = aiohttp.TCPConnector(limit=MOST_CONNECTIONS)  # the last one was closed
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


async def stay_connected(client: Client, clock: Clock, stop: asyncio.Event) -> Exception | None:
    """Hold the connection to Discord's gateway. Return what makes it pointless, if anything does."""
    while not stop.is_set():
        try:
            if await _connected(client):
                continue
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired) as error:
            if isinstance(error, discord.PrivilegedIntentsRequired) and client.go_deaf():
                log.warning(_DEAF)
                continue
            if isinstance(error, discord.ConnectionClosed) and error.code not in _REFUSED_FOR_GOOD:
                log.warning("Discord closed the connection", extra={"code": error.code})
            else:
                stop.set()
                return SettingsUnusable([f"DISCORD_TOKEN: Discord refuses the connection: {error}."])
        except Exception:
            log.exception("the connection to Discord broke; connecting again")
        await clock.wait(stop, RECONNECT_SECONDS)
    return None


async def _connected(client: Client) -> bool:
    """Be connected until that ends, or until the client wants another session; say whether it does."""
    async with asyncio.TaskGroup() as group:
        connection = group.create_task(_until_closed(client))
        renewal = group.create_task(client.renewal.wait())
        _ = await asyncio.wait({connection, renewal}, return_when=asyncio.FIRST_COMPLETED)
        is_renewed = not connection.done()
        for task in (connection, renewal):
            task.cancel()
    client.renewal.clear()
    if is_renewed:
        log.info("connecting to Discord anew")
        await client.hang_up()
        return True
    problem = connection.result()
    if problem is not None:
        raise problem
    return False


async def _until_closed(client: Client) -> Exception | None:
    """Return how the connection ended, as a value: a group would wrap what is raised."""
    try:
        await client.connect(reconnect=True)
    except Exception as error:  # noqa: BLE001 - whoever holds the connection sorts them
        return error
    return None
