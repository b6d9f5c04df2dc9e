"""What an error of Discord's means for a delivery; the only place that reads its codes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import discord

from core.errors import DeliveryDelayed, DeliveryError, NobodyThere, TooLarge


class MessageGone(DeliveryError):
    """The message that was to be changed is not there."""


class MessageSealed(MessageGone):
    """The message is there and may no longer be changed: it is old, and was changed often."""


class ThreadAsleep(NobodyThere):
    """The thread is archived: whoever may can wake it up."""


class NoReplies(DeliveryError):
    """Who may not read back may not answer a message either; a message of its own may be posted."""


UNKNOWN_MESSAGE: Final = 10008
OLD_MESSAGE_EDITS: Final = 30046

_MEANINGS: Final[Mapping[int, type[DeliveryError]]] = {
    UNKNOWN_MESSAGE: MessageGone,
    OLD_MESSAGE_EDITS: MessageSealed,
    40005: TooLarge,
    50083: ThreadAsleep,
    160002: NoReplies,
    # Unknown channel, guild or user; missing access or permissions; closed direct messages; locked thread.
    **dict.fromkeys((10003, 10004, 10013, 50001, 50007, 50013, 50278, 160005), NobodyThere),
}
_PAYLOAD_TOO_LARGE: Final = 413


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
    if error.status == _PAYLOAD_TOO_LARGE:
        return TooLarge(said)
    return _MEANINGS.get(error.code, DeliveryDelayed)(said)
