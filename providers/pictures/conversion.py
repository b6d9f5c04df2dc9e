"""Makes a picture fit for Kling in a process of its own: a hostile file may bring that down and nothing else.

`python -I -S conversion.py TASK`. It is started by its path, so that nothing of ours is imported and it
stands within some 25 ms of processor time. TASK is a `Task` in JSON; the last line on standard error is an
`Outcome` in JSON. It bounds its own memory and processor time before it looks at the file.
"""

from __future__ import annotations

import json
import mmap
import resource
import struct
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from PIL import Image

_PLUGINS: Final = {
    "JPEG": "JpegImagePlugin",
    "PNG": "PngImagePlugin",
    "WEBP": "WebPImagePlugin",
    "GIF": "GifImagePlugin",
    "BMP": "BmpImagePlugin",
    "TIFF": "TiffImagePlugin",
    "AVIF": "AvifImagePlugin",
}
_TAKEN: Final = frozenset({"JPEG", "PNG"})
_LARGEST: Final = 10_000_000
_LONGEST_SIDE: Final = 4096
_QUALITIES: Final = (92, 80, 50)
_BAND: Final = 256
_SUPPORT: Final = 32
"""How many rows above and below a band its filter may look at; it needs 1 for each row that becomes one."""

_SMALLEST_SCALE: Final = 8
_ORIENTATION: Final = 0x0112
_UPRIGHT: Final = 1
_UNREADABLE: Final = (OSError, ValueError, SyntaxError, EOFError, struct.error)
_NEARLY_ALL: Final = 0.85


@dataclass(frozen=True, slots=True)
class Task:
    """`format` is Pillow's name for what the header says, `pixels` the most of that kind that are read.

    `need` is how many bytes that takes, `memory` and `seconds` what this process may use; Pillow lies in one
    of `paths`.
    """

    source: str
    into: str
    format: str
    pixels: int
    need: int
    memory: int
    seconds: int
    paths: Sequence[str]


class Kind(StrEnum):
    """The outcome for a picture."""

    KEPT = "kept"  # it is taken as it is
    CONVERTED = "converted"  # there is a JPEG
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_HEAVY = "too_heavy"  # no JPEG of it is light enough
    UNREADABLE = "unreadable"
    NO_MEMORY = "no_memory"  # an error that is not the member's


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome for a picture, and its number of pixels, where that is known."""

    kind: Kind
    width: int = 0
    height: int = 0

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what a child has written."""
        fields = json.loads(text)
        return cls(Kind(fields["kind"]), int(fields["width"]), int(fields["height"]))


def main(task: Task) -> Outcome:
    _bound(task)
    sys.path.extend(task.paths)
    try:
        import_module(f"PIL.{_PLUGINS[task.format]}")
        if task.format == "AVIF":
            _use_one_thread()
        _check_room(task.need)
        return _fit(task)
    except MemoryError:
        return Outcome(Kind.NO_MEMORY)
    except _UNREADABLE:
        return Outcome(Kind.NO_MEMORY if _was_short(task.memory) else Kind.UNREADABLE)


def _bound(task: Task) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(
        resource.RLIMIT_CPU, (task.seconds, task.seconds + 1)
    )  # the first one says why it ends
    resource.setrlimit(resource.RLIMIT_AS, (task.memory, task.memory))


def _use_one_thread() -> None:
    """Each thread of the decoder takes memory."""
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def _check_room(need: int) -> None:
    """Raise MemoryError where a picture does not fit, before a decoder calls the file broken for it."""
    try:
        mmap.mmap(-1, max(1, need)).close()
    except OSError as error:
        raise MemoryError from error


def _was_short(memory: int) -> bool:
    """Whether memory was so short that a file that seemed broken may have been whole."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmPeak:"):
                return int(line.split()[1]) * 1024 > memory * _NEARLY_ALL
    return False


def _fit(task: Task) -> Outcome:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # the task has the bound of this very format
    with Image.open(task.source, formats=[task.format]) as image:
        width, height = image.size
        if width * height > task.pixels:
            return Outcome(Kind.TOO_MANY_PIXELS, width, height)
        if _is_taken(image, Path(task.source).stat().st_size):
            image.draft(None, (width // _SMALLEST_SCALE, height // _SMALLEST_SCALE))
            image.load()
            return Outcome(Kind.KEPT, width, height)
        orientation = _orientation(image)
        flat = _flat(image)
        image.close()  # frees its pixels before others are needed
    return _save(_upright(flat, orientation), Path(task.into))


def _is_taken(image: Image.Image, size: int) -> bool:
    """Whether Kling takes the file as it is, if it can be read to its end."""
    is_plain = image.format in _TAKEN and not image.has_transparency_data
    return is_plain and size <= _LARGEST and _orientation(image) == _UPRIGHT


def _orientation(image: Image.Image) -> int | None:
    """Return how EXIF says that the picture is turned; None where that cannot be read."""
    try:
        found = image.getexif().get(_ORIENTATION, _UPRIGHT)
    except _UNREADABLE:
        return None
    return found if isinstance(found, int) else None


def _flat(image: Image.Image) -> Image.Image:
    """Return the first frame on white, no side longer than Kling takes, made in bands of some rows."""
    from PIL import Image

    size = _shrunk(*image.size)
    image.draft(None, size)
    image.load()
    flat = Image.new("RGB", size)
    for top, bottom in _bands(size[1]):
        flat.paste(_band(image, size, top, bottom), (0, top))
    return flat


def _shrunk(width: int, height: int) -> tuple[int, int]:
    share = min(1.0, _LONGEST_SIDE / max(width, height))
    return max(1, round(width * share)), max(1, round(height * share))


def _bands(height: int) -> Iterator[tuple[int, int]]:
    return ((top, min(top + _BAND, height)) for top in range(0, height, _BAND))


def _band(image: Image.Image, size: tuple[int, int], top: int, bottom: int) -> Image.Image:
    """Return some rows of the smaller picture, from the rows of the larger one that they are made of."""
    from PIL import Image

    scale = image.height / size[1]
    first = max(0, int(top * scale) - _SUPPORT)
    last = min(image.height, int(bottom * scale) + 1 + _SUPPORT)
    rows = _on_white(image.crop((0, first, image.width, last)))
    if image.size == size:
        return rows.crop((0, top - first, image.width, bottom - first))
    box = (0, top * scale - first, image.width, min(bottom * scale, image.height) - first)
    return rows.resize((size[0], bottom - top), Image.Resampling.HAMMING, box)


def _on_white(rows: Image.Image) -> Image.Image:
    from PIL import Image

    if not rows.has_transparency_data:
        return rows.convert("RGB")
    seen = rows.convert("RGBA")
    flat = Image.new("RGB", rows.size, "white")
    flat.paste(seen, mask=seen)
    return flat


def _upright(flat: Image.Image, orientation: int | None) -> Image.Image:
    from PIL import Image

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation or _UPRIGHT)
    return flat if turn is None else flat.transpose(turn)


def _save(flat: Image.Image, into: Path) -> Outcome:
    """Write a JPEG as good as its weight allows."""
    for quality in _QUALITIES:
        flat.save(into, "JPEG", quality=quality)
        if into.stat().st_size <= _LARGEST:
            return Outcome(Kind.CONVERTED, *flat.size)
    return Outcome(Kind.TOO_HEAVY, *flat.size)


if __name__ == "__main__":
    print(json.dumps(asdict(main(Task(**json.loads(sys.argv[1]))))), file=sys.stderr)
