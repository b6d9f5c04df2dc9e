"""The ledger of the database itself: it agrees with the one in memory, and no commit exceeds a budget."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.job import ENDED, ENDED_WITHOUT_VIDEO, LEGAL_MOVES, Charge, Job, JobState, Reason
from core.model.ledger import Account, Booking, Entry, Measure, Scope, Window, account
from core.model.limits import Admitted, Limit, LimitReached
from core.ports import JobStore
from storage.maintenance.backup import check
from storage.memory.stores import MemoryJobStore
from storage.sqlite.database import Database, open_database
from storage.sqlite.job_sql import ADMIT
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.migrate import shipped_migrations
from storage.sqlite.rows import identity, parts, standing
from tests.contracts.examples import NOON, in_state, life, moved_by_force, queued

LIMITS: Final = [
    Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=3),
    Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=4),
    Limit(scope=Scope.SERVER, measure=Measure.MONEY, window=Window.DAY, most=50),
    Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.MONTH, most=90),
]
SUMS: Final = """
SELECT scope, owner, period,
    sum(ledger.open_jobs), sum(ledger.videos), sum(ledger.reserved), sum(ledger.spent)
FROM ledger JOIN accounts USING (job_id)
GROUP BY scope, owner, period ORDER BY scope, owner, period
"""
USED: Final = "SELECT scope, owner, period, open_jobs, videos, reserved, spent FROM usage ORDER BY 1, 2, 3"

REOPENED: Final = {JobState.DELIVERING, JobState.DELIVERED, JobState.UNDELIVERABLE}

ORDERS = st.tuples(
    st.just("order"),
    st.integers(1, 3),  # the member
    st.sampled_from([None, 301, 302]),  # the server
    st.none() | st.integers(0, 40),  # the price
    st.integers(0, 60),  # days later
)
MOVES = st.tuples(
    st.just("move"),
    st.integers(0, 20),  # which job
    st.integers(0, 9),  # which of its moves
    st.none() | st.integers(0, 60),  # its price from now on
    st.sampled_from(Charge),
)


def ordered(job_id: int, member: int, server: int | None, price: int | None, days: int) -> Job:
    job = queued(job_id, requester_id=member, minutes=days * 24 * 60)
    return replace(job, price=price, destination=replace(job.destination, guild_id=server))


def moved(job: Job, which: int, price: int | None, charge: Charge) -> Job | None:
    """Some legal move of a job, None if it has none."""
    ways = sorted(LEGAL_MOVES[job.state])
    if not ways:
        return None
    after = replace(moved_by_force(job, ways[which % len(ways)]), price=price)
    reason = Reason(code="why", said="Why.", charge=charge) if after.state in ENDED_WITHOUT_VIDEO else None
    return replace(after, reason=reason)


async def step(store: JobStore, jobs: dict[int, Job], job_id: int, change: tuple[object, ...]) -> object:
    """Make one change; return what the store said to an order."""
    match change:
        case ("order", int(member), server, price, int(days)):
            job = ordered(job_id, member, _int(server), _int(price), days)
            outcome = await store.admit(job, LIMITS)
            if isinstance(outcome, Admitted):
                jobs[job_id] = job
            return outcome
        case ("move", int(place), int(which), price, Charge() as charge) if jobs:
            before = list(jobs.values())[place % len(jobs)]
            after = moved(before, which, _int(price), charge)
            if after is None:
                return None
            try:
                await store.move(before, after, LIMITS if after.state is JobState.SUBMITTING else ())
            except LimitReached as error:
                return error.over
            jobs[before.id] = after
            return after
        case _:
            return None


def _check_balance(job: Job, lines: list[Entry]) -> None:
    """A job never comes to less than nothing, and a place, a video and money each come to what it cost."""
    money = [sum(line.reserved + line.spent for line in lines[: count + 1]) for count in range(len(lines))]
    assert min(money) >= 0
    assert {sum(line.open_jobs for line in lines[: count + 1]) for count in range(len(lines))} <= {0, 1}
    is_closed = lines[-1].booking in {Booking.RETURNED, Booking.SETTLED}
    if is_closed:
        assert sum(line.open_jobs for line in lines) == sum(line.reserved for line in lines) == 0
        assert sum(line.videos for line in lines) == (lines[-1].booking is Booking.SETTLED)
    assert is_closed == job.has_ended or job.state in REOPENED


def _int(value: object) -> int | None:
    return value if isinstance(value, int) else None


async def within_every_limit(store: JobStore, job: Job) -> bool:
    """Whether the accounts of a job are within the limits that it was admitted under."""
    for limit in LIMITS:
        counted_on = limit.account(job)
        if counted_on is not None and (await store.usage(counted_on)).of(limit.measure) > limit.most:
            return False
    return True


@settings(max_examples=100, deadline=None)
@given(st.lists(ORDERS | MOVES, min_size=5, max_size=60))
def test_no_history_exceeds_a_limit_and_both_ledgers_agree(changes: list[tuple[object, ...]]) -> None:
    async def history(path: Path) -> None:
        memory, in_memory, on_disk = MemoryJobStore(), dict[int, Job](), dict[int, Job]()
        async with open_database(path) as database:
            store = SqliteJobStore(database)
            for number, change in enumerate(changes):
                said = await step(memory, in_memory, number, change)
                assert await step(store, on_disk, number, change) == said
                for job in in_memory.values():
                    assert await within_every_limit(store, job)
            for job_id, job in in_memory.items():
                lines = await store.entries(job_id)
                assert lines == await memory.entries(job_id)
                _check_balance(job, lines)
            assert await database.rows(USED) == await database.rows(SUMS)
            for job in in_memory.values():
                for scope in Scope:
                    counted_on = account(job, scope, Window.DAY)
                    if counted_on is not None:
                        assert await store.usage(counted_on) == await memory.usage(counted_on)

    with TemporaryDirectory() as folder:
        asyncio.run(history(Path(folder) / "matinee.db"))


async def watched(path: Path, question: str, work: Awaitable[None]) -> list[int]:
    """Ask another connection again and again while the work goes on: each answer is a commit's."""
    answers: list[int] = []
    is_over = asyncio.Event()

    def ask() -> None:
        with closing(sqlite3.connect(path)) as connection:
            while not is_over.is_set():
                ((answer,),) = connection.execute(question)
                answers.append(answer)

    watching = asyncio.create_task(asyncio.to_thread(ask))
    await asyncio.sleep(0)
    await work
    is_over.set()
    await watching
    return answers


