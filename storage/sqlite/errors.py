"""Turns SQLite's errors into errors that say what happened and what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from core.model.errors import StoreError, StoreFull, StoreUnusable
from storage.sqlite.migrate import backups

_UNWRITABLE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's result code without its extension, 0 for an error of the Python module's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def translate(error: sqlite3.DatabaseError, path: Path) -> StoreError | sqlite3.DatabaseError:
    """Return what an error means for the program; the error itself where a statement is wrong."""
    code = primary_code(error)
    if code in _UNWRITABLE:
        return _full(path, str(error))
    return damage_error(path, str(error)) if code in _DAMAGED else error


def without_room(path: Path) -> StoreFull:
    """Return the error for a disk that is about to be full."""
    return _full(path, "the disk is nearly full")


def _full(path: Path, why: str) -> StoreFull:
    return StoreFull(
        f"{path} cannot be written ({why}), so nothing new is bought. Nothing was lost. "
        "Make room on the disk, or end the program that locks the file; no restart is needed."
    )


def damage_error(path: Path, finding: str) -> StoreUnusable:
    one_line = " ".join(finding.split())
    return StoreUnusable(
        f"{path} is damaged ({one_line}). Nothing was deleted. Stop Matinee, move {path.name}, "
        f"{path.name}-wal and {path.name}-shm to another folder and keep them, {_copied(path)} to {path}, "
        "and start again."
    )


def _copied(path: Path) -> str:
    """Name the file to put in the place of a damaged one."""
    folder = backups(path)
    copies = sorted(folder.glob(f"*{path.suffix}"), key=lambda copy: copy.stat().st_mtime)
    if copies:
        return f"copy {copies[-1]}, the newest copy there,"
    return f"copy what `matinee db backup` wrote last ({folder} holds nothing)"
