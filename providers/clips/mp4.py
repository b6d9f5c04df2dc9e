"""Proves that a file is a whole MP4 with pictures in it (ISO/IEC 14496-12, "File structure", "stbl", "moof").

Only what a player needs is looked at: bytes after the last box, or boxes of unknown kinds, do
not matter.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_HEADER: Final = 8
_TO_THE_END: Final = bytes(4)
_LARGE_HEADER: Final = 16
_MOST_BOXES: Final = 100_000
_LONGEST_INDEX: Final = 32 * 2**20
_NEEDED: Final = frozenset({b"moov", b"moof", b"mdat"})
_MAY_BE_FIRST: Final = frozenset(
    {
        b"ftyp",
        b"styp",
        b"free",
        b"skip",
        b"wide",
        b"junk",
        b"pnot",
        b"uuid",
        b"emsg",
        b"sidx",
        b"moov",
        b"mdat",
    }
)
"""What files begin with that players play as MP4: those of QuickTime have no `ftyp`."""

_TABLE: Final = 8
"""Where the entries of a table begin: after its version, its flags and their number."""


class NotWhole(Exception):
    """The message says what is missing."""


@dataclass(frozen=True, slots=True)
class _Box:
    """A box whose content lies from `begin` up to `end`, which is that of the file if it `is_open`."""

    kind: bytes
    begin: int
    end: int
    is_open: bool = False


def looks_like_mp4(head: bytes) -> bool:
    return head[4:8] in _MAY_BE_FIRST


def prove(path: Path, *, is_cut: bool = False) -> None:
    """Raise NotWhole unless a track of pictures is there, with every `mdat` that holds a part of it.

    In a file that is cut, parts without an end of their own prove nothing: fragments, a box up to the end.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        boxes = list(_top_level(file, size))
        if not boxes or boxes[0].kind not in _MAY_BE_FIRST:
            raise NotWhole("it does not start as an MP4 does")
        index = next((box for box in boxes if box.kind == b"moov"), None)
        if index is None:
            raise NotWhole("it has no index of its pictures")
        tables = [
            _sample_table(track) for track in _children(_content(file, index), b"trak") if _is_film(track)
        ]
        has_fragments = any(_has_samples(_content(file, box)) for box in boxes if box.kind == b"moof")
    if is_cut and (has_fragments or any(box.is_open for box in boxes)):
        raise NotWhole("nobody can tell whether its end is missing")
    if not tables or not (has_fragments or any(_samples(table) for table in tables)):
        raise NotWhole("it has no pictures")
    held = [box for box in boxes if box.kind == b"mdat"]
    for place in (place for table in tables for place in _chunks(table)):
        if not any(box.begin <= place < box.end for box in held):
            raise NotWhole("a part of its pictures is missing")


def _top_level(file: BinaryIO, size: int) -> Iterator[_Box]:
    """Yield the boxes of a file, up to what is no box. Raise NotWhole where a needed one is cut off."""
    position = 0
    for _ in range(_MOST_BOXES):
        file.seek(position)
        box = _box(file.read(_LARGE_HEADER), position, size)
        if box is None:
            return
        if box.end > size:
            if box.kind in _NEEDED:
                raise NotWhole("it ends too early")
            return
        yield box
        position = box.end


def _box(header: bytes, position: int, size: int) -> _Box | None:
    """Read the header of the box at a position; None where there is none."""
    kind, length, smallest = header[4:8], int.from_bytes(header[:4]), _HEADER
    if length == 1:
        length, smallest = int.from_bytes(header[8:]), _LARGE_HEADER
    elif length == 0:
        length = size - position
    if len(header) < smallest or length < smallest or not any(kind):
        return None
    return _Box(kind, position + smallest, position + length, is_open=header[:4] == _TO_THE_END)


def _content(file: BinaryIO, box: _Box) -> bytes:
    if box.end - box.begin > _LONGEST_INDEX:
        raise NotWhole("its index is far too long")
    file.seek(box.begin)
    return file.read(box.end - box.begin)


def _children(content: bytes, kind: bytes) -> Iterator[bytes]:
    """Yield the content of each box of a kind directly inside."""
    position = 0
    while (box := _box(content[position : position + _LARGE_HEADER], position, len(content))) is not None:
        if box.kind == kind:
            yield content[box.begin : box.end]
        position = box.end


def _inside(content: bytes, *kinds: bytes) -> bytes:
    """Return the content of the first box on a path of kinds; nothing where it does not lead on."""
    for kind in kinds:
        content = next(_children(content, kind), b"")
    return content


def _is_film(track: bytes) -> bool:
    return _inside(track, b"mdia", b"hdlr")[8:12] == b"vide"


def _sample_table(track: bytes) -> bytes:
    return _inside(track, b"mdia", b"minf", b"stbl")


def _samples(table: bytes) -> int:
    """Count the pictures that a table of samples names."""
    sizes = _inside(table, b"stsz") or _inside(table, b"stz2")
    return int.from_bytes(sizes[8:12])


def _chunks(table: bytes) -> Iterator[int]:
    """Yield where in the file the samples lie."""
    for kind, entry in ((b"stco", ">I"), (b"co64", ">Q")):
        content = _inside(table, kind)
        width = struct.calcsize(entry)
        whole = (len(content) - _TABLE) // width * width
        if whole > 0:
            count = int.from_bytes(content[4:_TABLE])
            entries = struct.iter_unpack(entry, content[_TABLE : _TABLE + min(whole, count * width)])
            yield from (place for (place,) in entries)


def _has_samples(fragment: bytes) -> bool:
    """Whether a `moof` names samples."""
    runs = (run for track in _children(fragment, b"traf") for run in _children(track, b"trun"))
    return any(int.from_bytes(run[4:8]) for run in runs)
