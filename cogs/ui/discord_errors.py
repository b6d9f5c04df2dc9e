"""What an error of Discord's means for a delivery; the only place that reads its codes."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import discord

from core.model.errors import (
    AnswerUnreadable,
    DeliveryDelayed,
    DeliveryError,
    DiscordUnwell,
    NobodyThere,
    PlaceRefuses,
    TooLarge,
)

log = logging.getLogger(__name__)


class MessageGone(DeliveryError):
    """The message that was to be changed is not there."""


class MessageSealed(MessageGone):
    """The message is there and may no longer be changed: it is old, and was changed often."""


class ThreadAsleep(NobodyThere):
    """The thread is archived: a member with the right to do so can open it again."""


class NoReplies(PlaceRefuses):
    """Without the right to read the history the bot may not reply to messages, but may post others."""


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
    # Slow mode and limits of a channel or server; opening direct messages too fast; an overloaded or
    # limited part of Discord; a network in between. They pass by themselves.
    **dict.fromkeys((20016, 20022, 20028, 20029, 40003, 40062, 40333, 130000), DeliveryDelayed),
}
_FINAL_FOR_DIRECT_MESSAGES: Final = frozenset({20026})
"""Discord's filter against spam lets this bot open no direct messages."""

_PASSING_SECONDS: Final = 30.0
_UNAUTHORIZED: Final = 401
_REQUEST_TIMEOUT: Final = 408
_PAYLOAD_TOO_LARGE: Final = 413
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERRORS: Final = 500


@asynccontextmanager
async def translate_errors(seconds: float, *, is_direct: bool = False) -> AsyncGenerator[None]:
    """Bound the block to so many seconds, and raise an error in it as a DeliveryError.

    `is_direct`: it is about direct messages, where other refusals are final.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except discord.HTTPException as error:
        raise meaning(error, is_direct=is_direct) from error
    except json.JSONDecodeError as error:
        raise AnswerUnreadable("no JSON") from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        if not _is_of_discord_py(error):
            raise
        log.warning("an answer of Discord's could not be read", exc_info=error)
        raise AnswerUnreadable(f"unreadable, {type(error).__name__}") from error
    except (discord.RateLimited, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DeliveryDelayed(type(error).__name__) from error


def meaning(error: discord.HTTPException, *, is_direct: bool = False) -> DeliveryError:
    """Sort an answer of Discord's by what can be done about it.

    A code that is not listed may mean anything: it is final where it repeats. An answer
    without a code was not given by Discord's API, but by something in front of it.
    """
    code = _code(error)
    said = f"{error.status}/{code}"
    if error.status == _PAYLOAD_TOO_LARGE:
        return TooLarge(said)
    if is_direct and code in _FINAL_FOR_DIRECT_MESSAGES:
        return NobodyThere(said)
    kind = _MEANINGS.get(code)
    if kind is DeliveryDelayed:
        is_refusal = error.status < _SERVER_ERRORS
        return DeliveryDelayed(said, seconds=_PASSING_SECONDS, is_refusal=is_refusal)
    return _unlisted(error.status, code, said) if kind is None else kind(said)


def _unlisted(status: int, code: int, said: str) -> DeliveryError:
    if status in {_REQUEST_TIMEOUT, _TOO_MANY_REQUESTS}:
        return DeliveryDelayed(said)
    if status == _UNAUTHORIZED or status >= _SERVER_ERRORS:
        return DiscordUnwell(said, is_for_operator=status == _UNAUTHORIZED)
    if not code:
        return DiscordUnwell(said, is_refusal=True)
    return PlaceRefuses(said)


def _is_of_discord_py(error: Exception) -> bool:
    """Whether discord.py failed, and not this program: over an answer in a form that it does not know."""
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(str(frame.f_globals.get("__name__")).startswith("discord.") for frame in frames)


def _code(error: discord.HTTPException) -> int:
    """Return Discord's own code, 0 where there is none: discord.py takes any value there."""
    code: object = error.code
    return code if type(code) is int and code > 0 else 0
