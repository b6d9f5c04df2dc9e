"""Reads from a picture's header what decoding it would take, without decoding anything.

Every walk through a file is bounded: a file whose size is not found by then has an unknown format.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, Final

_MOST_STEPS: Final = 100_000
MOST_TEXT: Final = 2**20
"""Bytes to which the text chunks of a PNG may unpack: Pillow takes no more, either."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PACKED: Final = frozenset({b"zTXt", b"iTXt", b"iCCP"})
_STARTS_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_MARKER: Final = b"\xff"
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_BOXES: Final = ((b"meta", 4), (b"iprp", 0), (b"ipco", 0))
"""The boxes of an AVIF on the way to its size, the outermost first, and the bytes before those inside."""


@dataclass(frozen=True, slots=True)
class Header:
    """`format` is Pillow's name, `frames` counts pictures that follow each other.

    `bytes_a_pixel` is what the whole process takes while it decodes and converts, as measured. `notes`
    counts the bytes to which packed notes unpack, until they are too many.
    """

    format: str
    width: int
    height: int
    bytes_a_pixel: float
    frames: int = 1
    notes: int = 0

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def weight(self) -> int:
        """How many bytes of memory it takes to convert the picture."""
        return int(self.pixels * self.bytes_a_pixel)


def read_header(file: BinaryIO) -> Header | None:
    """Read the header of a picture; None where it has none of the formats that are taken."""
    start = file.read(32)
    reader = next((reader for is_one, reader in _READERS.items() if is_one(start)), None)
    if reader is None:
        return None
    try:
        header = reader(file, start)
    except (struct.error, ValueError, OverflowError, OSError):
        return None
    return header if header is not None and header.pixels > 0 else None


# ------------------------------------------------------------ PNG


