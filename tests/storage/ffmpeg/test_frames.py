from __future__ import annotations

import io
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image

from storage.ffmpeg.frames import FfmpegFrames
from storage.ffmpeg.subprocess import ChildLimits, run

PROGRAM = imageio_ffmpeg.get_ffmpeg_exe()
GENEROUS = ChildLimits(seconds=60, memory=3 * 2**30, written=10**8)


async def film(path: Path, *colours: str) -> Path:
    """Make a film that shows each of these colours for a second."""
    inputs = [part for colour in colours for part in ("-f", "lavfi", "-i", f"color={colour}:s=640x360:d=1")]
    joined = ["-filter_complex", f"concat=n={len(colours)}:v=1:a=0", "-pix_fmt", "yuv420p"]
    done = await run([PROGRAM, "-loglevel", "error", *inputs, *joined, "-y", str(path)], GENEROUS)
    assert done.status == 0, done.said
    return path


def colour_of(picture: bytes | None) -> tuple[int, int, int]:
    """The colour in the middle, each part of it rounded: films are not exact."""
    with Image.open(io.BytesIO(picture or b"")) as image:
        found = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    assert isinstance(found, tuple)
    red, green, blue = (round(part / 255) for part in found[:3])
    return red, green, blue


async def test_the_last_picture_of_a_film_is_taken(tmp_path: Path) -> None:
    clip = await film(tmp_path / "video-1.mp4", "red", "blue")

    assert colour_of(await FfmpegFrames(PROGRAM).last(clip)) == (0, 0, 1)


async def test_a_film_of_one_picture_has_a_last_one_too(tmp_path: Path) -> None:
    clip = await film(tmp_path / "video-1.mp4", "red")

    assert colour_of(await FfmpegFrames(PROGRAM).last(clip)) == (1, 0, 0)


async def test_nothing_is_left_beside_the_film(tmp_path: Path) -> None:
    clip = await film(tmp_path / "video-1.mp4", "red")

    await FfmpegFrames(PROGRAM).last(clip)

    assert list(tmp_path.iterdir()) == [clip]


@pytest.mark.parametrize("content", [b"", b"no film at all"])
async def test_what_is_no_film_has_no_last_picture(tmp_path: Path, content: bytes) -> None:
    clip = tmp_path / "video-1.mp4"
    clip.write_bytes(content)

    assert await FfmpegFrames(PROGRAM).last(clip) is None
    assert await FfmpegFrames(PROGRAM).last(tmp_path / "video-2.mp4") is None


async def test_without_ffmpeg_there_is_no_last_picture(tmp_path: Path) -> None:
    clip = await film(tmp_path / "video-1.mp4", "red")

    assert await FfmpegFrames(str(tmp_path / "nowhere")).last(clip) is None
