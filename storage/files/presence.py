"""Puts back the program's files and folders on the disk if someone removes them while it runs."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path

from core.model.errors import StoreUnusable
from storage.files.durable import make_folder


class Presence(Enum):
    """How something on the disk was found: `RESTORED` was missing and is there again; `GONE` is not."""

    THERE = "there"
    RESTORED = "restored"
    GONE = "gone"


def keep_folder(folder: Path) -> Presence:
    """Make a folder again that was removed, closed to the program or replaced. Never raises."""
    if _is_usable(folder):
        return Presence.THERE
    try:
        if folder.is_dir():
            folder.chmod(folder.stat().st_mode | 0o700)
        else:
            set_aside(folder)
            make_folder(folder)
    except (OSError, StoreUnusable):
        return Presence.GONE
    return Presence.RESTORED if _is_usable(folder) else Presence.GONE


def set_aside(path: Path) -> None:
    """Give another name to what took something's place. Raise OSError.

    A link that leads nowhere stays: its target may come back.
    """
    if path.exists():
        path.rename(path.with_name(f"{path.name}.found-{os.urandom(4).hex()}"))


def _is_usable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)
