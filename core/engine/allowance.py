"""What may be spent at the moment of sending, and who watches that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from core.model.job import Job
from core.model.limits import Limit, LimitReached, OverLimit


class SpendingWatch(Protocol):
    """Sees what is spent. Never raises what the store raises."""

    async def look(self, job: Job) -> None:
        """Look at the budgets of a job for which money was just reserved."""
        ...

    async def came_up(self, over: OverLimit, job: Job) -> None:
        """Note that a job came up against a limit."""
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What may be spent at the moment of sending; `watch` hears of what is reserved then, or is too much."""

    limits: tuple[Limit, ...] = ()
    watch: SpendingWatch | None = None

    async def look(self, job: Job) -> None:
        """Look at the budgets of a job for which something else is reserved now."""
        if self.watch is not None:
            await self.watch.look(job)

    async def came_up(self, error: LimitReached) -> None:
        """Note that a job came up against a limit when it was to be sent."""
        if self.watch is not None:
            await self.watch.came_up(error.over, error.job)
