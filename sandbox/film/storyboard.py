"""What a film shall show, and how large its frame is."""

import hashlib
from dataclasses import dataclass
from typing import Literal, TypeAlias

Mode: TypeAlias = Literal["std", "pro"]
Size: TypeAlias = tuple[int, int]

FRAMES_PER_SECOND = 24
SHORT_SIDE: dict[Mode, int] = {"std": 360, "pro": 540}
NARROWEST, WIDEST = 1 / 2.5, 2.5


@dataclass(frozen=True, slots=True)
class Film:
    """One clip to render. Without a ratio the frame takes the shape of the picture."""

    prompt: str
    seconds: int = 5
    ratio: str | None = "16:9"
    mode: Mode = "std"
    audio: bool = False
    picture: bytes | None = None
    caption: str = ""

    @property
    def fingerprint(self) -> str:
        """The same for the same film, and small whatever the picture is."""
        picture = hashlib.sha256(self.picture or b"").hexdigest()
        told = (self.prompt, self.seconds, self.ratio, self.mode, self.audio, picture, self.caption)
        return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def frame_size(film: Film, picture: Size | None = None) -> Size:
    """Width and height in pixels, both even as H.264 wants them."""
    shape = min(max(_shape(film.ratio, picture), NARROWEST), WIDEST)
    short = SHORT_SIDE[film.mode]
    width, height = (short * shape, short) if shape >= 1 else (short, short / shape)
    return _even(width), _even(height)


def _shape(ratio: str | None, picture: Size | None) -> float:
    if ratio is None:
        width, height = picture or (16, 9)
        return width / height
    across, _, down = ratio.partition(":")
    return int(across) / int(down)


def _even(length: float) -> int:
    return round(length / 2) * 2
