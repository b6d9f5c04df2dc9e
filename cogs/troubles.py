"""What an error of Discord's means for a delivery; the only place that reads its codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import discord

from core.errors import DeliveryDelayed, DeliveryError, NobodyThere, TooLarge

UNKNOWN_MESSAGE: Final = 10008
OLD_MESSAGE_EDITS: Final = 30046

_CLOSED: Final = frozenset({10003, 10004, 10013, 50001, 50007, 50013, 50083, 50278, 160005})
"""Unknown channel, guild or user; missing access or permissions; closed DM; archived or locked thread."""

_TOO_LARGE: Final = 40005
_PAYLOAD_TOO_LARGE: Final = 413


class MessageGone(DeliveryError):
    """The message that was to be changed is not there, or may no longer be changed."""


@asynccontextmanager
async def translated(seconds: float) -> AsyncGenerator[None]:
    """Give what happens inside so many seconds, and raise what goes wrong as a DeliveryError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except discord.HTTPException as error:
        raise meaning(error) from error
    except (discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DeliveryDelayed(type(error).__name__) from error


def meaning(error: discord.HTTPException) -> DeliveryError:
    """Sort an answer of Discord's by what can be done about it."""
    said = f"{error.status}/{error.code}"
    if error.code in {UNKNOWN_MESSAGE, OLD_MESSAGE_EDITS}:
        return MessageGone(said)
    if error.code == _TOO_LARGE or error.status == _PAYLOAD_TOO_LARGE:
        return TooLarge(said)
    if error.code in _CLOSED:
        return NobodyThere(said)
    return DeliveryDelayed(said)
