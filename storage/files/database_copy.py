"""Puts a whole copy of an open database in the place of its file, which was removed."""

from __future__ import annotations

from pathlib import Path

from storage.files import durable
from storage.files.presence import set_aside
from storage.files.process_lock import hold_replacement, let_go


def make_room(part: Path) -> None:
    """Make the empty file that the copy is written into. Raise OSError or StoreUnusable."""
    durable.make_folder(part.parent)
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)


def put_in_place(part: Path, path: Path) -> int:
    """Give the copy the name; return the lock on it. Raise OSError.

    Another file with that name is set aside. A journal left by the old database would be taken
    for the copy's own.
    """
    durable.sync(part)
    lock = hold_replacement(part)
    try:
        set_aside(path)
        for journal in ("-wal", "-shm"):
            path.with_name(f"{path.name}{journal}").unlink(missing_ok=True)
        durable.rename(part, path)
    except OSError:
        let_go(lock)
        raise
    return lock
