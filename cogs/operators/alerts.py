"""Sends operators, by direct message, alerts about what only they can repair."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from typing import Final

import discord

from cogs.operators.alert_texts import alert_text
from cogs.ui.client import DiscordClient
from cogs.ui.discord_errors import translate_errors
from core.delivery.refusals import Recipient, Refusals
from core.model.errors import DeliveryDelayed, DeliveryError
from core.model.operator_alerts import OperatorAlert
from core.polling.wake_up import WakeUp
from core.ports import Clock

log = logging.getLogger(__name__)

GAP_SECONDS: Final = 60.0
"""Seconds between two messages about events of one kind; what happens meanwhile is collected."""

SAME_SECONDS: Final = 3600.0
"""Seconds in which the very same alert is sent once."""

MESSAGE_SECONDS: Final = 60.0

Kind = type[OperatorAlert]

_ALERT: Final = 0
"""Takes the place of a job, which an alert has not."""


class Operators:
    """`core.ports.AlertChannel`: at once the first time, then at most one message a minute for each kind."""

    def __init__(self, people: DiscordClient, clock: Clock, ids: Sequence[int]) -> None:
        self._people = people
        self._clock = clock
        self._ids = tuple(ids)
        self._waiting: dict[Kind, list[OperatorAlert]] = {}
        self._free_at: dict[Kind, float] = {}
        self._raised: dict[OperatorAlert, float] = {}
        self._unreachable: set[int] = set()
        self._refusals = Refusals(clock)
        self._wake_up = WakeUp(clock)
        self._telling = asyncio.Lock()

    def send(self, event: OperatorAlert, /) -> None:
        """Have the alert sent soon. Never waits and never raises."""
        if self._ids and not self._is_repeated(event):
            self._waiting.setdefault(type(event), []).append(event)
            self._wake_up.call()

    async def run(self) -> None:
        """Send the alerts, until cancelled."""
        while True:
            await self._tell(await self._wake_up.next_due(self._next))

    async def finish(self) -> None:
        """Let a message under way be sent, and send each waiting alert once: the program is about to end."""
        async with self._telling:
            waiting = list(self._waiting)
        for kind in waiting:
            await self._tell(kind)

    def _is_repeated(self, event: OperatorAlert) -> bool:
        now = self._clock.monotonic()
        self._raised = {one: at for one, at in self._raised.items() if now - at < SAME_SECONDS}
        if event in self._raised:
            return True
        self._raised[event] = now
        return False

    def _next(self) -> Iterator[tuple[float, Kind]]:
        now = self._clock.monotonic()
        return ((self._free_at.get(kind, now) - now, kind) for kind in self._waiting)

    async def _tell(self, kind: Kind) -> None:
        """Send one message to each operator. If it reaches none for now, it is tried again with the next."""
        async with self._telling:
            events = self._waiting.pop(kind, [])
            if not events:
                return
            self._free_at[kind] = self._clock.monotonic() + GAP_SECONDS
            outcomes = [await self._send(user_id, alert_text(events)) for user_id in self._ids]
            is_delayed = any(isinstance(outcome, DeliveryDelayed) for outcome in outcomes)
            if is_delayed and None not in outcomes:
                self._waiting[kind] = events + self._waiting.get(kind, [])

    async def _send(self, user_id: int, words: str) -> DeliveryError | None:
        """Send it, or return the obstacle; that is logged once, until it works again."""
        try:
            async with translate_errors(MESSAGE_SECONDS, is_direct=True):
                channel = await self._people.create_dm(discord.Object(user_id))
                await channel.send(words, suppress_embeds=True)
        except DeliveryError as error:
            if user_id not in self._unreachable:
                self._unreachable.add(user_id)
                log.warning("an operator cannot be told", extra={"operator": user_id, "why": str(error)})
            return self._refusals.judge(Recipient(_ALERT, user_id, user_id), error)
        self._unreachable.discard(user_id)
        return None
