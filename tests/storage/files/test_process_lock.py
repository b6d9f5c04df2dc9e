from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.model.errors import StoreInUse, StoreUnusable
from storage.sqlite.database import open_database

OWNER = """
import asyncio, pathlib, sys
from storage.sqlite.database import open_database
async def main(path):
    async with open_database(path):
        print("held", flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main(pathlib.Path(sys.argv[1])))
"""
HOLDER = """
import pathlib, sys
from storage.files.process_lock import hold
with hold(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock."""
    yield from running(HOLDER, path)


@pytest.fixture
def owner(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the database open."""
    yield from running(OWNER, path)


def running(program: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(  # noqa: S603 - the programs above
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


def by_symlink(path: Path) -> Path:
    (path.parent / "link.db").symlink_to(path.name)
    return path.parent / "link.db"


def by_hard_link(path: Path) -> Path:
    (path.parent / "hard.db").hardlink_to(path)
    return path.parent / "hard.db"


def by_hard_link_elsewhere(path: Path) -> Path:
    (path.parent / "elsewhere").mkdir()
    (path.parent / "elsewhere" / path.name).hardlink_to(path)
    return path.parent / "elsewhere" / path.name


def by_symlink_of_a_symlink(path: Path) -> Path:
    (path.parent / "one.db").symlink_to(path)
    (path.parent / "elsewhere").mkdir()
    (path.parent / "elsewhere" / "two.db").symlink_to("../one.db")
    return path.parent / "elsewhere" / "two.db"


def by_linked_folder(path: Path) -> Path:
    (path.parent / "folder").symlink_to(path.parent, target_is_directory=True)
    return path.parent / "folder" / path.name


def by_a_way_around(path: Path) -> Path:
    (path.parent / "folder").mkdir()
    return path.parent / "folder" / ".." / path.name


WAYS = [
    by_symlink,
    by_hard_link,
    by_hard_link_elsewhere,
    by_symlink_of_a_symlink,
    by_linked_folder,
    by_a_way_around,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.usefixtures("owner")
async def test_a14_another_name_of_the_database_is_refused_to_a_second_process(
    path: Path, way: Callable[[Path], Path]
) -> None:
    with pytest.raises(StoreInUse, match="Another Matinee is using"):
        async with open_database(way(path)):
            pass


@pytest.mark.parametrize("way", WAYS)
async def test_a14_another_name_is_refused_within_a_process_and_takes_no_lock_of_sqlite_away(
    path: Path, way: Callable[[Path], Path]
) -> None:
    async with open_database(path) as database:
        locks = posix_locks()
        with pytest.raises(StoreInUse, match="Another Matinee is using"):
            async with open_database(way(path)):
                pass
        after = posix_locks()
        await database.rows("INSERT INTO notes (key, value) VALUES ('a', 'b')")

    assert after == locks > []


@pytest.mark.parametrize("way", WAYS)
async def test_a14_the_database_opens_by_another_name_once_it_is_free(
    path: Path, way: Callable[[Path], Path]
) -> None:
    async with open_database(path):
        pass

    async with open_database(way(path)) as database:
        assert await database.rows("SELECT 1") == [(1,)]


def posix_locks() -> list[str]:
    """The locks of this process that SQLite sets."""
    mine = (line for line in Path("/proc/locks").read_text().splitlines() if f" {os.getpid()} " in line)
    return sorted(line.partition(" ")[2] for line in mine if "POSIX" in line)
