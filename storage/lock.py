"""Lets one process at a time use a database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreInUse
from storage.durable import make_folder, unwritable


@contextmanager
def held(database: Path) -> Generator[None]:
    """Hold `<database>.lock`. Raise StoreInUse if another process does, StoreUnusable if it cannot be made.

    The kernel lets go of it however the process ends, so a lock file that is left over means nothing.
    """
    path = database.with_name(f"{database.name}.lock")
    file = _opened(path)
    try:
        _take(file, path)
        yield
    finally:
        os.close(file)


def _opened(path: Path) -> int:
    make_folder(path.parent)
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def _take(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
        raise StoreInUse(
            f"Another Matinee is using {path.parent}: process {holder} holds {path.name}. "
            "Stop that one first; two at a time would pay for the same video twice.",
            f"Process {holder}",
        ) from error
    os.ftruncate(file, 0)
    os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
