"""Proves that a file is a whole MP4, by its boxes (ISO/IEC 14496-12, "File structure")."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Final

_HEADER: Final = 8
_LARGE_HEADER: Final = 16
_MOST_BOXES: Final = 100_000


class NotWhole(Exception):
    """The message says what is missing."""


def looks_like_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def prove(path: Path) -> None:
    """Walk the file's top-level boxes. Raise NotWhole unless they add up and a `moov` is among them."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        kinds = _kinds(file, size)
    if not kinds or kinds[0] != b"ftyp":
        raise NotWhole("it does not start as an MP4 does")
    if b"moov" not in kinds:
        raise NotWhole("it has no index of its pictures")


def _kinds(file: BinaryIO, size: int) -> list[bytes]:
    kinds: list[bytes] = []
    position = 0
    while position < size:
        kind, length = _box(file, position, size)
        position += length
        if position > size or len(kinds) >= _MOST_BOXES:
            raise NotWhole("it ends too early")
        kinds.append(kind)
    return kinds


def _box(file: BinaryIO, position: int, size: int) -> tuple[bytes, int]:
    """Return the kind and length of the box at a position."""
    file.seek(position)
    header = file.read(_LARGE_HEADER)
    kind, length = header[4:8], int.from_bytes(header[:4])
    smallest = _HEADER
    if length == 1:
        length, smallest = int.from_bytes(header[8:]), _LARGE_HEADER
    elif length == 0:
        length = size - position
    if len(header) < smallest or length < smallest or not kind.isascii() or b"\0" in kind:
        raise NotWhole("it ends in the middle of something")
    return kind, length
