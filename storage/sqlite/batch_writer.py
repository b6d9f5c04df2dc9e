"""Writes changes that wait at the same time with one statement, so that they share one commit."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from core.primitives.tasks import OwnedTasks

BATCH_LIMIT: Final = 500

Row: TypeAlias = tuple[Any, ...]
Line: TypeAlias = list[Any]
Statement: TypeAlias = str | Callable[[Sequence[Line]], str]
"""SQL, or what gives the SQL for these lines."""

Run: TypeAlias = Callable[[str, Row], Awaitable[Iterable[Row]]]


class Change:
    """One line for a statement. `key` is what the statement returns for a line that it has applied."""

    __slots__ = ("key", "outcome", "statement", "values")

    def __init__(self, statement: Statement, key: int, values: Line) -> None:
        self.statement = statement
        self.key = key
        self.values = values
        self.outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def succeeded(self, *, was_applied: bool) -> None:
        if not self.outcome.done():
            self.outcome.set_result(was_applied)

    def failed(self, error: Exception) -> None:
        if not self.outcome.done():
            self.outcome.set_exception(error)


class BatchWriter:
    """Collects changes and hands them to `run`, in the order in which they came.

    A statement takes a JSON array of lines and returns the keys of those that it has applied.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._waiting: deque[Change] = deque()
        self._tasks = OwnedTasks()
        self._draining: asyncio.Task[None] | None = None

    async def write(self, statement: Statement, key: int, values: Line) -> bool:
        """Return, after the commit, whether the statement applied the line.

        A caller that is cancelled here does not learn the outcome; the line is written all the same.
        """
        change = Change(statement, key, values)
        self._waiting.append(change)
        if self._draining is None or self._draining.done():
            self._draining = self._tasks.start(self._drain())
        return await change.outcome

    async def close(self) -> None:
        """Return when everything that waits has been written."""
        await self._tasks.wait()

    async def _drain(self) -> None:
        while self._waiting:
            await self._write(self._next_batch())

    def _next_batch(self) -> list[Change]:
        """Take changes with the same statement: at most one for each key, and never past an earlier one."""
        statement = self._waiting[0].statement
        batch: list[Change] = []
        passed_over: list[Change] = []
        keys: set[int] = set()
        while self._waiting and len(batch) < BATCH_LIMIT:
            change = self._waiting.popleft()
            is_fitting = change.statement is statement and change.key not in keys
            (batch if is_fitting else passed_over).append(change)
            keys.add(change.key)
        self._waiting.extendleft(reversed(passed_over))
        return batch

    async def _write(self, batch: list[Change]) -> None:
        try:
            statement, lines = batch[0].statement, [change.values for change in batch]
            sql = statement if isinstance(statement, str) else statement(lines)
            applied = {key for (key,) in await self._run(sql, (json.dumps(lines),))}
        except sqlite3.DatabaseError as error:
            await self._write_singly(batch, error)
        except Exception as error:  # noqa: BLE001 - every caller that waits gets the error
            for change in batch:
                change.failed(error)
        else:
            for change in batch:
                change.succeeded(was_applied=change.key in applied)

    async def _write_singly(self, batch: list[Change], error: sqlite3.DatabaseError) -> None:
        """Find the change for which the whole batch was refused; the others are written."""
        if len(batch) == 1:
            batch[0].failed(error)
            return
        for change in batch:
            await self._write([change])
