"""SQLite and memory side by side: whatever is asked of them, in whatever order, they agree."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from functools import partial
from operator import methodcaller
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.model.delivery import Delivery, Way
from core.model.errors import StoreError
from core.model.job import ENDED, ENDED_WITHOUT_VIDEO, LEGAL_MOVES, Charge, IllegalMove, Job, JobState, Reason
from core.model.ledger import Account, Measure, Scope, Window, account
from core.model.limits import Limit, LimitReached, OverLimit
from core.model.video import Result, StoredVideo
from core.ports import Erasure, Erasures, JobStore
from core.privacy.erased_job import erased
from storage.memory.erasures import MemoryErasures
from storage.memory.stores import MemoryJobStore
from storage.sqlite.database import open_database
from storage.sqlite.erasures import SqliteErasures
from storage.sqlite.jobs import SqliteJobStore
from tests.contracts.examples import NOON, moved_by_force, queued, ticket

T = TypeVar("T")
Verb: TypeAlias = Callable[[Job], Job]

PRICE: Final = 350_000
MEMBERS: Final = (101, 102)
PRICES: Final = (1, PRICE, PRICE + 1, 2 * PRICE, 9 * PRICE, None)
BUDGET: Final = Limit(scope=Scope.BOT, measure=Measure.MONEY, most=4 * PRICE)
LIMITS: Final[list[Sequence[Limit]]] = [
    [BUDGET],
    [BUDGET, Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=2)],
    [BUDGET, Limit(scope=Scope.SERVER, measure=Measure.VIDEOS, window=Window.DAY, most=3)],
]
HELD: Final[list[Sequence[str]]] = [[], ["2026-03-01"], ["2026-03"], ["2026-03-01", "2026-03"]]
EVERYBODY: Final = Account(Scope.BOT, 0, "")


def _ended(state: JobState, charge: Charge, job: Job) -> Job:
    return job.ended(state, Reason(code="why", said="So.", charge=charge), NOON)


VERBS: Final[dict[str, Verb]] = {
    "submitting": lambda job: job.submitting("anyint", NOON),
    "requeued": lambda job: job.requeued("busy", NOON, next_at=NOON + timedelta(minutes=1)),
    "running": lambda job: job.running(ticket(f"task-{job.id}"), NOON, next_at=NOON),
    "running another's task": lambda job: job.running(ticket("task-1"), NOON, next_at=NOON),
    "in doubt": lambda job: job.unknown(Reason(code="silence", said="?", charge=Charge.PERHAPS), NOON),
    "ready": lambda job: job.ready(Result(url=None, seen_at=NOON), NOON),
    "asked again": lambda job: job.relink("expired", NOON),
    "stored": lambda job: job.stored(StoredVideo(file="video.mp4", size=9, sha256="ab" * 32), NOON),
    "delivering": lambda job: job.delivering(Delivery(plan=Way.ATTACH, channel_id=201), NOON),
    "delivered": lambda job: job.delivered(Delivery(plan=Way.ATTACH, channel_id=201, message_id=5), NOON),
    "redelivered": lambda job: job.retry_delivery(7, NOON),
    "pinging": lambda job: job.pinging(NOON),
    "done": lambda job: job.done(NOON),
    "cancelled": lambda job: job.cancelled(101, NOON),
    "told": lambda job: job.notified(NOON),
    "told, to be looked at again": lambda job: job.notified(NOON, next_at=NOON),
    "dismissed": lambda job: job.dismissed(101, NOON),
    "superseded": lambda job: job.superseded(101, NOON),
    **{
        f"ended as {state}, {charge}": partial(_ended, state, charge)
        for state in sorted(ENDED_WITHOUT_VIDEO)
        for charge in Charge
    },
}


LIVES: Final = (
    ("submitting", "running", "ready", "stored", "delivering", "delivered", "done"),
    ("cancelled", "told"),
    ("submitting", f"ended as {JobState.REJECTED}, {Charge.PERHAPS}", "told"),
    ("submitting", "in doubt", "dismissed"),
)


def verbs(job: Job) -> list[str]:
    """The moves that the job itself allows."""
    found: list[str] = []
    for name, verb in VERBS.items():
        with suppress(IllegalMove):
            verb(job)
            found.append(name)
    return found


class TwoStores(RuleBasedStateMachine):
    """`versions` are the jobs as they were after each change: what somebody may still believe."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.loop = asyncio.Runner()
        self.files = AsyncExitStack()
        self.memory = MemoryJobStore()
        self.versions: list[Job] = []
        self.asked_for: list[Erasure] = []
        self.pseudonym = 0
        self.memory_erasures = MemoryErasures(self.memory)
        self.sqlite, self.sqlite_erasures = self.loop.run(self.enter())

    async def enter(self) -> tuple[SqliteJobStore, SqliteErasures]:
        path = Path(self.folder.name) / "matinee.db"
        database = await self.files.enter_async_context(open_database(path))
        return SqliteJobStore(database), SqliteErasures(database)

    def teardown(self) -> None:
        self.loop.run(self.files.aclose())
        self.loop.close()
        self.folder.cleanup()

    def both(self, ask: Callable[[JobStore], Coroutine[Any, Any, T]]) -> T | OverLimit | type[Exception]:
        """Ask both the same; return what they agree on."""
        one = self.loop.run(answer(ask(self.memory)))
        other = self.loop.run(answer(ask(self.sqlite)))
        assert one == other
        return one

    @rule(number=st.integers(1, 6), member=st.sampled_from(MEMBERS), limits=st.sampled_from(LIMITS))
    def admit(self, number: int, member: int, limits: Sequence[Limit]) -> None:
        job = queued(number, requester_id=member)
        self.both(methodcaller("admit", job, limits))
        self.remember(number)

    @precondition(lambda self: bool(self.versions))
    @rule(data=st.data(), is_late=st.booleans())
    def move(self, data: st.DataObject, *, is_late: bool) -> None:
        """Move a job by a verb, from what it is or from what it was at some time."""
        before = data.draw(st.sampled_from(self.versions if is_late else self.newest()))
        possible = verbs(before)
        if possible:
            after = VERBS[data.draw(st.sampled_from(possible))](before)
            self.both(methodcaller("move", before, after))
            self.remember(before.id)

    @precondition(lambda self: any(job.state is JobState.QUEUED for job in self.versions))
    @rule(data=st.data(), price=st.sampled_from(PRICES), limits=st.sampled_from(LIMITS))
    def send(self, data: st.DataObject, price: int | None, limits: Sequence[Limit]) -> None:
        """Send a job that waits, or that waited at some time, at the price of now and under these limits."""
        waiting = [job for job in self.versions if job.state is JobState.QUEUED]
        before = data.draw(st.sampled_from(waiting))
        after = before.submitting("anyint", NOON).priced(price)
        self.both(methodcaller("move", before, after, limits))
        self.remember(before.id)

    @precondition(lambda self: bool(self.versions))
    @rule(data=st.data(), state=st.sampled_from(JobState))
    def move_by_force(self, data: st.DataObject, state: JobState) -> None:
        before = data.draw(st.sampled_from(self.newest()))
        after = moved_by_force(before, state)
        outcome = self.both(methodcaller("move", before, after))
        assert outcome in {None, IllegalMove}
        assert outcome is IllegalMove or state in LEGAL_MOVES[before.state]
        self.remember(before.id)

    @precondition(lambda self: any(job.state is JobState.QUEUED for job in self.newest()))
    @rule(data=st.data(), life=st.sampled_from(LIVES))
    def live(self, data: st.DataObject, life: Sequence[str]) -> None:
        """Let a job that waits live to its end."""
        waiting = [job for job in self.newest() if job.state is JobState.QUEUED]
        job = data.draw(st.sampled_from(waiting))
        for name in life:
            before, job = job, VERBS[name](job)
            self.both(methodcaller("move", before, job))
            self.remember(job.id)

    @rule()
    def restart(self) -> None:
        self.loop.run(self.files.aclose())
        self.sqlite, self.sqlite_erasures = self.loop.run(self.enter())

    @rule(member=st.sampled_from(MEMBERS), minutes=st.integers(-1, 1))
    def ask_to_be_erased(self, member: int, minutes: int) -> None:
        """Let a member ask to be erased, by a clock that may have been set."""
        self.pseudonym -= 1
        erasure = Erasure(self.pseudonym, member, NOON + timedelta(minutes=minutes))
        self.both_erasures(methodcaller("begin", erasure))
        self.asked_for = self.loop.run(self.memory_erasures.under_way())

    @precondition(lambda self: any(job.next_at is None for job in self.versions))
    @rule(data=st.data(), periods=st.sampled_from(HELD))
    def erase(self, data: st.DataObject, periods: Sequence[str]) -> None:
        """Erase a job that has ended, as it is or was, as its member asked."""
        ended = [job for job in self.versions if job.next_at is None]
        before = data.draw(st.sampled_from(ended))
        self.ask_to_be_erased(abs(before.destination.requester_id), 0)
        self.both_erasures(methodcaller("hold", self.asked_for[-1], periods))
        self.erase_for(before, data.draw(st.sampled_from(self.asked_for)))

    @precondition(lambda self: bool(self.asked_for and self.versions))
    @rule(data=st.data())
    def erase_anything(self, data: st.DataObject) -> None:
        """Erase a job in any state, as anybody asked, perhaps as was done before."""
        before = data.draw(st.sampled_from(self.versions))
        self.erase_for(before, data.draw(st.sampled_from(self.asked_for)))

    def erase_for(self, before: Job, erasure: Erasure) -> None:
        self.both_erasures(methodcaller("erase", before, erased(before, erasure.pseudonym, NOON)))
        self.remember(before.id)

    @precondition(lambda self: bool(self.asked_for))
    @rule(data=st.data(), periods=st.sampled_from(HELD))
    def go_on(self, data: st.DataObject, periods: Sequence[str]) -> None:
        erasure = data.draw(st.sampled_from(self.asked_for))
        self.both_erasures(methodcaller("hold", erasure, periods))
        self.both_erasures(methodcaller("rename", erasure))
        self.both_erasures(methodcaller("finish", erasure))

    def both_erasures(self, ask: Callable[[Erasures], Coroutine[Any, Any, object]]) -> None:
        one = self.loop.run(answer(ask(self.memory_erasures)))
        other = self.loop.run(answer(ask(self.sqlite_erasures)))
        assert one == other

    @invariant()
    def they_know_the_same_erasures(self) -> None:
        self.both_erasures(methodcaller("under_way"))

    @invariant()
    def nothing_of_the_members_is_lost_or_made_up(self) -> None:
        """What members and pseudonyms have on their accounts is what the whole bot has."""
        owners = {*MEMBERS, *(job.destination.requester_id for job in self.newest())}
        usages = [self.loop.run(self.sqlite.usage(Account(Scope.MEMBER, owner, ""))) for owner in owners]
        together = self.loop.run(self.sqlite.usage(EVERYBODY))
        assert sum(usage.spent for usage in usages) == together.spent
        assert sum(usage.videos for usage in usages) == together.videos

    @invariant()
    def they_tell_the_same(self) -> None:
        self.both(everything)
        self.both(methodcaller("recent"))
        for member in (*MEMBERS, *(erasure.pseudonym for erasure in self.asked_for)):
            self.both(methodcaller("of_requester", member))
        for job in self.newest():
            self.both(methodcaller("get", job.id))
            self.both(methodcaller("events", job.id))
            self.both(methodcaller("entries", job.id))
            self.both_agree_on_accounts(job)

    def both_agree_on_accounts(self, job: Job) -> None:
        for scope in Scope:
            for window in Window:
                counted_on = account(job, scope, window)
                if counted_on is not None:
                    self.both(methodcaller("usage", counted_on))

    @invariant()
    def no_budget_is_exceeded(self) -> None:
        used = self.loop.run(self.memory.usage(EVERYBODY))
        assert used.of(Measure.MONEY) <= BUDGET.most

    @invariant()
    def something_wakes_up_whoever_has_not_ended(self) -> None:
        assert all(job.next_at is not None for job in self.newest() if job.state not in ENDED)

    @invariant()
    def a_task_belongs_to_one_job(self) -> None:
        tasks = [(job.ticket.provider, job.ticket.task_id) for job in self.newest() if job.ticket]
        assert len(tasks) == len(set(tasks))

    def newest(self) -> list[Job]:
        return list({job.id: job for job in self.versions}.values())

    def remember(self, job_id: int) -> None:
        job = self.loop.run(self.memory.get(job_id))
        if job is not None and job not in self.versions:
            self.versions.append(job)


async def answer(asked: Coroutine[Any, Any, T]) -> T | OverLimit | type[Exception]:
    """What a store answers, the limit that has no room, or the kind of another refusal."""
    try:
        return await asked
    except LimitReached as error:
        return error.over
    except (StoreError, IllegalMove) as error:
        return type(error)


async def everything(store: JobStore) -> list[Job]:
    return [job async for job in store.pending()]


@pytest.mark.parametrize("lives", [20, pytest.param(2000, marks=[pytest.mark.long])])
def test_sqlite_and_memory_agree_whatever_they_are_asked(lives: int) -> None:
    run_state_machine_as_test(
        TwoStores,
        settings=settings(max_examples=lives, stateful_step_count=30, deadline=None, derandomize=True),
    )
