"""Orders videos all at once, beside another process that does the same, and says how each order came out.

python -m tests.storage.crowd_of_orders DATABASE FIRST STEP
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import aiosqlite

from core.model.ledger import Measure, Scope
from core.model.limits import Limit
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from tests.contracts.examples import queued

ORDERS: Final = 1000
MEMBERS: Final = 7
LIMITS: Final = (
    Limit(scope=Scope.BOT, measure=Measure.OPEN_JOBS, most=100),
    Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, most=20),
)


async def main(path: Path, first: int, step: int) -> None:
    # Not `open_database`: its lock would keep the second process out, which is what is being done without.
    async with aiosqlite.connect(path, timeout=60, isolation_level=None) as connection:
        store = SqliteJobStore(Database(connection, path))
        os.write(1, b"ready\n")
        sys.stdin.readline()
        orders = [queued(n, requester_id=n % MEMBERS) for n in range(first, ORDERS, step)]
        outcomes = await asyncio.gather(*(store.admit(order, LIMITS) for order in orders))
    os.write(1, " ".join(type(outcome).__name__ for outcome in outcomes).encode())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
