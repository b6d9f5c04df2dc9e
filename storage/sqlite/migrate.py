"""Brings a database file to the version that this program knows, one numbered step at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import aiosqlite

from core.model.errors import StoreUnusable

IS_COPY: Final = "is a copy"
"""The note that marks a copy: if it is in the place of the database, it is older than that was."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `script` leads from version `number - 1` to `number`."""

    number: int
    name: str
    script: str


def shipped_migrations() -> list[Migration]:
    """Return the steps that come with the program, in order: `migrations/0001_jobs.sql` is the first."""
    folder = files("storage").joinpath("migrations")
    scripts = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name
    )
    return [
        Migration(number=int(file.name[:4]), name=file.name, script=file.read_text(encoding="utf-8"))
        for file in scripts
    ]


async def migrate(connection: aiosqlite.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Run the steps that are missing, each wholly or not at all, after a backup of what is there.

    Raise StoreUnusable if the file is newer than the steps, or if a step fails.
    """
    version = await _version(connection)
    latest = migrations[-1].number
    if version > latest:
        raise StoreUnusable(
            f"{path} was written by a newer Matinee: it has version {version}, and this one knows up to "
            f"{latest}. Install the newer Matinee again, or restore an older file from {backups(path)}."
        )
    if 0 < version < latest:
        await _back_up(connection, path, version)
    for migration in migrations[version:]:
        await _run(connection, path, migration)


def mark_as_copy(path: Path) -> None:
    """Mark a copy of a database, which no other program has opened yet, as one."""
    with closing(sqlite3.connect(path)) as copy, copy:
        copy.execute("INSERT OR REPLACE INTO notes (key, value) VALUES (?, '')", (IS_COPY,))


def backups(database: Path) -> Path:
    """Return the folder in which backups of a database are kept."""
    return database.parent / "backups"


async def _version(connection: aiosqlite.Connection) -> int:
    rows = await connection.execute_fetchall("PRAGMA user_version")
    return int(next(iter(rows))[0])


async def _back_up(connection: aiosqlite.Connection, path: Path, version: int) -> None:
    """Copy the file as it was before its first missing step; an attempt that failed may have left a copy."""
    folder = backups(path)
    copy = folder / f"{path.stem}-version-{version}{path.suffix}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        copy.unlink(missing_ok=True)
        await connection.execute_fetchall("VACUUM INTO ?", (str(copy),))
        mark_as_copy(copy)
        copy.chmod(0o600)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnusable(
            f"{path} is brought up to date only after a backup, and {copy} cannot be written ({error}). "
            "Nothing was changed. Make room there, then start again."
        ) from error


async def _run(connection: aiosqlite.Connection, path: Path, migration: Migration) -> None:
    # `executescript` would commit a transaction that was begun outside its script.
    whole = f"BEGIN IMMEDIATE;\n{migration.script};\nPRAGMA user_version = {migration.number};\nCOMMIT;"
    try:
        await connection.executescript(whole)
    except sqlite3.Error as error:
        raise StoreUnusable(
            f"{path} could not be brought to version {migration.number} by {migration.name}: {error}. "
            "It is as it was before that step. Nothing was lost; please report this."
        ) from error
    finally:
        await connection.rollback()
