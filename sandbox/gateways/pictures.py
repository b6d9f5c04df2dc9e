"""Fetches the pictures of a task as the upstream does: from wherever the link leads, when work begins."""

import io

import aiohttp
from PIL import Image

LARGEST_PICTURE = 10 * 2**20
SHORTEST_SIDE = 300
NARROWEST, WIDEST = 1 / 2.5, 2.5
PATIENCE = aiohttp.ClientTimeout(total=15)


class PictureRefused(Exception):
    """The picture cannot be used; the message is what the task fails with."""


async def fetch_picture(session: aiohttp.ClientSession, link: str) -> bytes:
    """The bytes of a usable picture. Raise PictureRefused when it cannot be had or used."""
    try:
        async with session.get(link, timeout=PATIENCE) as response:
            if not response.ok:
                raise PictureRefused(f"Failed to download the image: the host answered {response.status}")
            picture = await _capped(response.content)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise PictureRefused(f"Failed to fetch the image: {type(error).__name__}") from error
    check_picture(picture)
    return picture


def check_picture(picture: bytes) -> None:
    """Kling's own limits: JPEG or PNG, sides of 300 pixels or more, ratio between 1:2.5 and 2.5:1."""
    try:
        with Image.open(io.BytesIO(picture)) as image:
            kind, (width, height) = image.format, image.size
    except (OSError, ValueError) as error:
        raise PictureRefused("Image format is invalid") from error
    if kind not in ("JPEG", "PNG"):
        raise PictureRefused("Image format is invalid: only JPEG and PNG are supported")
    if min(width, height) < SHORTEST_SIDE or not NARROWEST <= width / height <= WIDEST:
        raise PictureRefused("Image pixel is invalid")


async def _capped(content: aiohttp.StreamReader) -> bytes:
    picture = bytearray()
    async for chunk in content.iter_chunked(2**16):
        picture += chunk
        if len(picture) > LARGEST_PICTURE:
            raise PictureRefused("Image file size exceeds 10 MB")
    return bytes(picture)
