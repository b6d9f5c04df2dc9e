"""What the database can count without reading through all of it."""

from __future__ import annotations

from typing import Final

from core.model.job import JobState
from storage.sqlite.database import Database

# By the index of what is pending: however many jobs there ever were, only the open ones are read.
_OPEN: Final = "SELECT state, count(*) FROM jobs WHERE next_at IS NOT NULL GROUP BY state"


class SqliteFigures:
    """`core.ports.Figures` of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def round_trip(self) -> None:
        await self._database.rows("SELECT 1")

    async def open_jobs(self) -> dict[JobState, int]:
        counts = await self._database.rows(_OPEN)
        return {JobState(state): count for state, count in counts if state in set(JobState)}
