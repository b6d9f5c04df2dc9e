"""Copies a database while a bot runs on it, and says whether a database is sound."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.model.errors import StoreError, StoreFull
from storage.files import durable
from storage.sqlite.database import Database
from storage.sqlite.migrate import mark_as_copy


async def backup(database: Database, into: Path) -> None:
    """Write a whole copy to `into`, which appears under its name only when it is on the disk.

    Raise StoreFull, and leave nothing behind, if it cannot be written; StoreError if the file exists,
    for nothing is ever replaced.
    """
    copy = durable.part_of(into)
    await asyncio.to_thread(_clear, into, copy)
    try:
        await database.rows("VACUUM INTO ?", (str(copy),))
        await asyncio.to_thread(_finish, copy, into)
    finally:
        await asyncio.to_thread(copy.unlink, missing_ok=True)


async def check(database: Database) -> list[str]:
    """Read the whole database and return what is wrong with it: nothing, if it is sound."""
    findings = [str(finding) for (finding,) in await database.rows("PRAGMA integrity_check")]
    return [] if findings == ["ok"] else findings


def _clear(into: Path, copy: Path) -> None:
    if into.exists():
        raise StoreError(f"{into} exists already and is not replaced. Name another file.")
    try:
        into.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        copy.touch(mode=0o600)
    except OSError as error:
        raise StoreFull(f"{into} cannot be written ({error.strerror}). Name another file.") from error


def _finish(copy: Path, into: Path) -> None:
    mark_as_copy(copy)
    durable.sync(copy)
    durable.rename(copy, into)