async def test_no_commit_exceeds_the_budget_while_a_thousand_order_and_end(
    database: Database, path: Path
) -> None:
    budget = Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.DAY, most=100 * 350_000)
    store = SqliteJobStore(database)

    async def one(number: int) -> bool:
        order = queued(number)
        if not isinstance(await store.admit(order, [budget]), Admitted):
            return False
        if number % 2:
            await store.move(order, order.cancelled(1, NOON))
        return True

    async def order_all() -> None:
        admitted = await asyncio.gather(*(one(number) for number in range(1000)))
        assert 100 <= sum(admitted) < 1000

    used = await watched(path, "SELECT coalesce(sum(reserved + spent), 0) FROM ledger", order_all())

    assert len(set(used)) > 2, "somebody looked while it happened"
    assert max(used) <= budget.most


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger SET reserved = 0",
        "DELETE FROM ledger",
        "REPLACE INTO ledger VALUES (NULL, 1, 0, 'reserved', 0, 0, 0, 0)",
        "REPLACE INTO ledger VALUES (1, 9, 0, 'raised', 0, 0, 0, 0)",
        "REPLACE INTO jobs SELECT * FROM jobs",
    ],
)
async def test_the_ledger_is_never_changed(
    database: Database, other: sqlite3.Connection, change: str
) -> None:
    await SqliteJobStore(database).admit(queued(1))

    with pytest.raises(sqlite3.IntegrityError):
        other.execute(change)


async def test_the_accounts_of_a_job_are_found_without_looking_at_other_jobs(database: Database) -> None:
    plan = await database.rows("EXPLAIN QUERY PLAN SELECT * FROM accounts WHERE job_id = 1")
    steps = [str(step) for *_, step in plan]

    assert sum("SEARCH jobs USING INTEGER PRIMARY KEY" in step for step in steps) == 3
    assert not any("SCAN jobs" in step for step in steps)


async def test_nothing_is_closed_twice(database: Database, other: sqlite3.Connection) -> None:
    store = SqliteJobStore(database)
    await store.admit(queued(1))
    await store.move(queued(1), queued(1).cancelled(1, NOON))

    with pytest.raises(sqlite3.IntegrityError):
        other.execute("INSERT INTO ledger VALUES (NULL, 1, 0, 'settled', -1, 0, 0, 9)")


async def test_the_ledger_stays_when_a_job_is_erased(database: Database, other: sqlite3.Connection) -> None:
    store = SqliteJobStore(database)
    await store.admit(queued(1))

    other.execute("PRAGMA foreign_keys = ON")
    other.execute("DELETE FROM jobs")

    assert len(await store.entries(1)) == 1
    assert (await store.usage(Account(Scope.BOT, 0, "2026-03"))).videos == 1


async def test_the_database_knows_the_same_ends_as_core(database: Database) -> None:
    endings = await database.rows("SELECT state, may_be_free FROM endings")

    assert set(endings) == {(state, int(state in ENDED_WITHOUT_VIDEO)) for state in ENDED}


async def test_jobs_of_an_older_database_are_in_the_ledger(path: Path) -> None:
    free = Reason(code="cancelled", said="Cancelled.", charge=Charge.NOTHING)
    jobs = [
        queued(1),
        replace(in_state(2, JobState.UNKNOWN), price=None),
        *(
            replace(job, next_at=None)
            for job in (in_state(3, JobState.DONE), in_state(4, JobState.DISMISSED))
        ),
        replace(in_state(5, JobState.CANCELLED), reason=free, next_at=None),
        replace(in_state(6, JobState.FAILED), reason=replace(free, charge=Charge.PERHAPS)),
    ]
    async with open_database(path, migrations=shipped_migrations()[:1]) as database:
        for job in jobs:
            await admit_as_before(database, job)

    async with open_database(path) as database:
        store = SqliteJobStore(database)
        found = {job.id: [entry.booking for entry in await store.entries(job.id)] for job in jobs}
        usage = await store.usage(Account(Scope.BOT, 0, "2026-03-01"))
        await store.move(life(1)[0], life(1)[1])

        assert found == {
            1: ["reserved"],
            2: ["reserved"],
            3: ["reserved", "settled"],
            4: ["reserved", "settled"],
            5: ["reserved", "returned"],
            6: ["reserved", "settled"],
        }
        assert (usage.open_jobs, usage.videos, usage.reserved, usage.spent) == (2, 5, 350_000, 3 * 350_000)
        assert await database.rows(USED) == await database.rows(SUMS)
        assert await check(database) == []


async def admit_as_before(database: Database, job: Job) -> None:
    """Write a job as the first version of the program did, which knew no limits and no notices."""
    statement = ADMIT.replace(", notice, limits\n)", "\n)").replace(",\n    value ->> 23, value ->> 24", "")
    assert await database.write(statement, job.id, [*identity(job), *standing(job), *parts(job)])
