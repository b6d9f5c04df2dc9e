"""Whether the program works: for the supervisor that restarts it, and the proxy that sends visitors to it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from aiohttp import web

from core.dispatch.provider_health import ProviderHealth
from core.model.errors import StoreError
from core.ports import Clock

BEAT_SECONDS: Final = 0.25
REMEMBERED_BEATS: Final = 40
MOST_LAG: Final = 1.0
LONGEST_ROUND_TRIP: Final = 1.0
MOST_LATE: Final = 30.0

Verdicts: TypeAlias = Mapping[str, str]
"""By what was checked: `ok`, or what is wrong."""

OK: Final = "ok"


class Pulse:
    """Measures how late the event loop is."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.monotonic()
        self._lags: deque[float] = deque(maxlen=REMEMBERED_BEATS)

    async def run(self) -> None:
        """Beat until cancelled."""
        self._last = self._clock.monotonic()
        while True:
            await self._clock.sleep(BEAT_SECONDS)
            self._lags.append(self._since_due())
            self._last = self._clock.monotonic()

    @property
    def lag(self) -> float:
        """The worst of the last ten seconds, the beat that is due now among them."""
        return max(0.0, self._since_due(), *self._lags)

    def _since_due(self) -> float:
        return self._clock.monotonic() - self._last - BEAT_SECONDS


@dataclass(frozen=True, slots=True)
class Parts:
    """What is checked: each a question that costs nothing.

    `lateness` is for how many seconds a job has been due, None while the program starts.
    """

    pulse: Pulse
    round_trip: Callable[[], Awaitable[object]]
    lateness: Callable[[], float | None]
    is_connected: Callable[[], bool]
    provider_health: ProviderHealth


class Health:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    @property
    def routes(self) -> Sequence[web.RouteDef]:
        return [web.get("/healthz", self._healthz), web.get("/readyz", self._readyz)]

    async def alive(self) -> Verdicts:
        """Return whether the program works. Where it does not, a restart helps."""
        return {
            "loop": _below("it is late by", self._parts.pulse.lag, MOST_LAG),
            "store": await self._store(),
            "runner": _below("a job has been due for", self._parts.lateness() or 0.0, MOST_LATE),
        }

    async def ready(self) -> Verdicts:
        """Return whether members can order videos now. Where they cannot, it may pass by itself."""
        return {
            **await self.alive(),
            "started": "not yet" if self._parts.lateness() is None else OK,
            "discord": OK if self._parts.is_connected() else "not connected",
            "providers": self._providers(),
        }

    async def _store(self) -> str:
        try:
            async with asyncio.timeout(LONGEST_ROUND_TRIP):
                await self._parts.round_trip()
        except TimeoutError:
            return f"no answer within {LONGEST_ROUND_TRIP:g} s"
        except StoreError:
            return "it cannot be read"
        return OK

    def _providers(self) -> str:
        """Return what is wrong with each provider, if something is wrong with all of them."""
        provider_health = self._parts.provider_health
        all_of_them = provider_health.all()
        if any(provider_health.is_working(health) for health in all_of_them):
            return OK
        each = [f"{health.provider} is {health.worse.condition}" for health in all_of_them]
        return ", ".join(each) or "none is set up"

    async def _healthz(self, _request: web.Request) -> web.StreamResponse:
        return _response(await self.alive())

    async def _readyz(self, _request: web.Request) -> web.StreamResponse:
        return _response(await self.ready())


def _response(verdicts: Verdicts) -> web.Response:
    is_well = all(verdict == OK for verdict in verdicts.values())
    status = "ok" if is_well else "unwell"
    return web.json_response({"status": status, "checks": dict(verdicts)}, status=200 if is_well else 503)


def _below(what: str, seconds: float, most: float) -> str:
    return OK if seconds < most else f"{what} {seconds:.1f} s"
