"""Sees one order through for `matinee generate`: create, ask, fetch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final, assert_never

from bot.cli.exit_codes import Exit
from bot.cli.generate_events import Events
from core.dispatch.end_reasons import IN_DOUBT, cut
from core.model.errors import (
    CheckFailed,
    FetchFailed,
    LinkExpired,
    NotSent,
    OutcomeUnknown,
    Refusal,
    Refused,
    TaskMissing,
)
from core.model.job import Ticket
from core.model.video import Result
from core.polling.schedule import DEADLINE, MISSING_GRACE, Schedule
from core.polling.task_identity import TaskIdentity, believed
from core.ports import Clock, Created, Failed, Finished, Order, Progress, Provider, Unproved, Working

MOST_TRIES: Final = 3
_ALONE: Final = 0
"""The number of the only job there is."""

MOST_FETCHES: Final = 9
"""With the waits between them some minutes: a gateway may say that a clip is made before it is there."""

_LONGEST_WAIT: Final = timedelta(minutes=1)
_PASSES: Final = frozenset({Refusal.BUSY, Refusal.UPSTREAM})
_ADVICE: Final = {
    Refusal.REQUEST: "Change it and try again.",
    Refusal.BUSY: "Try again in a few minutes.",
    Refusal.UPSTREAM: "Try again in a few minutes.",
    Refusal.CREDIT: "Top up the balance there.",
    Refusal.CONFIGURATION: "Check the key and the base URL in the settings.",
}


class Ended(Exception):
    """The command is over without a video: how, and why in words. `gateway_code` is the gateway's own."""

    def __init__(self, exit_code: Exit, reason: str, message: str, gateway_code: str | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.reason = reason
        self.gateway_code = gateway_code


@dataclass(slots=True)
class GenerateOrder:
    """What is needed to see one order through, and how far it has come."""

    provider: Provider
    clock: Clock
    schedule: Schedule
    events: Events
    is_sending: bool = field(default=False, init=False)
    ticket: Ticket | None = field(default=None, init=False)

    async def buy(self, order: Order, output: Path) -> None:
        """Create, ask, fetch. Raise Ended where no video comes of it; say what goes on if interrupted."""
        started = self.clock.monotonic()
        try:
            created = await self._created(order)
            polling = GeneratePolling(self.provider, self.clock, self.schedule, self.events, created.ticket)
            result = await polling.finished(created.progress)
            size = await self._fetched(polling, result, output)
        except asyncio.CancelledError:
            self.events.note(self._left_behind())
            raise
        self.events.done(output, size, self.clock.monotonic() - started)

    async def _created(self, order: Order) -> Created:
        """Send the paid request; again only where it is proved that nothing was made, and not for long."""
        attempt = 1
        while True:
            try:
                created = await self._sent(order)
            except (NotSent, Refused) as error:
                wait = self._wait(error, attempt)
                if wait is None:
                    raise _refused(self.provider.name, error) from error
                self.events.note(f"{error}. Nothing was made; trying again.")
                await self.clock.sleep(wait)
                attempt += 1
            else:
                self.ticket = created.ticket
                self.events.submitted(created.ticket)
                return created

    async def _sent(self, order: Order) -> Created:
        self.is_sending = True
        try:
            return await self.provider.create(order)
        except OutcomeUnknown as error:
            found = await self._found(order)
            if found is not None:
                return found
            message = f"{error}. Look at your account at {self.provider.name} before you try again."
            raise Ended(Exit.UNKNOWN, IN_DOUBT.code, message) from error
        except (NotSent, Refused):
            self.is_sending = False
            raise

    async def _found(self, order: Order) -> Created | None:
        """Look for the task of a request that was not confirmed, where the provider has a way to find it."""
        for attempt in range(1, MOST_TRIES + 1):
            try:
                return await self.provider.look_up(order)
            except CheckFailed as error:
                self.events.note(f"The request was not confirmed. Looking for its task: {error}.")
                wait = self.schedule.after_trouble(attempt)
                await self.clock.sleep(self.schedule.honour_retry_after(error.retry_after, wait))
        return None

    def _wait(self, error: NotSent | Refused, attempt: int) -> float | None:
        """Seconds until another try is worth it; None where it is not."""
        passes = isinstance(error, NotSent) or (error.why in _PASSES and not error.is_final)
        retry_after = error.retry_after if isinstance(error, Refused) else None
        if not passes or attempt == MOST_TRIES or (retry_after is not None and retry_after > _LONGEST_WAIT):
            return None
        return self.schedule.honour_retry_after(retry_after, self.schedule.after_trouble(attempt))

    async def _fetched(self, polling: GeneratePolling, result: Result, output: Path) -> int:
        problem, attempt = "no reason", 0
        while (attempt := attempt + result.is_proved) <= MOST_FETCHES:
            try:
                return (await self.provider.fetch(polling.ticket, result, output)).size
            except LinkExpired as error:
                problem = str(error)
                result = await self._linked_anew(polling, result)
            except FetchFailed as error:
                problem = str(error)
                if not result.is_proved:
                    result = await self._linked_anew(polling, result)
                elif attempt < MOST_FETCHES:
                    self.events.note(f"The video is made, but {error}. Fetching it again.")
                    await self.clock.sleep(self.schedule.after_trouble(attempt))
        raise _unfetched(polling.ticket, problem)

    async def _linked_anew(self, polling: GeneratePolling, result: Result) -> Result:
        """Ask for another link to a clip, or whether it is made at all where that is not proved."""
        if not result.is_proved:
            polling.fetch_failed()
            return await polling.finished()
        try:
            return await polling.finished()
        except Ended as end:
            if end.exit_code is Exit.UNFETCHED:
                raise
            raise _unfetched(polling.ticket, str(end)) from end

    def _left_behind(self) -> str:
        """Say what goes on without us."""
        if self.ticket is not None:
            task = f"Task {self.ticket.task_id} goes on at {self.ticket.provider}"
            return f"Interrupted. {task} and will be charged; ask there for the video."
        if self.is_sending:
            where = f"look at your account at {self.provider.name}"
            return f"Interrupted. The request may have arrived and may be charged; {where}."
        return "Interrupted. Nothing was made and nothing was charged."


@dataclass(slots=True)
class GeneratePolling:
    """Asks about one task until it has ended."""

    provider: Provider
    clock: Clock
    schedule: Schedule
    events: Events
    ticket: Ticket
    _missing_since: float | None = field(default=None, init=False)
    _identity: TaskIdentity = field(default_factory=TaskIdentity, init=False)

    async def finished(self, progress: Progress | None = None) -> Result:
        """Wait for the clip. Raise Ended where none will come."""
        started = self.clock.monotonic()
        while True:
            result = None if progress is None else await self._result(progress)
            if result is not None:
                return result
            age = timedelta(seconds=self.clock.monotonic() - started)
            if age > DEADLINE:
                raise Ended(Exit.FAILED, "lost", f"{self._task} did not end within a day. {_PERHAPS_CHARGED}")
            await self.clock.sleep(self.schedule.next_check(age))
            progress = await self._asked()

    async def _result(self, progress: Progress) -> Result | None:
        """Return where the clip is; None where the task goes on. Raise Ended where it failed."""
        match progress:
            case Finished(result):
                return result
            case Failed():
                raise _failed(progress)
            case Working():
                self._identity.unfinished(_ALONE, self.ticket.provider, progress.aliases)
                self.events.progress(progress)
                return None
            case Unproved():
                return await self._weighed(progress)
            case _:
                assert_never(progress)

    async def _weighed(self, unproved: Unproved) -> Result | None:
        """Believe an ending that names no task of ours for what else is known. Raise Ended for a failure."""
        now = self.clock.monotonic()
        if await self._identity.is_proved(_ALONE, self.ticket.provider, unproved, now):
            ending = believed(unproved)
            if isinstance(ending, Failed):
                raise _failed(ending)
            return ending.result
        self.events.note(f"{self.ticket.provider} does not say whose video it offers. Asking again.")
        is_due = await self._identity.may_fetch(_ALONE, self.ticket.provider, unproved, now)
        return unproved.by_id if is_due else None

    def fetch_failed(self) -> None:
        """Note that our own id gave no clip though the task is said to be finished."""
        self._identity.fetch_failed(_ALONE, self.ticket.provider, self.clock.monotonic())

    async def _asked(self) -> Progress | None:
        """Ask once; None where nothing was learned."""
        try:
            progress = await self.provider.check(self.ticket)
        except TaskMissing:
            self._missed(self._forgotten)
            return None
        except CheckFailed as error:
            self.events.note(f"{error}. Asking again.")
            await self.clock.sleep(self.schedule.honour_retry_after(error.retry_after, 0))
            return None
        if isinstance(progress, Working) and progress.is_over:
            self._missed(self._nowhere)
        else:
            self._missing_since = None
        return progress

    def _missed(self, end: Callable[[], Ended]) -> None:
        """Bear with a gateway that does not know its task, or where the clip is, for a while."""
        now = self.clock.monotonic()
        if self._missing_since is None:
            self._missing_since = now
        if now - self._missing_since > MISSING_GRACE.total_seconds():
            raise end()

    def _forgotten(self) -> Ended:
        return Ended(Exit.FAILED, "forgotten", f"{self._task} is no longer known. {_PERHAPS_CHARGED}")

    def _nowhere(self) -> Ended:
        return _unfetched(self.ticket, f"{self.ticket.provider} does not say where it is")

    @property
    def _task(self) -> str:
        return f"Task {self.ticket.task_id} at {self.ticket.provider}"


_PERHAPS_CHARGED: Final = "It may have been charged; ask the provider."


def _refused(provider: str, error: NotSent | Refused) -> Ended:
    if isinstance(error, NotSent):
        message = f"{error}. Nothing was charged. Check the network and the base URL in the settings."
        return Ended(Exit.REFUSED, "not_sent", message)
    message = f"{provider} refused the request: {cut(error.said)} Nothing was charged. {_ADVICE[error.why]}"
    return Ended(Exit.REFUSED, error.why.value, message, error.code)


def _failed(end: Failed) -> Ended:
    said = cut(end.said or "the provider gives no reason")
    message = f"The provider made no video: {said} Failed videos are usually not charged."
    return Ended(Exit.FAILED, end.code, message, end.gateway_code)


def _unfetched(ticket: Ticket, problem: str) -> Ended:
    where = f"It was charged: ask for task {ticket.task_id} at {ticket.provider}."
    return Ended(Exit.UNFETCHED, "unfetched", f"The video was made but not saved: {problem}. {where}")
