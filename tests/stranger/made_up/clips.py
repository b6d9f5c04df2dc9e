"""A real clip, and as many like it as are needed, no two the same."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg


def filmed() -> bytes:
    """Have ffmpeg make a clip of half a second."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "clip.mp4"
        source = ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=0.5"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, "-pix_fmt", "yuv420p", str(file)]
        subprocess.run(command, check=True)  # noqa: S603 - every argument is ours
        return file.read_bytes()


def clips(film: bytes) -> Callable[[str], bytes]:
    """Return who makes the same film again under another name, which stands in a box that players skip."""

    def clip(name: str) -> bytes:
        words = name.encode()
        return film + (len(words) + 8).to_bytes(4, "big") + b"free" + words

    return clip
