"""Pictures that are made to do harm, written by hand so that nothing here has to draw them."""

from __future__ import annotations

import struct
import zlib

from tests.providers.pictures.drawings import drawing


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)


def huge_png(width: int, height: int) -> bytes:
    """A PNG that says it is so large, of a few hundred bytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def talkative_png(kind: bytes, *, unpacks_to: int = 50_000_000, after_the_picture: bool = False) -> bytes:
    """A small picture with a note that unpacks to very much."""
    packed = zlib.compress(bytes(unpacks_to), 9)
    keyword = {b"zTXt": b"note\0\0", b"iTXt": b"note\0\1\0\0\0", b"iCCP": b"profile\0\0"}[kind]
    plain = drawing(400, 300)
    at = len(plain) - 12 if after_the_picture else 33
    return plain[:at] + chunk(kind, keyword + packed) + plain[at:]


def long_gif(frames: int) -> bytes:
    """A GIF of so many frames, each of one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 400, 300, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return head + frame * frames + b";"


def long_webp(frames: int, width: int = 400, height: int = 300) -> bytes:
    """An animated WebP of so many frames, of which none has anything in it."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + sides
    frame = b"ANMF" + struct.pack("<I", 16) + bytes(16)
    content = b"WEBP" + extended + b"ANIM" + struct.pack("<I", 6) + bytes(6) + frame * frames
    return b"RIFF" + struct.pack("<I", len(content)) + content


def two_faced_jpeg() -> bytes:
    """A JPEG that says at first that it is small, and then that it is very large."""
    plain = drawing(400, 300, "JPEG")
    at = plain.index(b"\xff\xc0")
    frame = plain[at : at + 2 + int.from_bytes(plain[at + 2 : at + 4])]
    large = frame[:5] + struct.pack(">HH", 60_000, 60_000) + frame[9:]
    return plain[: at + len(frame)] + large + plain[at + len(frame) :]
