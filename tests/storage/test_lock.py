from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import StoreUnusable
from storage.database import open_database

HOLDER = """
import pathlib, sys
from storage.lock import held
with held(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the database."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(  # noqa: S603 - the program above
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


async def test_a_second_process_is_refused_and_told_who_has_it(
    path: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(StoreUnusable, match=rf"process {holder.pid} holds matinee\.db\.lock"):
        async with open_database(path):
            pass
    assert not path.exists()


async def test_a_process_that_was_killed_holds_nothing(path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()

    async with open_database(path) as database:
        assert await database.rows("SELECT 1") == [(1,)]


async def test_the_same_process_cannot_open_it_twice_either(path: Path) -> None:
    async with open_database(path):
        with pytest.raises(StoreUnusable, match="Another Matinee"):
            async with open_database(path):
                pass


async def test_it_may_be_opened_again_after_it_was_closed(path: Path) -> None:
    for _ in range(2):
        async with open_database(path):
            pass
