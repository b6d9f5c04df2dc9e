from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Sequence

import pytest

from storage.sqlite.batch_writer import BATCH_LIMIT, BatchWriter, Line, Row

ADD = "ADD"
TAKE = "TAKE"


class Ledger:
    """Takes batches as a database does, and remembers them. It refuses lines that say `bad`."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[int]]] = []
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.trouble: Exception | None = None

    async def run(self, statement: str, parameters: Row) -> list[Row]:
        await self.is_open.wait()
        lines = json.loads(parameters[0])
        self.batches.append((statement, [key for key, _ in lines]))
        if self.trouble is not None:
            raise self.trouble
        if any(word == "bad" for _, word in lines):
            raise sqlite3.IntegrityError("bad")
        return [(key,) for key, word in lines if word != "unknown"]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def writer(ledger: Ledger) -> AsyncIterator[BatchWriter]:
    writer = BatchWriter(ledger.run)
    yield writer
    await writer.close()


def add(writer: BatchWriter, key: int, word: str = "good") -> asyncio.Task[bool]:
    return asyncio.create_task(writer.write(ADD, key, [key, word]))


async def test_changes_that_wait_together_share_a_batch(ledger: Ledger, writer: BatchWriter) -> None:
    outcomes = await asyncio.gather(*(add(writer, key) for key in range(5)))

    assert outcomes == [True] * 5
    assert ledger.batches == [(ADD, [0, 1, 2, 3, 4])]


async def test_one_change_alone_is_a_batch_too(ledger: Ledger, writer: BatchWriter) -> None:
    assert await add(writer, 1)
    assert ledger.batches == [(ADD, [1])]


async def test_a_batch_has_a_limit(ledger: Ledger, writer: BatchWriter) -> None:
    await asyncio.gather(*(add(writer, key) for key in range(BATCH_LIMIT + 1)))

    assert [len(keys) for _, keys in ledger.batches] == [BATCH_LIMIT, 1]


async def test_a_batch_holds_one_change_of_each_key_and_keeps_their_order(
    ledger: Ledger, writer: BatchWriter
) -> None:
    changes = [add(writer, 1), asyncio.create_task(writer.write(TAKE, 1, [1, "good"]))]
    changes += [add(writer, 1), add(writer, 2)]
    await asyncio.gather(*changes)

    assert ledger.batches == [(ADD, [1, 2]), (TAKE, [1]), (ADD, [1])]


async def test_a_statement_may_be_made_for_the_lines_that_share_it(
    ledger: Ledger, writer: BatchWriter
) -> None:
    def longest(lines: Sequence[Line]) -> str:
        return f"ADD up to {max(len(word) for _, word in lines)}"

    await asyncio.gather(*(writer.write(longest, key, [key, "x" * key]) for key in (1, 7, 3)))

    assert ledger.batches == [("ADD up to 7", [1, 7, 3])]


async def test_a_line_that_was_not_applied_says_so(writer: BatchWriter) -> None:
    assert await add(writer, 1)
    assert not await add(writer, 2, "unknown")


async def test_a_refused_batch_is_written_one_by_one(ledger: Ledger, writer: BatchWriter) -> None:
    outcomes = await asyncio.gather(
        add(writer, 1), add(writer, 2, "bad"), add(writer, 3), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [bool, sqlite3.IntegrityError, bool]
    assert ledger.batches == [(ADD, [1, 2, 3]), (ADD, [1]), (ADD, [2]), (ADD, [3])]


async def test_an_error_of_no_single_caller_reaches_every_caller_once(
    ledger: Ledger, writer: BatchWriter
) -> None:
    ledger.trouble = OSError("full")
    outcomes = await asyncio.gather(add(writer, 1), add(writer, 2), return_exceptions=True)
    ledger.trouble = None

    assert [type(outcome) for outcome in outcomes] == [OSError, OSError]
    assert len(ledger.batches) == 1
    assert await add(writer, 3)


async def test_a_cancelled_caller_takes_nothing_from_the_others(ledger: Ledger, writer: BatchWriter) -> None:
    ledger.is_open.clear()
    changes = [add(writer, key) for key in range(3)]
    await asyncio.sleep(0)
    changes[1].cancel()
    ledger.is_open.set()

    outcomes = await asyncio.gather(*changes, return_exceptions=True)

    assert [outcomes[0], type(outcomes[1]), outcomes[2]] == [True, asyncio.CancelledError, True]
    assert ledger.batches == [(ADD, [0, 1, 2])]


async def test_changes_that_come_while_one_is_written_wait_for_the_next_batch(
    ledger: Ledger, writer: BatchWriter
) -> None:
    ledger.is_open.clear()
    first = add(writer, 1)
    for _ in range(3):
        await asyncio.sleep(0)
    others = [add(writer, 2), add(writer, 3)]
    await asyncio.sleep(0)
    ledger.is_open.set()
    await asyncio.gather(first, *others)

    assert ledger.batches == [(ADD, [1]), (ADD, [2, 3])]


async def test_closing_writes_what_waits(ledger: Ledger, writer: BatchWriter) -> None:
    change = add(writer, 1)
    await asyncio.sleep(0)

    await writer.close()

    assert change.done() or await change
    assert ledger.batches == [(ADD, [1])]
