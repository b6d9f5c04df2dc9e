"""Tells the operator in time that a budget comes to its end."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from core.errors import StoreError
from core.jobs import Job
from core.ledger import Account, Measure, Scope
from core.limits import Limit, dollars
from core.ports import JobStore, Notes

log = logging.getLogger(__name__)

_WARN_AT_PERCENT: Final = 80


class BudgetWatch:
    """Warns in the log when 80 % of a server's or the whole bot's budget are used, once in each window.

    What was warned of is noted, so that a restart does not say it again; a budget that was changed is
    another budget.
    """

    def __init__(self, store: JobStore, notes: Notes, limits: Iterable[Limit]) -> None:
        self._store = store
        self._notes = notes
        self._budgets = [
            limit for limit in limits if limit.measure is Measure.MONEY and limit.scope is not Scope.MEMBER
        ]
        self._warned: dict[str, str] = {}

    async def look(self, job: Job) -> None:
        """Look at the budgets of a job that was just admitted. Never raises what the store raises."""
        try:
            for limit in self._budgets:
                account = limit.account(job)
                if account is not None:
                    await self._look_at(limit, account)
        except StoreError:
            log.exception("a budget could not be looked at", extra={"job": job.id})

    async def _look_at(self, limit: Limit, account: Account) -> None:
        used = (await self._store.usage(account)).of(Measure.MONEY)
        if used * 100 < limit.most * _WARN_AT_PERCENT:
            return
        if await self._is_new(f"budget warning: {account.scope} {account.id} {limit.window}", account, limit):
            log.warning(
                "a budget is nearly used up; when it is, nothing more is ordered until the next window",
                extra={
                    "scope": account.scope,
                    "owner": account.id,
                    "period": account.period,
                    "used": dollars(used),
                    "budget": dollars(limit.most),
                },
            )

    async def _is_new(self, key: str, account: Account, limit: Limit) -> bool:
        """Whether nobody was warned of this budget in this window; from now on somebody was."""
        window = f"{account.period} {limit.most}"
        if self._warned.get(key) == window:
            return False
        self._warned[key] = window
        if await self._notes.recall(key) == window:
            return False
        await self._notes.remember(key, window)
        return True
