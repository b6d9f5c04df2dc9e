"""Looks at members' pictures and links before a cent is spent on them."""

from __future__ import annotations

import asyncio
import io
import struct
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Final

import httpx
from PIL import Image, ImageOps

from core.errors import LinkUnusable, PictureUnusable
from core.ports import PictureFile
from providers.addresses import Addresses, is_literal, place

_LARGEST_IN: Final = 50_000_000
_LARGEST: Final = 10_000_000
_SHORTEST_SIDE: Final = 300
_LONGEST_SIDE: Final = 4096
_MOST_PIXELS: Final = 50_000_000
_WIDEST: Final = 2.5
_LONGEST_LINK: Final = 2048
_READ: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_TAKEN: Final = {"JPEG": "image/jpeg", "PNG": "image/png"}
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1
_QUALITIES: Final = (92, 80, 50)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that Kling takes: a JPEG or PNG of at most 10 MB. `is_converted`: it was not so before."""

    data: bytes
    media_type: str
    width: int
    height: int
    is_converted: bool

    @property
    def extension(self) -> str:
        return ".jpg" if self.media_type == "image/jpeg" else ".png"


class KlingPictures:
    """Implements `core.ports.Pictures`. `allowed` and `own` are those of `checked_link`."""

    def __init__(self, allowed: Collection[str] = (), *, own: str | None = None) -> None:
        self._allowed = frozenset(allowed)
        self._own = own

    async def fitted(self, data: bytes) -> PictureFile:
        picture = await inspect(data)
        return PictureFile(picture.data, picture.extension, picture.is_converted)

    def checked_link(self, link: str) -> str:
        return checked_link(link, self._allowed, own=self._own)


async def inspect(data: bytes) -> Picture:
    """Find out what a file really is and make it one that Kling takes.

    Format, rotation and weight are put right; size and shape are the member's. Raise PictureUnusable.
    """
    if len(data) > _LARGEST_IN:
        raise PictureUnusable(
            f"The picture weighs {len(data) / 1e6:.0f} MB. Use one of at most {_LARGEST_IN // 1_000_000} MB."
        )
    return await asyncio.to_thread(_inspected, data)


def checked_link(url: str, allowed: Collection[str] = (), *, own: str | None = None) -> str:
    """Return a link that a gateway can fetch a picture from. Raise LinkUnusable.

    `allowed` lists exact `host:port` that may be private or plain http. `own` is the address under which
    we show videos ourselves: no link leads back there.
    """
    link = url.strip().removeprefix("<").removesuffix(">")
    if len(link) > _LONGEST_LINK:
        raise LinkUnusable(
            f"The link has {len(link):,} characters; {_LONGEST_LINK:,} is the most that is taken."
        )
    try:
        parsed = httpx.URL(link)
    except httpx.InvalidURL:
        raise LinkUnusable(
            "That is not a link. Give one that starts with https:// and leads to a picture."
        ) from None
    if not Addresses(frozenset(allowed)).lists(parsed):
        _check_public(parsed)
    if parsed.userinfo or any(sign in link for sign in ("\\", " ")):
        raise LinkUnusable("The link has a user name, a space or a backslash in it. Give a plain link.")
    if own is not None and _is_below(httpx.URL(own), parsed):
        raise LinkUnusable("The link leads to a video of mine, not to a picture. Attach the picture instead.")
    return str(parsed)


def _is_below(own: httpx.URL, url: httpx.URL) -> bool:
    """Whether a link leads to what is under an address, however it is spelt."""
    is_there = place(url).replace(".:", ":") == place(own)
    return is_there and f"{url.path}/".startswith(f"{own.path.rstrip('/')}/")


def _check_public(url: httpx.URL) -> None:
    if url.scheme != "https" or not url.host:
        raise LinkUnusable("The link must start with https:// and lead to a picture.")
    if url.port not in {None, 443}:
        raise LinkUnusable(
            f"The link uses port {url.port}. Give a link to a picture on the ordinary https port."
        )
    if is_literal(url.host) or "." not in url.host.strip("."):
        raise LinkUnusable("The link leads to a bare address. Give one with the name of a public website.")


def _inspected(data: bytes) -> Picture:
    try:
        with Image.open(io.BytesIO(data), formats=_readable()) as image:
            _check_shape(image)
            return _as_it_is(image, data) or _converted(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureUnusable("The picture has too many pixels. Use one of at most 50 megapixels.") from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise PictureUnusable(
            "That file is not a picture that can be read. Use a JPEG, PNG, WebP or GIF."
        ) from error


@cache
def _readable() -> list[str]:
    """Return the formats that are read, as far as this Pillow knows them."""
    Image.init()
    return [name for name in _READ if name in Image.OPEN]


def _check_shape(image: Image.Image) -> None:
    width, height = image.size
    if width * height > _MOST_PIXELS:
        raise PictureUnusable(
            f"The picture has {width} by {height} pixels. Use one of at most 50 megapixels."
        )
    if min(width, height) < _SHORTEST_SIDE:
        raise PictureUnusable(
            f"The picture has {width} by {height} pixels. Kling needs at least {_SHORTEST_SIDE} on each side."
        )
    if max(width, height) > _WIDEST * min(width, height):
        raise PictureUnusable(
            f"The picture has {width} by {height} pixels, which is too long. Kling takes 1:2.5 to 2.5:1."
        )


def _as_it_is(image: Image.Image, data: bytes) -> Picture | None:
    """Return the picture unchanged where Kling takes it so."""
    media_type = _TAKEN.get(image.format or "")
    is_upright = image.getexif().get(_ORIENTATION, _UPRIGHT) == _UPRIGHT
    image.load()
    if media_type is None or not is_upright or image.has_transparency_data or not _is_light(data):
        return None
    width, height = image.size
    return Picture(data, media_type, width, height, is_converted=False)


def _converted(image: Image.Image) -> Picture:
    """Make an upright JPEG of a picture's first frame, on white, as good as its weight allows."""
    upright = ImageOps.exif_transpose(image).convert("RGBA")
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright)
    flat.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    data = next(filter(_is_light, (_jpeg(flat, quality) for quality in _QUALITIES)), None)
    if data is None:
        raise PictureUnusable("The picture cannot be brought under 10 MB. Use a smaller one.")
    width, height = flat.size
    return Picture(data, _TAKEN["JPEG"], width, height, is_converted=True)


def _is_light(data: bytes) -> bool:
    return len(data) <= _LARGEST


def _jpeg(image: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=quality)
    return written.getvalue()
