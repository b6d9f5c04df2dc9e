"""Turns the settings about money and fairness into limits."""

from __future__ import annotations

from decimal import Decimal

from bot.settings.settings import Settings
from core.model.ledger import Measure, Scope, Window
from core.model.limits import Limit
from core.model.prices import MICRO


def limits(settings: Settings) -> list[Limit]:
    """Return every limit that is set; those that the member can act on come first."""
    open_jobs, videos = settings.matinee_member_open_jobs, settings.matinee_member_videos_per_day
    budgets = [
        (Scope.SERVER, Window.DAY, settings.matinee_server_budget_usd_per_day),
        (Scope.SERVER, Window.MONTH, settings.matinee_server_budget_usd_per_month),
        (Scope.BOT, Window.DAY, settings.matinee_budget_usd_per_day),
        (Scope.BOT, Window.MONTH, settings.matinee_budget_usd_per_month),
    ]
    return [
        *_counted(Measure.OPEN_JOBS, Window.NONE, open_jobs),
        *_counted(Measure.VIDEOS, Window.DAY, videos),
        *(_budget(scope, window, amount) for scope, window, amount in budgets if amount is not None),
    ]


def _counted(measure: Measure, window: Window, most: int | None) -> list[Limit]:
    return [] if most is None else [Limit(scope=Scope.MEMBER, measure=measure, window=window, most=most)]


def _budget(scope: Scope, window: Window, amount: Decimal) -> Limit:
    return Limit(scope=scope, measure=Measure.MONEY, window=window, most=int(amount * MICRO))
