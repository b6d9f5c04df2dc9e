from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.errors import StoreError
from core.model.job import Job
from core.model.ledger import Account, Measure, Scope, Usage, Window
from core.model.limits import Limit, OverLimit
from core.model.operator_alerts import BudgetUsed, OperatorAlert
from core.services.budget_alerts import BudgetAlerts
from storage.memory.stores import MemoryJobStore, MemoryKeyValues
from tests.core.model.test_limits import ORDER

A_DAY = Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.DAY, most=10)


class BrokenStore(MemoryJobStore):
    async def usage(self, account: Account) -> Usage:
        raise StoreError(f"nobody knows {account}")


class AwaitedAlerts:
    """Implements `core.ports.AlertChannel` and remembers the budgets in its alerts."""

    def __init__(self) -> None:
        self.heard: list[BudgetUsed] = []

    def send(self, event: OperatorAlert, /) -> None:
        assert isinstance(event, BudgetUsed)
        self.heard.append(event)


@pytest.fixture
def store() -> MemoryJobStore:
    return MemoryJobStore()


@pytest.fixture
def notes() -> MemoryKeyValues:
    return MemoryKeyValues()


async def spend(store: MemoryJobStore, budget_alerts: BudgetAlerts, *job_ids: int, days: int = 0) -> None:
    """Admit jobs that cost one millionth each, and look at the budget after each."""
    for job_id in job_ids:
        job = costing_one(job_id, days)
        await store.admit(job)
        await budget_alerts.look(job)


def costing_one(job_id: int, days: int = 0) -> Job:
    return replace(ORDER, id=job_id, price=1, ordered_at=ORDER.ordered_at + timedelta(days=days))


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Which window each warning was about."""
    return [str(vars(record)["period"]) for record in caplog.records if record.levelno == logging.WARNING]


async def test_the_operator_is_warned_once_when_four_fifths_are_used(
    store: MemoryJobStore, notes: MemoryKeyValues, caplog: pytest.LogCaptureFixture
) -> None:
    watch = BudgetAlerts(store, notes, [A_DAY])

    await spend(store, watch, *range(7))
    assert warnings(caplog) == []
    await spend(store, watch, 7, 8)

    assert warnings(caplog) == ["2026-03-01"]
    assert vars(caplog.records[0])["used"] == "$0.000008"
    assert vars(caplog.records[0])["budget"] == "$0.00001"


async def test_the_operator_is_told_of_the_warning_and_of_the_end(
    store: MemoryJobStore, notes: MemoryKeyValues
) -> None:
    alerts = AwaitedAlerts()

    await spend(store, BudgetAlerts(store, notes, [A_DAY], alerts), *range(10))

    assert [(event.used, event.is_over) for event in alerts.heard] == [(8, False), (10, True)]


async def test_an_order_that_no_longer_fits_is_the_end_of_a_budget_once(
    store: MemoryJobStore, notes: MemoryKeyValues
) -> None:
    alerts = AwaitedAlerts()
    watch = BudgetAlerts(store, notes, [A_DAY], alerts)

    for used in (7, 9, 9):
        await watch.came_up(OverLimit(A_DAY, used), costing_one(1))

    assert [(event.used, event.is_over) for event in alerts.heard] == [(9, True)]


@pytest.mark.parametrize(
    ("limit", "price"),
    [(replace(A_DAY, scope=Scope.MEMBER), 1), (A_DAY, None)],
    ids=["a member's", "no price"],
)
async def test_what_came_up_against_something_else_is_not_the_end_of_a_budget(
    store: MemoryJobStore, notes: MemoryKeyValues, limit: Limit, price: int | None
) -> None:
    alerts = AwaitedAlerts()
    watch = BudgetAlerts(store, notes, [A_DAY], alerts)

    await watch.came_up(OverLimit(limit, 10), replace(ORDER, price=price))

    assert alerts.heard == []


async def test_the_next_window_has_a_warning_of_its_own(
    store: MemoryJobStore, notes: MemoryKeyValues, caplog: pytest.LogCaptureFixture
) -> None:
    watch = BudgetAlerts(store, notes, [A_DAY])

    await spend(store, watch, *range(9))
    await spend(store, watch, *range(10, 19), days=1)

    assert warnings(caplog) == ["2026-03-01", "2026-03-02"]


async def test_a_restart_does_not_warn_again_and_a_new_budget_does(
    store: MemoryJobStore, notes: MemoryKeyValues, caplog: pytest.LogCaptureFixture
) -> None:
    await spend(store, BudgetAlerts(store, notes, [A_DAY]), *range(8))

    await spend(store, BudgetAlerts(store, notes, [A_DAY]), 8)
    assert len(warnings(caplog)) == 1
    await spend(store, BudgetAlerts(store, notes, [replace(A_DAY, most=12)]), 9)

    assert len(warnings(caplog)) == 2


async def test_of_many_orders_at_once_one_brings_the_warning(
    store: MemoryJobStore, notes: MemoryKeyValues, caplog: pytest.LogCaptureFixture
) -> None:
    watch = BudgetAlerts(store, notes, [A_DAY])
    await spend(store, watch, *range(6))

    await asyncio.gather(*(spend(store, watch, job_id) for job_id in range(6, 9)))

    assert len(warnings(caplog)) == 1


async def test_every_server_has_a_warning_of_its_own(
    store: MemoryJobStore, notes: MemoryKeyValues, caplog: pytest.LogCaptureFixture
) -> None:
    watch = BudgetAlerts(store, notes, [replace(A_DAY, scope=Scope.SERVER, most=1)])
    for server, job_id in [(8, 1), (9, 2), (None, 3)]:
        job = replace(costing_one(job_id), destination=replace(ORDER.destination, guild_id=server))
        await store.admit(job)
        await watch.look(job)

    assert [vars(record)["owner"] for record in caplog.records] == [8, 9]


@pytest.mark.parametrize(
    "limit", [replace(A_DAY, scope=Scope.MEMBER), replace(A_DAY, measure=Measure.VIDEOS)], ids=str
)
async def test_what_is_no_budget_of_a_server_or_the_bot_is_nobodys_warning(
    store: MemoryJobStore, notes: MemoryKeyValues, caplog: pytest.LogCaptureFixture, limit: Limit
) -> None:
    await spend(store, BudgetAlerts(store, notes, [limit]), *range(10))

    assert warnings(caplog) == []


async def test_a_store_that_cannot_answer_costs_no_order(
    notes: MemoryKeyValues, caplog: pytest.LogCaptureFixture
) -> None:
    await BudgetAlerts(BrokenStore(), notes, [A_DAY]).look(ORDER)

    assert "a budget could not be looked at" in caplog.text
