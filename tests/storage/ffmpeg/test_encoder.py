"""ffmpeg itself makes and reads the films here."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ffmpeg import encode_plan
from storage.ffmpeg.encode_plan import LEAST_BITS_PER_PIXEL, ClipFacts
from storage.ffmpeg.encoder import FfmpegEncoder, find_ffmpeg
from storage.ffmpeg.subprocess import ChildLimits, run

Make = Callable[..., Path]

FFMPEG = find_ffmpeg() or "ffmpeg"


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Make films full of noise, which no encoder likes, each once."""
    folder = tmp_path_factory.mktemp("films")

    def made(size: str = "640x360", *, seconds: float = 2, rate: int = 24, sound: bool = True) -> Path:
        path = folder / f"{size}-{seconds}-{rate}-{sound}.mp4"
        if not path.exists():
            noise = f"testsrc2=s={size}:r={rate},noise=alls=30:allf=t"
            tone = ["-f", "lavfi", "-i", "sine", "-c:a", "aac"] if sound else []
            picture = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"]
            command = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", noise, *tone, *picture]
            subprocess.run([*command, "-t", str(seconds), str(path)], check=True)  # noqa: S603 - our own film
        return path

    return made


def seen(path: Path) -> ClipFacts:
    """What ffmpeg reads about a file."""
    said = subprocess.run([FFMPEG, *encode_plan.LOOK, str(path)], capture_output=True, check=False)  # noqa: S603 - ours
    known = encode_plan.read(said.stderr.decode())
    assert known is not None
    return known


@pytest.mark.parametrize("share", [0.9, 0.5, 0.25, 0.1])
async def test_what_comes_out_fits_and_uses_the_room(films: Make, tmp_path: Path, share: float) -> None:
    source, into = films(), tmp_path / "small.mp4"
    limit = int(source.stat().st_size * share)

    video = await FfmpegEncoder().fit(source, into, limit=limit)

    assert video is not None
    assert (video.file, video.size) == ("small.mp4", into.stat().st_size)
    assert 0.6 * limit < video.size <= limit


