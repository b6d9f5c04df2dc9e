"""A picture to try things with: an evening by the sea, drawn here."""

import io

from PIL import Image, ImageDraw, ImageFilter

_SIZE = (1280, 720)
_SKY = ((24, 28, 74), (236, 132, 92))
_SEA = ((58, 62, 112), (12, 18, 40))


def evening() -> bytes:
    """Return a PNG of 1280 by 720 pixels."""
    width, height = _SIZE
    image = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(image)
    horizon = height * 3 // 5
    _gradient(draw, 0, horizon, _SKY)
    _gradient(draw, horizon, height, _SEA)
    draw.ellipse((width // 2 - 90, horizon - 130, width // 2 + 90, horizon + 50), fill=(255, 226, 150))
    draw.rectangle((0, horizon, width, height), fill=None)
    _gradient(draw, horizon, height, _SEA)
    image = image.filter(ImageFilter.GaussianBlur(1.5))
    _boat(ImageDraw.Draw(image), width // 3, horizon + 70)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _gradient(
    draw: ImageDraw.ImageDraw, top: int, bottom: int, colours: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    for row in range(top, bottom):
        share = (row - top) / (bottom - top)
        colour = tuple(round(first + (last - first) * share) for first, last in zip(*colours, strict=True))
        draw.line((0, row, _SIZE[0], row), fill=colour)


def _boat(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    """Fold one from paper."""
    draw.polygon([(x - 90, y), (x + 90, y), (x + 55, y + 45), (x - 55, y + 45)], fill=(244, 244, 240))
    draw.polygon([(x, y - 85), (x + 52, y), (x - 52, y)], fill=(226, 226, 220))
    draw.polygon([(x, y - 85), (x, y), (x - 52, y)], fill=(205, 207, 204))
