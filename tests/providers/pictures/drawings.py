"""Pictures for tests, drawn on the spot."""

import io
import random

from PIL import Image


def drawing(
    width: int, height: int, kind: str = "PNG", *, mode: str = "RGB", orientation: int | None = None
) -> bytes:
    """Draw a plain picture; `orientation` is the EXIF value that turns it."""
    image = Image.new(mode, (width, height), (30, 90, 160, 90)[: len(mode)])
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    written = io.BytesIO()
    image.save(written, kind, exif=exif)
    return written.getvalue()


def noise(width: int, height: int) -> bytes:
    """Draw what no format can make small without loss."""
    pixels = random.Random(1).randbytes(width * height * 3)
    written = io.BytesIO()
    Image.frombytes("RGB", (width, height), pixels).save(written, "PNG", compress_level=1)
    return written.getvalue()
