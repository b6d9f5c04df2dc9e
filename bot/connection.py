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
_REFUSED_FOR_GOOD: Final = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Gateway close codes after which connecting again is pointless (Gateway Close Event Codes)."""


async def log_in(client: Client, settings: Settings, clock: Clock, stop: asyncio.Event) -> bool:
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


async def stay_connected(client: Client, clock: Clock, stop: asyncio.Event) -> Exception | None:
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
