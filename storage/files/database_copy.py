"""Puts a whole copy of an open database in the place of its file, which was taken away."""

from __future__ import annotations

from pathlib import Path

from storage.files import durable
from storage.files.presence import set_aside
from storage.files.process_lock import hold_anew, let_go


def make_room(part: Path) -> None:
    """Make the empty file that the copy is written into. Raise OSError or StoreUnusable."""
    durable.make_folder(part.parent)
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)


def put_in_place(part: Path, path: Path) -> int:
    """Give the copy the name; return what holds it. Raise OSError.

    What else has the name is set aside. A journal that is left belongs to what was open, and would be taken
    for the copy's own.
    """
    durable.sync(part)
    lock = hold_anew(part)
    try:
        set_aside(path)
        for journal in ("-wal", "-shm"):
            path.with_name(f"{path.name}{journal}").unlink(missing_ok=True)
        durable.rename(part, path)
    except OSError:
        let_go(lock)
        raise
    return lock
