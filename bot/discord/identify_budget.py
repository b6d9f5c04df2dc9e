"""Bounds how often the bot identifies itself at Discord's gateway.

Discord resets the token of a bot that does so a thousand times a day (Gateway, Session Start Limit).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import aiohttp
import discord

from core.model.errors import StoreError
from core.model.operator_alerts import SessionsUsed
from core.ports import AlertChannel, Clock, KeyValueStore, json_notes

log = logging.getLogger(__name__)

KEY: Final = "identifies"

FREE: Final = 200
"""IDENTIFYs within a day that are as quick as Discord allows; after these they are spread over the day."""

MOST: Final = 500
"""IDENTIFYs within a day: half of what Discord allows, as another program may use the same token."""

AT_ONCE_SECONDS: Final = 5.0
"""The time in which as many IDENTIFYs may be sent as `max_concurrency` says."""

ASKING_SECONDS: Final = 10.0
_DAY: Final = 86_400.0
_HOUR: Final = 3600
_LOW: Final = 0.2
"""When this share of Discord's own budget is left, the rest is spread over the remaining time."""


@dataclass(frozen=True, slots=True)
class SessionStarts:
    """What `session_start_limit` of GET /gateway/bot says."""

    total: int
    remaining: int
    reset_seconds: float
    at_once: int


Ask = Callable[[], Awaitable[SessionStarts | None]]


class IdentifyBudget:
    """Counts by the hour in the program's notes: so a process that dies again and again is bounded, too."""

    def __init__(self, notes: KeyValueStore, clock: Clock, alerts: AlertChannel, ask: Ask) -> None:
        self._notes = notes
        self._clock = clock
        self._alerts = alerts
        self._ask = ask
        self._hours: dict[int, int] | None = None
        self._last: float | None = None

    async def wait_seconds(self) -> float:
        """Return for how long no IDENTIFY may be sent; it may be longer when asked again then."""
        starts, used = await self._ask(), sum((await self._counts()).values())
        apart = max(_own_gap(used), _gap(starts))
        if used >= FREE or (starts is not None and _is_low(starts)):
            remaining = MOST - used if starts is None else min(MOST - used, starts.remaining)
            log.warning("few logins are left for today", extra={"remaining": remaining, "used": used})
            self._alerts.send(SessionsUsed(self._hour()))
        if starts is not None and starts.remaining <= 0:
            return max(starts.reset_seconds, AT_ONCE_SECONDS)
        return max(0.0, apart - await self._elapsed())

    async def count(self) -> None:
        """Count an IDENTIFY that is about to be sent."""
        hours = await self._counts()
        hours[self._hour()] = hours.get(self._hour(), 0) + 1
        self._last = self._clock.monotonic()
        note = {"hours": sorted(hours.items()), "last": self._clock.now().timestamp()}
        try:
            await self._notes.remember(KEY, json.dumps(note))
        except StoreError as error:
            log.warning("a login could not be counted", extra={"why": str(error)})

    async def _counts(self) -> dict[int, int]:
        """Return the IDENTIFYs of the last day by hour, those before and after it left out."""
        hours, _ = await self._earlier()
        now = self._hour()
        self._hours = {hour: count for hour, count in hours.items() if now - 24 <= hour <= now}
        return self._hours

    async def _elapsed(self) -> float:
        """Seconds since the last IDENTIFY; counted from this call on where the clock was set back since."""
        if self._last is not None:
            return self._clock.monotonic() - self._last
        _, last = await self._earlier()
        since = self._clock.now().timestamp() - last
        if since < 0:
            self._last = self._clock.monotonic()
        return max(0.0, since)

    async def _earlier(self) -> tuple[dict[int, int], float]:
        """Return the counts by the hour, and when the last IDENTIFY was sent by the wall clock."""
        if self._hours is not None and self._last is not None:
            return self._hours, 0.0
        try:
            earlier = await json_notes.recall(self._notes, KEY, _read_counts)
        except StoreError as error:
            log.warning("earlier logins are not known", extra={"why": str(error)})
            earlier = None
        hours, last = earlier or ({}, 0.0)
        return (hours if self._hours is None else self._hours), last

    def _hour(self) -> int:
        return int(self._clock.now().timestamp()) // _HOUR


def _read_counts(note: dict[str, Any]) -> tuple[dict[int, int], float]:
    """Read the counts by the hour, and when the last was sent. Raise one of json_notes.DAMAGE."""
    last = float(note.get("last", 0.0))
    if not isfinite(last):
        raise ValueError("that is no time")
    return {int(hour): int(count) for hour, count in note.get("hours", [])}, last


def _own_gap(used: int) -> float:
    """Seconds between two IDENTIFYs by our own count."""
    if used < FREE:
        return 0.0
    return _HOUR if used >= MOST else _DAY / (MOST - FREE)


def _gap(starts: SessionStarts | None) -> float:
    """Seconds between two IDENTIFYs by what Discord says."""
    if starts is None:
        return AT_ONCE_SECONDS
    least = AT_ONCE_SECONDS / max(1, starts.at_once)
    if not _is_low(starts):
        return least
    return max(least, starts.reset_seconds / max(1, starts.remaining))


def _is_low(starts: SessionStarts) -> bool:
    return starts.remaining < starts.total * _LOW


async def session_starts(client: discord.Client) -> SessionStarts | None:
    """Ask Discord how many sessions may be started; None where it does not say."""
    try:
        async with asyncio.timeout(ASKING_SECONDS):
            _, _, limit = await client.http.get_bot_gateway()
        return SessionStarts(
            int(limit["total"]),
            int(limit["remaining"]),
            int(limit["reset_after"]) / 1000,
            int(limit["max_concurrency"]),
        )
    except (
        discord.DiscordException,
        aiohttp.ClientError,
        OSError,
        TimeoutError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        log.info("Discord does not say how many logins are left", extra={"why": type(error).__name__})
        return None
