"""The prompt as a title: set once, then laid over each frame as it drifts upwards."""

import textwrap

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from sandbox.film.storyboard import Size

FONT_NAMES = ("DejaVuSans-Bold.ttf", "NotoSans-Bold.ttf", "Arial Bold.ttf", "Arial.ttf")
MOST_LINES = 5
FADE_SECONDS = 0.7


class Title:
    """Words ready to be laid over frames of one size."""

    def __init__(self, prompt: str, caption: str, size: Size) -> None:
        self._size = size
        self._words = _lettered(_lines(_printable(prompt), size), _font(_text_height(size)), size)
        self._caption = _lettered(_printable(caption), _font(_text_height(size) // 2), size)

    def put_on(self, frame: Image.Image, *, second: float, elapsed: float) -> None:
        """Lay the words over the frame: faded in, and a little higher as the film goes on."""
        width, height = self._size
        top = round(height * (0.62 - 0.14 * elapsed)) - self._words.height // 2
        _lay(frame, self._words, ((width - self._words.width) // 2, top), min(second / FADE_SECONDS, 1))
        margin = height // 30
        _lay(frame, self._caption, (margin, height - self._caption.height - margin), 0.75)


def _lay(frame: Image.Image, words: Image.Image, corner: tuple[int, int], strength: float) -> None:
    mask = words.getchannel("A")
    if strength < 1:
        mask = mask.point([round(step * strength) for step in range(256)])
    frame.paste(words.convert("RGB"), corner, mask)


def _lettered(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, size: Size) -> Image.Image:
    """White letters with a soft shadow on nothing, cut to what they need."""
    measure = ImageDraw.Draw(Image.new("L", (1, 1)))
    box = measure.multiline_textbbox((0, 0), text or " ", font=font, align="center")
    pad = max(size[1] // 60, 3)
    canvas = (int(box[2] - box[0]) + 2 * pad, int(box[3] - box[1]) + 2 * pad)
    letters = Image.new("L", canvas)
    ImageDraw.Draw(letters).multiline_text((pad - box[0], pad - box[1]), text, 255, font, align="center")
    shadow = letters.filter(ImageFilter.GaussianBlur(pad / 2)).point(
        [min(step * 2, 200) for step in range(256)]
    )
    layer = Image.new("RGBA", canvas)
    layer.putalpha(shadow)
    layer.paste((255, 255, 255, 255), (0, 0), letters)
    return layer


def _lines(text: str, size: Size) -> str:
    across = max(int(size[0] * 1.5 / _text_height(size)), 8)
    return textwrap.fill(text, across, max_lines=MOST_LINES, placeholder=" …", break_on_hyphens=False)


def _text_height(size: Size) -> int:
    return max(round(min(size) / 13), 12)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in FONT_NAMES:
        try:
            return ImageFont.truetype(name, height)
        except OSError:
            continue
    return ImageFont.load_default(height)
