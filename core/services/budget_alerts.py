"""Alerts the operator in time that a budget nears its end."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from core.model.errors import StoreError
from core.model.job import Job
from core.model.ledger import Account, Measure, Scope
from core.model.limits import Limit, OverLimit, dollars
from core.model.operator_alerts import BudgetUsed, NoAlerts
from core.ports import AlertChannel, JobStore, KeyValueStore

log = logging.getLogger(__name__)

_WARN_AT_PERCENT: Final = 80
_NEARLY: Final = "a budget is nearly used up; when it is, nothing more is ordered until the next window"
_OVER: Final = (
    "a budget is used up; orders that cost more than what is left are refused until the next window"
)


class BudgetAlerts:
    """Alerts the operator when 80 % of a server's or the whole bot's budget are used, and when all of it is.

    There is one alert of each kind in each window. Sent alerts are noted, so that a restart does not repeat
    them; a budget that was changed is another budget.
    """

    def __init__(
        self,
        store: JobStore,
        notes: KeyValueStore,
        limits: Iterable[Limit],
        alerts: AlertChannel | None = None,
    ) -> None:
        self._store = store
        self._notes = notes
        self._alerts = alerts or NoAlerts()
        self._budgets = [
            limit for limit in limits if limit.measure is Measure.MONEY and limit.scope is not Scope.MEMBER
        ]
        self._told: dict[str, str] = {}

    async def look(self, job: Job) -> None:
        """Look at the budgets of a job that was just admitted. Never raises what the store raises."""
        try:
            for limit in self._budgets:
                account = limit.account(job)
                if account is not None:
                    used = (await self._store.usage(account)).of(Measure.MONEY)
                    await self._compare(limit, account, used, job, is_over=used >= limit.most)
        except StoreError:
            log.exception("a budget could not be looked at", extra={"job": job.id})

    async def came_up(self, over: OverLimit, job: Job) -> None:
        """Note that an order reached a limit. Never raises what the store raises.

        Where much of a budget is left, it was a dear order rather than a used budget.
        """
        account = over.limit.account(job)
        if over.limit not in self._budgets or account is None or job.price is None:
            return
        try:
            await self._compare(over.limit, account, over.used, job, is_over=True)
        except StoreError:
            log.exception("a budget could not be looked at", extra={"job": job.id})

    async def _compare(self, limit: Limit, account: Account, used: int, job: Job, *, is_over: bool) -> None:
        if used * 100 < limit.most * _WARN_AT_PERCENT or not await self._is_new(
            account, limit, is_over=is_over
        ):
            return
        log.warning(
            _OVER if is_over else _NEARLY,
            extra={
                "scope": account.scope,
                "owner": account.id,
                "period": account.period,
                "used": dollars(used),
                "budget": dollars(limit.most),
            },
        )
        self._alerts.send(
            BudgetUsed(
                account.scope, account.id, limit.window, used, limit.most, job.ordered_at, is_over=is_over
            )
        )

    async def _is_new(self, account: Account, limit: Limit, *, is_over: bool) -> bool:
        """Whether this alert was not sent yet in this window; it counts as sent from now on."""
        key = f"budget {'used up' if is_over else 'warning'}: {account.scope} {account.id} {limit.window}"
        window = f"{account.period} {limit.most}"
        if self._told.get(key) == window:
            return False
        self._told[key] = window
        if await self._notes.recall(key) == window:
            return False
        await self._notes.remember(key, window)
        return True
