from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli.checks import machine
from bot.cli.checks.finding import Mark
from storage.sqlite.database import open_database
from storage.sqlite.migrate import shipped_migrations


async def test_a_sound_database_shows_its_version(folder: Path) -> None:
    async with open_database(folder / "matinee.db"):
        beside_a_running_bot = await machine.check_database(folder / "matinee.db")

    assert beside_a_running_bot.mark is Mark.PASSED
    assert beside_a_running_bot.said == f"sound, version {len(shipped_migrations())}"


@pytest.mark.parametrize(
    ("version", "mark", "says"), [(0, Mark.NOTED, "the next start brings it"), (99, Mark.FAILED, "newer")]
)
async def test_another_version_of_the_database_is_reported(
    folder: Path, version: int, mark: Mark, says: str
) -> None:
    with closing(sqlite3.connect(folder / "matinee.db")) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("CREATE TABLE something (x)")

    found = await machine.check_database(folder / "matinee.db")

    assert (found.mark, says in found.said) == (mark, True)


@pytest.mark.parametrize("content", [b"this is no database" * 500, b"SQLite format 3\0" + b"\xff" * 8000])
async def test_a_damaged_database_is_reported(folder: Path, content: bytes) -> None:
    (folder / "matinee.db").write_bytes(content)

    found = await machine.check_database(folder / "matinee.db")

    assert found.is_failure


def test_a_data_folder_that_is_a_file_cannot_be_written(folder: Path) -> None:
    (folder / "data").write_text("")

    found = machine.check_folder(folder / "data" / "videos")

    assert found.is_failure
    assert "MATINEE_DATA_DIR" in found.said


def test_a_data_folder_is_looked_at_without_being_made(folder: Path) -> None:
    found = machine.check_folder(folder / "some" / "data")

    assert found.mark is Mark.PASSED
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_reported(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "LEAST_FREE", 10**18)

    found = machine.check_folder(folder)

    assert found.is_failure
    assert "Make room" in found.said


@pytest.mark.parametrize(
    ("script", "mark"),
    [
        ("echo ffmpeg version 7.1 Copyright", Mark.PASSED),
        ("echo something else", Mark.FAILED),
        ("exit 1", Mark.FAILED),
    ],
)
async def test_ffmpeg_is_run_to_see_whether_it_works(
    folder: Path, monkeypatch: pytest.MonkeyPatch, script: str, mark: Mark
) -> None:
    program = folder / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")

    found = await machine.check_ffmpeg()

    assert found.mark is mark


async def test_without_a_system_ffmpeg_the_packaged_one_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    found = await machine.check_ffmpeg()

    assert found.mark is Mark.PASSED
