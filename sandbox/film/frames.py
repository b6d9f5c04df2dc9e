"""Draws the frames of a film: a slow camera over a picture or a painted backdrop, and a title."""

import colorsys
import hashlib
import io
import math
from collections.abc import Iterator

from PIL import Image, ImageOps

from sandbox.film.storyboard import FRAMES_PER_SECOND, Film, Size, frame_size
from sandbox.film.title import Title

BACKDROP_SCALE = 1.4
LARGEST_PICTURE_SCALE = 1.6
FALLING_LIGHT = [round(150 * max(1 - step / 180, 0) ** 2) for step in range(256)]


def draw(film: Film) -> tuple[Size, Iterator[bytes]]:
    """The frame size, and every frame as packed RGB. Raise OSError when the picture cannot be read."""
    picture = _opened(film.picture)
    size = frame_size(film, picture.size if picture else None)
    scene = _backdrop(film.prompt, size) if picture is None else _fitted(picture, size)
    return size, _frames(film, scene, size)


def _frames(film: Film, scene: Image.Image, size: Size) -> Iterator[bytes]:
    title = Title(film.prompt, film.caption, size)
    count = film.seconds * FRAMES_PER_SECOND
    for number in range(count):
        elapsed = number / count
        frame = scene.resize(size, Image.Resampling.BILINEAR, box=_camera(scene.size, size, elapsed))
        title.put_on(frame, second=number / FRAMES_PER_SECOND, elapsed=elapsed)
        yield frame.tobytes()


def _camera(scene: Size, frame: Size, elapsed: float) -> tuple[float, float, float, float]:
    """The part of the scene that the frame shows: it closes in while it sways a little."""
    eased = (1 - math.cos(math.pi * elapsed)) / 2
    zoom = 1 - 0.16 * eased
    shape = frame[0] / frame[1]
    width = min(scene[0], scene[1] * shape) * zoom
    height = width / shape
    sway = 0.5 + 0.3 * math.sin(2 * math.pi * elapsed)
    left = (scene[0] - width) * sway
    top = (scene[1] - height) * (0.35 + 0.3 * eased)
    return left, top, left + width, top + height


def _opened(picture: bytes | None) -> Image.Image | None:
    if picture is None:
        return None
    with Image.open(io.BytesIO(picture)) as image:
        return image.convert("RGB")


def _fitted(picture: Image.Image, size: Size) -> Image.Image:
    """The picture cut to the frame's shape, no larger than the camera can use."""
    enough = (round(size[0] * LARGEST_PICTURE_SCALE), round(size[1] * LARGEST_PICTURE_SCALE))
    return ImageOps.fit(picture, enough, Image.Resampling.BICUBIC)


def _backdrop(prompt: str, size: Size) -> Image.Image:
    """A calm gradient with three lights; its colours follow from the prompt alone."""
    chance = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()
    width, height = round(size[0] * BACKDROP_SCALE), round(size[1] * BACKDROP_SCALE)
    hue = chance[0] / 255
    ramp = Image.linear_gradient("L").resize((width, height))
    scene = ImageOps.colorize(ramp, _colour(hue, 0.75, 0.30), _colour(hue + 0.12, 0.65, 0.55))
    for light in range(3):
        _shine(scene, hue + 0.15 * light, chance[light * 3 + 1 : light * 3 + 4])
    return scene


def _shine(scene: Image.Image, hue: float, chance: bytes) -> None:
    side = round(max(scene.size) * (0.5 + chance[0] / 510))
    glow = Image.radial_gradient("L").resize((side, side)).point(FALLING_LIGHT)
    corner = (
        round(chance[1] / 255 * scene.size[0] - side / 2),
        round(chance[2] / 255 * scene.size[1] - side / 2),
    )
    scene.paste(Image.new("RGB", (side, side), _colour(hue, 0.5, 0.95)), corner, glow)


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
