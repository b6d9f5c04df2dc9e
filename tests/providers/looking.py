"""Looks at a picture as the bot does, in a child process, without a Discord to fetch it from."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from core.dispatch.picture_queue import PictureQueue
from providers import open_network
from providers.pictures.intake import ChildPictures
from storage.ffmpeg.subprocess import run
from tests.fakes.clock import VirtualClock


@dataclass(frozen=True, slots=True)
class Picture:
    """What is sent on of a picture, and what it is."""

    data: bytes
    media_type: str
    width: int
    height: int
    is_converted: bool


async def inspect(data: bytes) -> Picture:
    """Make a picture fit. Raise what `core.ports.PictureIntake` raises."""
    clock = VirtualClock()
    with TemporaryDirectory() as folder:
        async with open_network(clock=clock) as network:
            intake = ChildPictures(
                network=network, run=run, queue=PictureQueue(clock), folder=Path(folder, "incoming")
            )
            fitted = await intake.fit(data, 1)
    with Image.open(io.BytesIO(fitted.data)) as image:
        media_type = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}[image.format or ""]
        return Picture(fitted.data, media_type, *image.size, is_converted=fitted.is_changed)
