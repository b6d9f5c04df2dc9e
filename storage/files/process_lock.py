"""Lets one process at a time use a database, by whichever name it reaches the file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from core.model.errors import StoreInUse, StoreUnusable
from storage.files.durable import make_folder, unwritable

Identity: TypeAlias = tuple[int, int]
"""The device and the inode of a file: the same for all its names."""

_OURS: Final[set[Identity]] = set()
"""The databases that this process holds. Opening one of them a second time, and closing it again, would take
away the locks of SQLite's own, which belong to the process (POSIX, fcntl)."""


@contextmanager
def hold(database: Path) -> Generator[None]:
    """Hold `<database>.lock`. Raise StoreInUse if another process does, StoreUnusable if it cannot be made.

    The kernel lets go of it however the process ends, so a lock file that is left over means nothing.
    """
    path = database.with_name(f"{database.name}.lock")
    make_folder(path.parent)
    file = _open(path)
    try:
        if not _is_taken(file):
            raise _in_use(database, holder=_holder(file), what=path.name)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)


@contextmanager
def hold_file(database: Path) -> Generator[None]:
    """Hold the file of the database, made where it is missing. Leave it after the database was closed.

    A link to the file, or another way to its folder, may have a lock file of its own. Raise StoreInUse if
    another process holds it, StoreUnusable if it cannot be opened.
    """
    identity, file = _identify(database)
    try:
        if not _is_taken(file):
            raise _in_use(database, holder="unknown", what=f"the file {database.name} by another name")
        _OURS.add(identity)
        yield
    finally:
        _OURS.discard(identity)
        os.close(file)


def identity_of(path: Path) -> Identity | None:
    """Identify a file, by all its names; None where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def hold_replacement(file: Path) -> int:
    """Hold a file that is about to take the database's place, until `let_go`. Raise OSError or StoreInUse."""
    descriptor = os.open(file, os.O_RDONLY)
    if not _is_taken(descriptor):
        os.close(descriptor)
        raise _in_use(file, holder="unknown", what=file.name)
    _OURS.add(_identity(descriptor))
    return descriptor


def let_go(descriptor: int) -> None:
    _OURS.discard(_identity(descriptor))
    os.close(descriptor)


def _identity(descriptor: int) -> Identity:
    facts = os.fstat(descriptor)
    return facts.st_dev, facts.st_ino


def _identify(database: Path) -> tuple[Identity, int]:
    try:
        database.touch(mode=0o600)
        facts = database.stat()
        identity = facts.st_dev, facts.st_ino
        if identity in _OURS:
            raise _in_use(database, holder=str(os.getpid()), what=f"the file {database.name} by another name")
        return identity, os.open(database, os.O_RDONLY)
    except OSError as error:
        raise StoreUnusable(f"{database} cannot be opened: {error}. Nothing was changed.") from error


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unwritable(path.parent, error) from error


def _is_taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(file: int) -> str:
    return os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"


def _in_use(database: Path, *, holder: str, what: str) -> StoreInUse:
    return StoreInUse(
        f"Another Matinee is using {database.parent}: process {holder} holds {what}. "
        "Stop that one first; two at a time would pay for the same video twice.",
        f"Process {holder}",
    )
