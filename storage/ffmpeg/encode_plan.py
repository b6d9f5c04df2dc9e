"""How a clip is made to fit into so many bytes: what ffmpeg reports of it, and which commands ffmpeg gets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEAST_BITS_PER_PIXEL: Final = 0.04
"""Below this, H.264 is not worth watching: the clip is made with fewer pixels, or not at all."""

SHORT_SIDES: Final = (1080, 720, 540, 432, 360)
"""How many pixels the shorter side may be brought down to."""

_ATTEMPTS: Final = (1.0, 0.8)
"""The shares of the calculated bitrate that are tried: containers and codecs keep to it only nearly."""

_AUDIO_BITS: Final = 96_000
_QUIET_AUDIO_BITS: Final = 48_000
_GENEROUS: Final = 1_000_000
_CONTAINER_SHARE: Final = 0.015
_BUFFER_SECONDS: Final = 0.5

_LOCAL: Final = ("-hide_banner", "-nostdin", "-protocol_whitelist", "file")

LOOK: Final = (*_LOCAL, "-f", "mov", "-i")
"""What ffmpeg is asked to describe a file: it does so and fails, since it has nothing to write."""

_DURATION: Final = re.compile(r"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_VIDEO: Final = re.compile(r"Stream #.*: Video: .*?\b(\d{2,5})x(\d{2,5})\b")
_RATE: Final = re.compile(r"([\d.]+) fps")
_AUDIO: Final = re.compile(r"Stream #.*: Audio: ")


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """The properties of a clip: seconds, pixels, frames a second, and whether it has sound."""

    seconds: float
    width: int
    height: int
    rate: float
    has_audio: bool


@dataclass(frozen=True, slots=True)
class EncodePlan:
    """How a clip is encoded: for `limit` bytes, with so many bits a second and this size of picture."""

    limit: int
    video_bits: int
    audio_bits: int
    width: int
    height: int


def read(said: str) -> ClipFacts | None:
    """Read ffmpeg's description of a file; None where it is no film."""
    duration, video = _DURATION.search(said), _VIDEO.search(said)
    if duration is None or video is None:
        return None
    hours, minutes, seconds = duration.groups()
    length = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    rate = _RATE.search(said)
    if length <= 0:
        return None
    return ClipFacts(
        seconds=length,
        width=int(video[1]),
        height=int(video[2]),
        rate=min(float(rate[1]), 120.0) if rate else 30.0,
        has_audio=_AUDIO.search(said) is not None,
    )


def plans(film: ClipFacts, limit: int) -> Iterator[EncodePlan]:
    """Yield ways to make a film fit, the best first; none where each would be unwatchable."""
    for share in _ATTEMPTS:
        total = limit * 8 * (1 - _CONTAINER_SHARE) * share / (film.seconds + _BUFFER_SECONDS)
        audio = _audio_bits(film, total)
        size = _best_size(film, total - audio)
        if size is not None:
            yield EncodePlan(limit, int(total - audio), audio, *size)


def command(source: Path, into: Path, recipe: EncodePlan) -> list[str]:
    """Write the command for ffmpeg. The rate is capped over half a second, so that the size is, too."""
    bits = str(recipe.video_bits)
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-maxrate", bits]
    buffer = ["-bufsize", str(int(recipe.video_bits * _BUFFER_SECONDS)), "-pix_fmt", "yuv420p"]
    scale = ["-vf", f"scale={recipe.width}:{recipe.height}", "-threads", "2"]
    sound = ["-c:a", "aac", "-b:a", str(recipe.audio_bits)] if recipe.audio_bits else ["-an"]
    which = ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1", "-sn", "-dn"]
    finish = ["-movflags", "+faststart", "-f", "mp4", "-y", f"file:{into}"]
    given = [*_LOCAL, "-loglevel", "error", "-f", "mov", "-i", f"file:{source}"]
    return [*given, *which, *picture, *buffer, *scale, *sound, *finish]


def _audio_bits(film: ClipFacts, total: float) -> int:
    if not film.has_audio:
        return 0
    return _AUDIO_BITS if total > _GENEROUS else _QUIET_AUDIO_BITS


def _best_size(film: ClipFacts, bits: float) -> tuple[int, int] | None:
    """Return the largest size at which so many bits a second are worth watching."""
    short = min(film.width, film.height)
    for side in (short, *(side for side in SHORT_SIDES if side < short)):
        width, height = (_even(length * side / short) for length in (film.width, film.height))
        if bits >= width * height * film.rate * LEAST_BITS_PER_PIXEL:
            return width, height
    return None


def _even(length: float) -> int:
    """Round to an even number, as H.264 needs."""
    return max(2, round(length / 2) * 2)
