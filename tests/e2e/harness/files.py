"""Pictures that people attach, and other things that they call so."""

from __future__ import annotations

import io

from PIL import Image

from sandbox.discord import Upload

PAGE = b"<!doctype html><html><body>Please sign in to see this picture.</body></html>"


def picture(name: str = "boat.png", width: int = 640, height: int = 360) -> Upload:
    """A picture of one colour, in the format that its name says."""
    written = io.BytesIO()
    Image.new("RGB", (width, height), "steelblue").save(written, name.rsplit(".", maxsplit=1)[-1].upper())
    return Upload(name, written.getvalue())