async def test_length_shape_and_sound_stay(films: Make, tmp_path: Path) -> None:
    source, into = films("360x640", seconds=2), tmp_path / "small.mp4"

    await FfmpegEncoder().fit(source, into, limit=source.stat().st_size // 2)

    before, after = seen(source), seen(into)
    assert after.seconds == pytest.approx(before.seconds, abs=0.2)
    assert after.has_audio
    assert after.width < after.height


async def test_a_silent_film_stays_silent(films: Make, tmp_path: Path) -> None:
    source, into = films(sound=False), tmp_path / "small.mp4"

    await FfmpegEncoder().fit(source, into, limit=source.stat().st_size // 2)

    assert not seen(into).has_audio


async def test_pictures_get_smaller_before_they_get_ugly(films: Make, tmp_path: Path) -> None:
    source, into = films("1280x720", seconds=1), tmp_path / "small.mp4"

    video = await FfmpegEncoder().fit(source, into, limit=60_000)

    small = seen(into)
    assert video is not None
    assert 360 <= small.height < 720
    assert small.width / small.height == pytest.approx(16 / 9, abs=0.02)


async def test_the_index_stands_in_front_so_that_it_plays_while_it_comes(films: Make, tmp_path: Path) -> None:
    source, into = films(), tmp_path / "small.mp4"

    await FfmpegEncoder().fit(source, into, limit=source.stat().st_size // 2)

    content = into.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


async def test_what_would_not_be_worth_watching_is_not_made(films: Make, tmp_path: Path) -> None:
    source = films()

    video = await FfmpegEncoder().fit(source, tmp_path / "small.mp4", limit=20_000)

    assert video is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a film", b"#EXTM3U\nfile:///etc/hostname\n", b"\0" * 5000])
async def test_what_is_no_film_makes_none(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "clip.mp4"
    source.write_bytes(content)

    assert await FfmpegEncoder().fit(source, tmp_path / "small.mp4", limit=1_000_000) is None


async def test_a_film_that_is_cut_off_makes_none_or_a_whole_one(films: Make, tmp_path: Path) -> None:
    source, into = tmp_path / "cut.mp4", tmp_path / "small.mp4"
    whole = films().read_bytes()
    source.write_bytes(whole[: len(whole) * 2 // 3])

    assert await FfmpegEncoder().fit(source, into, limit=100_000) is None
    assert not into.exists()


@pytest.mark.parametrize("program", ["/nowhere/ffmpeg", shutil.which("false")])
async def test_without_an_ffmpeg_that_works_nothing_is_made(
    films: Make, tmp_path: Path, program: str
) -> None:
    assert await FfmpegEncoder(program).fit(films(), tmp_path / "small.mp4", limit=100_000) is None


async def test_the_ffmpeg_of_the_python_package_does_it_too(films: Make, tmp_path: Path) -> None:
    encoder = FfmpegEncoder(imageio_ffmpeg.get_ffmpeg_exe())

    video = await encoder.fit(films(), tmp_path / "small.mp4", limit=100_000)

    assert video is not None
    assert video.size <= 100_000


def children() -> set[str]:
    """Processes that this one has started and that still run."""
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


@pytest.fixture
def others() -> set[str]:
    """Processes that were there before the test: what the tests of a page in a browser share, for one."""
    return children()


async def test_a_cancelled_caller_leaves_neither_child_nor_file(
    films: Make, tmp_path: Path, others: set[str]
) -> None:
    source = films("1920x1080", seconds=4)
    task = asyncio.create_task(FfmpegEncoder().fit(source, tmp_path / "small.mp4", limit=2_000_000))
    while not list(tmp_path.iterdir()):  # noqa: ASYNC110 - no event tells that ffmpeg has begun
        await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert list(tmp_path.iterdir()) == []
    assert children() <= others


# ------------------------------------------------------------ bounds


async def test_a_child_that_takes_too_long_is_ended(others: set[str]) -> None:
    with pytest.raises(TimeoutError):
        await run(["sleep", "60"], ChildLimits(seconds=0.1, memory=2**30, written=2**20))

    assert children() <= others


async def test_a_child_cannot_write_more_than_it_may(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    command = ["sh", "-c", f"sleep 0.3; exec dd if=/dev/zero of={path} bs=65536 count=100"]

    done = await run(command, ChildLimits(seconds=20, memory=2**30, written=2**20))

    assert done.status != 0
    assert path.stat().st_size <= 2**20


async def test_a_child_cannot_take_more_memory_than_it_may() -> None:
    command = ["sh", "-c", "sleep 0.3; exec dd if=/dev/zero of=/dev/null bs=1G count=1"]

    done = await run(command, ChildLimits(seconds=20, memory=2**28, written=2**20))

    assert done.status != 0


async def test_the_output_of_a_child_is_read_to_the_end_and_not_without_end() -> None:
    done = await run(
        ["sh", "-c", "yes | head -c 1000000 >&2; echo the end >&2"], ChildLimits(20, 2**30, 2**20)
    )

    assert done.said.endswith("the end\n")
    assert len(done.said) <= 65_536


# ------------------------------------------------------------ arithmetic

FILM = ClipFacts(seconds=10, width=1920, height=1080, rate=24, has_audio=True)


@given(
    st.floats(0.5, 600),
    st.integers(16, 4096),
    st.integers(16, 4096),
    st.floats(1, 120),
    st.integers(10_000, 100_000_000),
)
def test_every_recipe_fits_and_is_worth_watching(
    seconds: float, width: int, height: int, rate: float, limit: int
) -> None:
    known = ClipFacts(seconds=seconds, width=width, height=height, rate=rate, has_audio=True)

    for recipe in encode_plan.plans(known, limit):
        assert (recipe.video_bits + recipe.audio_bits) * seconds / 8 < limit
        assert recipe.video_bits + 1 >= recipe.width * recipe.height * rate * LEAST_BITS_PER_PIXEL
        assert recipe.width % 2 == recipe.height % 2 == 0
        assert recipe.width <= width + 1
        assert recipe.height <= height + 1


@pytest.mark.parametrize(
    ("limit", "height"), [(20_000_000, 1080), (2_000_000, 720), (1_000_000, 540), (450_000, 360)]
)
def test_the_more_room_the_larger_the_picture(limit: int, height: int) -> None:
    first = next(encode_plan.plans(FILM, limit))

    assert first.height == height


def test_sound_gives_way_where_room_is_scarce() -> None:
    bits = [next(encode_plan.plans(FILM, limit)).audio_bits for limit in (20_000_000, 500_000)]
    silent = next(encode_plan.plans(replace(FILM, has_audio=False), 20_000_000)).audio_bits

    assert bits[0] > bits[1] > silent == 0
