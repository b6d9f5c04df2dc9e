"""A provider for one order at a terminal: problems are reported soon, not waited out all day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.cli.generate_endings import Verdict, unfetched
from bot.cli.generate_events import Events
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
from core.model.video import Result, StoredVideo
from core.ports import (
    Created,
    Failed,
    Finished,
    Order,
    Progress,
    Provider,
    Reply,
    Unlocated,
    Unproved,
    Working,
)

MOST_TRIES: Final = 3
MOST_FETCHES: Final = 9
"""With the waits between them some minutes: a gateway may call a clip made before it can be fetched."""

_LONGEST_WAIT_SECONDS: Final = 60.0
_PASSES: Final = frozenset({Refusal.BUSY, Refusal.UPSTREAM})


class TerminalProvider:
    """Implements `core.ports.Provider` around another one, for one order.

    `is_sending`: a paid request may have left, and no refusal of it is known. `refusal`, `doubt`
    and `failure` are what ended the order, `problem` is why its clip did not come.
    """

    def __init__(self, provider: Provider, events: Events, verdict: Verdict) -> None:
        self._provider = provider
        self._events = events
        self._verdict = verdict
        self._routes: tuple[Ticket, ...] = ()
        self._creates = self._look_ups = self._fetches = 0
        self.is_sending = False
        self.refusal: NotSent | Refused | None = None
        self.doubt: OutcomeUnknown | None = None
        self.failure: Failed | None = None
        self.problem: str | None = None

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def links_are_public(self) -> bool:
        return self._provider.links_are_public

    @property
    def looks_again(self) -> bool:
        """Whether the last look for an unconfirmed request's task failed, and another is worth it."""
        return 0 < self._look_ups < MOST_TRIES

    def resume(self, routes: Sequence[Ticket]) -> None:
        """Ask about a task on each of these routes, until one of them knows it."""
        self._routes = tuple(routes)

    async def create(self, order: Order) -> Created:
        """Send the paid request once; the last refusal that is tolerated ends the order."""
        self._creates += 1
        self.is_sending = True
        try:
            created = await self._provider.create(order)
        except (NotSent, Refused) as error:
            self.is_sending = False
            raise self._make_final_if_lasting(error) from error
        except OutcomeUnknown as error:
            self.doubt = error
            raise
        self.failure = created.progress if isinstance(created.progress, Failed) else None
        return created

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        return self._provider.read(reply, order)

    async def look_up(self, order: Order) -> Created | None:
        try:
            found = await self._provider.look_up(order)
        except CheckFailed as error:
            self._look_ups += 1
            self._events.note(f"The request was not confirmed. Looking for its task: {error}.")
            raise
        self._look_ups = 0
        return found

    async def check(self, ticket: Ticket) -> Progress:
        try:
            progress = await self._check_routes(ticket)
        except CheckFailed as error:
            self._events.note(f"{error}. Asking again.")
            raise
        match progress:
            case Failed():
                self.failure = progress
            case Unproved(ending):
                self.failure = ending if isinstance(ending, Failed) else None
                self._events.note(f"{self.name} does not say whose video it offers. Asking again.")
            case Working() | Unlocated() | Finished():
                pass
        return progress

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        """Fetch the clip; if it is made but does not come in so many tries, that ends the order."""
        self._fetches += result.is_proved
        ticket = self._routes[0] if self._routes else ticket
        try:
            return await self._provider.fetch(ticket, result, into)
        except FetchFailed as error:
            if result.is_proved:
                self._note_unfetched(ticket, error)
            raise

    async def close(self) -> None:
        await self._provider.close()

    async def _check_routes(self, ticket: Ticket) -> Progress:
        """Ask on the routes that the task may have; an answer that is about the task shows its route."""
        answer: Progress | CheckFailed | TaskMissing = TaskMissing(f"{self.name} has no route for this")
        for route in self._routes or (ticket,):
            try:
                progress = await self._provider.check(route)
            except (CheckFailed, TaskMissing) as error:
                answer = error if isinstance(answer, TaskMissing) else answer
                continue
            if _is_about_task(progress):
                self._routes = (route,)
                return progress
            answer = progress
        if isinstance(answer, CheckFailed | TaskMissing):
            raise answer
        return answer

    def _make_final_if_lasting(self, error: NotSent | Refused) -> NotSent | Refused:
        """Raise a problem that passes by itself as it is; make final one that does not, or takes too long."""
        is_passing = isinstance(error, NotSent) or (error.why in _PASSES and not error.is_final)
        wait = None if isinstance(error, NotSent) else error.retry_after
        is_long = wait is not None and wait.total_seconds() > _LONGEST_WAIT_SECONDS
        if is_passing and not is_long and self._creates < MOST_TRIES:
            self._events.note(f"{error}. Nothing was made; trying again.")
            return error
        self.refusal = error
        if isinstance(error, NotSent):
            return Refused(Refusal.UPSTREAM, str(error), is_final=True)
        return Refused(error.why, error.said, code=error.code, is_final=True)

    def _note_unfetched(self, ticket: Ticket, error: FetchFailed) -> None:
        self.problem = str(error)
        if self._fetches >= MOST_FETCHES:
            self._verdict.end(unfetched(ticket, self.problem))
        elif not isinstance(error, LinkExpired):
            self._events.note(f"The video is made, but {error}. Fetching it again.")


def _is_about_task(progress: Progress) -> bool:
    """Whether an answer names no other task than ours."""
    return not isinstance(progress, Unproved) and not (isinstance(progress, Working) and progress.aliases)
