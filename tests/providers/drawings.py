"""Pictures for tests, drawn on the spot."""

import io

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
