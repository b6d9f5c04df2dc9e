"""Folders that are their owner's alone, and files that survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path

from core.model.errors import StoreUnusable


def make_folder(folder: Path) -> None:
    """Make a folder where it is missing. Raise StoreUnusable, for the operator, where that can't be done."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error


def unwritable(folder: Path, error: OSError) -> StoreUnusable:
    return StoreUnusable(
        f"The folder {folder} cannot be written ({error.strerror}). "
        "Give it to the user that runs Matinee, or name another in MATINEE_DATA_DIR."
    )


def append(path: Path, content: bytes) -> None:
    """Add to a file that only its owner can read, made where it is missing; return when it is on the disk."""
    is_new = not path.exists()
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        while content:
            content = content[os.write(file, content) :]
        os.fsync(file)
    finally:
        os.close(file)
    if is_new:
        sync(path.parent)


def rename(old: Path, new: Path) -> None:
    """Give a file on the disk its name, in place of another that has it."""
    old.replace(new)
    sync(new.parent)


def rewrite(path: Path, content: bytes, *, is_shared: bool = False) -> None:
    """Put a file in the place of another, on the disk. Raise OSError, and leave nothing behind.

    `is_shared` is for a file that several may write at once.
    """
    part = part_of(path, is_shared=is_shared)
    part.unlink(missing_ok=True)
    try:
        append(part, content)
        rename(part, path)
    finally:
        part.unlink(missing_ok=True)  # half a copy would take the last space from the next write


def part_of(path: Path, *, is_shared: bool = False) -> Path:
    """Name the file in which another is written before it takes its place: a new one each time if shared."""
    attempt = f".{os.urandom(4).hex()}" if is_shared else ""
    return path.with_name(f"{path.name}{attempt}.part")


def sync(path: Path) -> None:
    """Return when a file, or the names in a folder, are on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