def _png(file: BinaryIO, start: bytes) -> Header | None:
    if start[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", start[16:24])
    header = Header("PNG", width, height, 6.5)
    for kind, size in _png_chunks(file):
        if kind == b"acTL":
            header = replace(header, frames=_number(file.read(4), ">I"))
        elif kind in _PACKED and header.notes <= MOST_TEXT:
            header = replace(
                header, notes=header.notes + _unpacked_size(kind, file.read(min(size, MOST_TEXT)))
            )
    return header


def _png_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield the kind and size of each chunk, the file standing at its content."""
    at = len(_PNG)
    for _ in range(_MOST_STEPS):
        _ = file.seek(at)
        head = file.read(8)
        if len(head) < 8:  # noqa: PLR2004 - a length and a kind
            return
        size = _number(head, ">I")
        yield head[4:], size
        at += size + 12


def _unpacked_size(kind: bytes, content: bytes) -> int:
    """Count to how much a note unpacks, as far as that is needed."""
    _, _, rest = content.partition(b"\0")
    if kind == b"iTXt":
        if rest[:1] != b"\1":
            return 0
        rest = rest[2:].split(b"\0", 2)[-1]
    else:
        rest = rest[1:]
    try:
        return len(zlib.decompressobj().decompress(rest, MOST_TEXT + 1))
    except zlib.error:
        return 0


# ------------------------------------------------------------ JPEG


def _jpeg(file: BinaryIO, _start: bytes) -> Header | None:
    for marker, size in _jpeg_segments(file):
        if marker in _STARTS_OF_FRAME:
            return _jpeg_frame(file.read(size), is_progressive=marker in _PROGRESSIVE)
    return None


def _jpeg_segments(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield the marker and size of each segment, the file standing at its content."""
    at = 2
    for _ in range(_MOST_STEPS):
        _ = file.seek(at)
        head = file.read(4)
        if len(head) < 2:  # noqa: PLR2004 - a marker has two bytes
            return
        if head[:1] != _MARKER or head[1] in {0x00, 0xFF}:
            at += 1  # fill bytes, or rubbish that decoders pass over
        elif head[1] in _WITHOUT_LENGTH:
            at += 2
        else:
            size = _number(head[2:], ">H")
            yield head[1], max(0, size - 2)
            at += 2 + size


def _jpeg_frame(content: bytes, *, is_progressive: bool) -> Header:
    """Read a frame header. A progressive picture has all its coefficients in memory, two bytes for each."""
    _, height, width, count = struct.unpack(">BHHB", content[:6])
    bytes_a_pixel = 7.0
    if is_progressive:
        factors = content[7 : 6 + 3 * count : 3] or b"\x11"  # of a damaged one as many as there are
        areas = [(factor >> 4) * (factor & 15) for factor in factors]
        most = max(factor >> 4 for factor in factors) * max(factor & 15 for factor in factors)
        bytes_a_pixel = max(bytes_a_pixel, 4 + 2 * sum(areas) / max(1, most))
    return Header("JPEG", width, height, bytes_a_pixel)


# ------------------------------------------------------------ WebP


def _webp(file: BinaryIO, start: bytes) -> Header | None:
    match start[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(start[at : at + 3], "little") + 1 for at in (24, 27))
            return Header("WEBP", width, height, 17.0, frames=max(1, _webp_frames(file)))
        case b"VP8L":
            bits = _number(start[21:25], "<I")
            return Header("WEBP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, 17.0)
        case b"VP8 ":
            width, height = struct.unpack("<HH", start[26:30])
            return Header("WEBP", width & 0x3FFF, height & 0x3FFF, 17.0)
        case _:
            return None


def _webp_frames(file: BinaryIO) -> int:
    at, frames = 12, 0
    for _ in range(_MOST_STEPS):
        _ = file.seek(at)
        head = file.read(8)
        if len(head) < 8:  # noqa: PLR2004 - a kind and a length
            break
        frames += head[:4] == b"ANMF"
        size = _number(head[4:], "<I")
        at += 8 + size + size % 2
    return frames


# ------------------------------------------------------------ GIF


def _gif(file: BinaryIO, start: bytes) -> Header:
    width, height = struct.unpack("<HH", start[6:10])
    _ = file.seek(13 + _gif_colours(start[10:11]))
    return Header("GIF", width, height, 3.5, frames=max(1, sum(islice(_gif_blocks(file), _MOST_STEPS))))


def _gif_blocks(file: BinaryIO) -> Iterator[bool]:
    """Yield for each block, and each part of one, whether an image begins there."""
    while (kind := file.read(1)) in {b",", b"!"}:
        _ = file.seek(_gif_colours(file.read(9)[-1:]) + 1 if kind == b"," else 1, 1)
        yield kind == b","
        while any(size := file.read(1)):
            _ = file.seek(size[0], 1)
            yield False


def _gif_colours(flags: bytes) -> int:
    """Return how many bytes of colours follow, as the last of these flags says."""
    return 3 * 2 ** ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


# ------------------------------------------------------------ the rest


def _bmp(_file: BinaryIO, start: bytes) -> Header | None:
    kind = "<HH" if _number(start[14:18], "<I") == 12 else "<ii"  # noqa: PLR2004 - OS/2's header
    width, height = struct.unpack(kind, start[18 : 18 + struct.calcsize(kind)])
    return Header("BMP", abs(width), abs(height), 7.0)


def _tiff(file: BinaryIO, start: bytes) -> Header | None:
    order = "<" if start[:2] == b"II" else ">"
    _ = file.seek(_number(start[4:8], f"{order}I"))
    sides = dict[int, int]()
    for _ in range(_number(file.read(2), f"{order}H")):
        tag, kind, _count = struct.unpack(f"{order}HHI", file.read(8))
        value = file.read(4)
        if tag in {256, 257}:
            sides[tag] = _number(value, f"{order}H" if kind == 3 else f"{order}I")  # noqa: PLR2004 - a short
    return Header("TIFF", sides.get(256, 0), sides.get(257, 0), 10.0)


def _avif(file: BinaryIO, _start: bytes) -> Header | None:
    """Take the largest of the sizes: one picture may be put together from many."""
    _ = file.seek(0, 2)
    sizes = list(islice(_avif_sizes(file, 0, file.tell()), _MOST_STEPS))
    if not sizes:
        return None
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Header("AVIF", width, height, 11.0)


def _avif_sizes(file: BinaryIO, at: int, end: int, depth: int = 0) -> Iterator[tuple[int, int]]:
    for _ in range(_MOST_STEPS):
        _ = file.seek(at)
        head = file.read(20)
        if at >= end or len(head) < 8:  # noqa: PLR2004 - a length and a kind
            return
        size, kind = _number(head, ">I"), head[4:8]
        after = at + size if size >= 8 else end  # noqa: PLR2004 - the last box may go on to the end
        if depth == len(_BOXES) and kind == b"ispe":
            yield struct.unpack(">II", head[12:20])
        elif depth < len(_BOXES) and kind == _BOXES[depth][0]:
            yield from _avif_sizes(file, at + 8 + _BOXES[depth][1], min(after, end), depth + 1)
        at = after


def _is_avif(start: bytes) -> bool:
    return start[4:8] == b"ftyp" and any(brand in start[8:] for brand in (b"avif", b"avis"))


def _number(content: bytes, kind: str) -> int:
    (number,) = struct.unpack_from(kind, content)
    return int(number)


_READERS: Final[Mapping[Callable[[bytes], bool], Callable[[BinaryIO, bytes], Header | None]]] = {
    lambda start: start.startswith(_PNG): _png,
    lambda start: start.startswith(b"\xff\xd8"): _jpeg,
    lambda start: start[:4] == b"RIFF" and start[8:12] == b"WEBP": _webp,
    lambda start: start.startswith((b"GIF87a", b"GIF89a")): _gif,
    lambda start: start.startswith(b"BM"): _bmp,
    lambda start: start.startswith((b"II*\0", b"MM\0*")): _tiff,
    _is_avif: _avif,
}
"""The first bytes of each kind of picture, and the function that reads its header."""
