"""Two processes on one file, as if there were no lock: the database alone keeps what was promised."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from storage.maintenance.backup import check
from storage.sqlite.database import open_database
from storage.sqlite.jobs import SqliteJobStore
from tests.storage.crowd_of_orders import ORDERS


async def ordered_by_two(path: Path, *orders: tuple[int, int]) -> Counter[str]:
    """Let a process for each first number and step order at the same time; count how it came out."""
    async with open_database(path):
        pass
    with ExitStack() as stack:
        crowds = [stack.enter_context(crowd(path, first, step)) for first, step in orders]
        assert [crowd.stdout.readline() for crowd in crowds if crowd.stdout] == ["ready\n"] * len(crowds)
        for each in crowds:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        return Counter(word for each in crowds if each.stdout for word in each.stdout.read().split())


def crowd(path: Path, first: int, step: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.storage.crowd_of_orders", str(path), str(first), str(step)]
    return subprocess.Popen(  # noqa: S603 - ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


async def kept(path: Path) -> int:
    """How many jobs there are, in a database that is sound."""
    async with open_database(path) as database:
        assert await check(database) == []
        return len([job async for job in SqliteJobStore(database).pending()])


async def test_of_a_thousand_orders_at_two_processes_exactly_as_many_pass_as_the_limits_allow(
    path: Path,
) -> None:
    outcomes = await ordered_by_two(path, (0, 2), (1, 2))

    assert outcomes == {"Admitted": 100, "OverLimit": ORDERS - 100}
    assert await kept(path) == 100


async def test_the_same_thousand_orders_at_two_processes_make_one_job_each(path: Path) -> None:
    outcomes = await ordered_by_two(path, (0, 1), (0, 1))

    assert outcomes == {"Admitted": 100, "Known": 100, "OverLimit": 2 * (ORDERS - 100)}
    assert await kept(path) == 100
