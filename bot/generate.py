"""`matinee generate`: one video from the terminal, through the same provider layer as the bot's."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from typing import Final

from bot import gateways
from bot.clock import SystemClock
from bot.events import Events, JsonEvents, TerminalEvents
from bot.exits import Exit
from bot.settings import Settings
from core.admission import complete
from core.catalog import Model
from core.errors import (
    CheckFailed,
    FetchFailed,
    LinkExpired,
    NotSent,
    OutcomeUnknown,
    Refusal,
    Refused,
    RequestRefused,
    TaskMissing,
)
from core.jobs import Ticket
from core.ports import Clock, Created, Failed, Finished, Order, Progress, Provider, Working
from core.schedule import DEADLINE, FORGIVENESS, Schedule
from core.video import Draft, Result, VideoRequest
from core.words import IN_DOUBT
from providers.pictures import KlingPictures
from storage.memory import MemoryReplyLog

MOST_TRIES: Final = 3
MOST_FETCHES: Final = 5
_LONGEST_WAIT: Final = 60.0


class Ended(Exception):
    """The command is over: how, and why in words."""

    def __init__(self, code: Exit, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Buyer:
    """What is needed to see one order through."""

    provider: Provider
    clock: Clock
    schedule: Schedule
    events: Events

    async def buy(self, order: Order, output: Path) -> None:
        """Create, ask, fetch. Raise Ended where no video comes of it."""
        started = self.clock.monotonic()
        created = await self._create(order)
        ticket = created.ticket
        self.events.submitted(ticket)
        result = await self._finished(ticket, created.progress)
        size = await self._fetched(ticket, result, output)
        self.events.done(output, size, self.clock.monotonic() - started)

    async def _create(self, order: Order) -> Created:
        for attempt in range(1, MOST_TRIES + 1):
            try:
                return await self.provider.create(order)
            except NotSent as error:
                wait, ended = (
                    0.0,
                    Ended(Exit.REFUSED, "not_sent", f"The provider cannot be reached: {error}."),
                )
            except Refused as error:
                wait, ended = _wait(error), Ended(Exit.REFUSED, error.why.value, error.said)
                if error.why not in {Refusal.BUSY, Refusal.UPSTREAM}:
                    raise ended from error
            except OutcomeUnknown as error:
                raise Ended(Exit.UNKNOWN, IN_DOUBT.code, IN_DOUBT.said) from error
            if attempt == MOST_TRIES or wait > _LONGEST_WAIT:
                raise ended
            await self.clock.sleep(wait or self.schedule.after_trouble(attempt))
        raise AssertionError("every try returns or raises")

    async def _finished(self, ticket: Ticket, progress: Progress | None = None) -> Result:
        started = self.clock.now()
        missing = started + FORGIVENESS
        while self.clock.now() - started < DEADLINE:
            match progress:
                case Finished(result):
                    return result
                case Failed(code, said):
                    raise Ended(Exit.FAILED, code, said or "The provider gives no reason.")
                case Working() as working:
                    self.events.progress(working)
                    missing = self.clock.now() + FORGIVENESS
                case None:
                    if self.clock.now() > missing:
                        raise Ended(Exit.FAILED, "forgotten", "The provider no longer knows the task.")
            await self.clock.sleep(self.schedule.next_check(self.clock.now() - started))
            progress = await self._asked(ticket)
        raise Ended(Exit.FAILED, "lost", "The provider did not finish within a day.")

    async def _asked(self, ticket: Ticket) -> Progress | None:
        """Ask once; None where the provider says that it does not know the task."""
        try:
            return await self.provider.check(ticket)
        except TaskMissing:
            return None
        except CheckFailed as error:
            if error.retry_after is not None:
                await self.clock.sleep(min(error.retry_after.total_seconds(), _LONGEST_WAIT))
            return Working(stage=self.events.stage)

    async def _fetched(self, ticket: Ticket, result: Result, output: Path) -> int:
        said = "no reason"
        for attempt in range(1, MOST_FETCHES + 1):
            try:
                return (await self.provider.fetch(ticket, result, output)).size
            except LinkExpired as error:
                said = str(error)
                result = await self._finished(ticket)
            except FetchFailed as error:
                said = str(error)
                await self.clock.sleep(self.schedule.after_trouble(attempt))
            except OSError as error:
                said = f"{output} cannot be written: {error.strerror}"
                break
        message = f"The video was made but not saved: {said}. Task {ticket.task_id} at {ticket.provider}."
        raise Ended(Exit.UNFETCHED, "unfetched", message)


async def generate(options: argparse.Namespace) -> int:
    """Make one video. Return the exit code; everything else is said on the terminal."""
    settings = Settings.load(["provider"])
    events: Events = JsonEvents() if options.json else TerminalEvents()
    with events:
        try:
            await _generated(options, settings, events)
        except RequestRefused as error:
            print(error, file=sys.stderr)  # noqa: T201 - for the person at the terminal
            return Exit.INVALID
        except Ended as end:
            events.ended(_EVENT_OF[end.code], end.reason, str(end))
            return end.code
    return Exit.DONE


_EVENT_OF: Final = {
    Exit.REFUSED: "refused",
    Exit.UNKNOWN: "unknown",
    Exit.FAILED: "failed",
    Exit.UNFETCHED: "unfetched",
}


async def _generated(options: argparse.Namespace, settings: Settings, events: Events) -> None:
    clock = SystemClock()
    names = (options.provider,) if options.provider else settings.providers
    pictures = KlingPictures(gateways.allowed_hosts(settings))
    async with AsyncExitStack() as resources:
        network = await resources.enter_async_context(gateways.network(settings, clock))
        lineup = gateways.lineup(settings, names, network, MemoryReplyLog())
        request = complete(_draft(options, pictures.checked_link), lineup.catalog)
        choice = lineup.choice(request)
        if choice is None:
            raise RequestRefused("No provider that is set up here makes this.")
        await asyncio.to_thread(_check_output, options.output)
        provider, model = choice
        buyer = Buyer(provider, clock, _schedule(settings), events)
        await buyer.buy(_order(clock, request, model), options.output)


def _draft(options: argparse.Namespace, checked: Callable[[str], str]) -> Draft:
    return Draft(
        prompt=options.prompt,
        model=options.model,
        duration_seconds=options.duration,
        aspect_ratio=options.aspect_ratio,
        mode=options.mode,
        audio=options.audio,
        first_frame=options.image and checked(options.image),
        reference=options.reference and checked(options.reference),
    )


def _order(clock: Clock, request: VideoRequest, model: Model) -> Order:
    return Order(int(clock.now().timestamp() * 1000), request, model)


def _schedule(settings: Settings) -> Schedule:
    return Schedule(
        first_seconds=settings.matinee_poll_first_seconds,
        min_seconds=settings.matinee_poll_min_seconds,
        max_seconds=settings.matinee_poll_max_seconds,
        chance=SystemRandom(),
    )


def _check_output(output: Path) -> None:
    """Find out before anything is paid whether the file can be written. Raise RequestRefused."""
    if output.is_dir():
        raise RequestRefused(f"{output} is a folder. Name a file. Nothing was sent.")
    probe = output.with_name(f".{output.name}.probe")
    try:
        probe.touch(exist_ok=True)
        probe.unlink()
    except OSError as error:
        raise RequestRefused(f"{output} cannot be written: {error.strerror}. Nothing was sent.") from error


def _wait(error: Refused) -> float:
    return error.retry_after.total_seconds() if error.retry_after else 0.0
