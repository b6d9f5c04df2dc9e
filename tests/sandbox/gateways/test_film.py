import asyncio
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast

import imageio_ffmpeg
import pytest
from PIL import Image

from sandbox.film import Film, Renderer, RenderingFailed, frame_size
from sandbox.film.encoder import Encoder
from tests.sandbox.gateways.requests import picture


def decoded(video: bytes, folder: Path, count: int = 1) -> tuple[list[bytes], dict[str, Any]]:
    """The first frames as packed RGB, and what ffmpeg reads about the file."""
    path = folder / "film.mp4"
    path.write_bytes(video)
    reader = cast("Generator[Any]", imageio_ffmpeg.read_frames(path))
    about: dict[str, Any] = next(reader)
    frames = [next(reader) for _ in range(count)]
    reader.close()
    return frames, about


async def test_a_film_is_h264_of_the_asked_length_and_ratio(tmp_path: Path) -> None:
    film = Film("A lighthouse at dusk", seconds=5, ratio="9:16")

    _, about = decoded(await Renderer().render(film), tmp_path)

    assert about["codec"] == "h264"
    assert about["pix_fmt"].startswith("yuv420p")
    assert about["size"] == (360, 640)
    assert about["duration"] == 5.0
    assert "audio_codec" not in about


async def test_audio_is_there_only_when_it_was_asked_for(tmp_path: Path) -> None:
    film = Film("A lighthouse hums", seconds=1, audio=True)

    _, about = decoded(await Renderer().render(film), tmp_path)

    assert about["audio_codec"] == "aac"
    assert about["duration"] == pytest.approx(1.0, abs=0.05)


async def test_a_player_can_start_before_the_file_has_ended() -> None:
    video = await Renderer().render(Film("A lighthouse at dusk", seconds=1))

    assert video.index(b"moov") < video.index(b"mdat")


async def test_pro_has_the_larger_frame() -> None:
    assert frame_size(Film("", mode="pro")) > frame_size(Film("", mode="std"))


async def test_without_a_ratio_the_frame_takes_the_shape_of_the_picture(tmp_path: Path) -> None:
    film = Film("It grows", seconds=1, ratio=None, picture=picture(400, 600))

    _, about = decoded(await Renderer().render(film), tmp_path)

    assert about["size"] == (360, 540)


async def test_the_picture_is_seen_in_the_film(tmp_path: Path) -> None:
    film = Film(" ", seconds=1, picture=picture(colour="red"))

    (frame,), about = decoded(await Renderer().render(film), tmp_path)

    red, green, blue = Image.frombytes("RGB", about["size"], frame).resize((1, 1)).tobytes()
    assert red > 200
    assert max(green, blue) < 60


async def test_something_moves(tmp_path: Path) -> None:
    video = await Renderer().render(Film("A lighthouse at dusk", seconds=1))

    frames, _ = decoded(video, tmp_path, count=20)
    assert frames[0] != frames[-1]
    assert imageio_ffmpeg.count_frames_and_secs(tmp_path / "film.mp4")[0] == 24


@pytest.mark.parametrize("prompt", ["", "\ud83d lone", "\x00\u202e control", "日本語 🎬", "word " * 500])
async def test_any_prompt_makes_a_film(prompt: str) -> None:
    video = await Renderer().render(Film(prompt, seconds=1))

    assert video[4:8] == b"ftyp"


async def test_a_picture_that_is_none_is_reported() -> None:
    with pytest.raises(RenderingFailed, match="picture cannot be read"):
        await Renderer().render(Film("", picture=b"<html>"))


async def test_the_same_film_is_not_rendered_twice() -> None:
    theatre = Renderer()
    first = await theatre.render(Film("Once only", seconds=1))

    started = time.perf_counter()
    again = await theatre.render(Film("Once only", seconds=1))

    assert again is first
    assert time.perf_counter() - started < 0.05


async def test_the_event_loop_goes_on_while_a_film_is_made() -> None:
    gaps: list[float] = []

    async def watch() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    watching = asyncio.create_task(watch())
    started = time.perf_counter()
    await Renderer().render(Film("Nobody waits", seconds=5, mode="pro", picture=picture(1200, 800)))
    taken = time.perf_counter() - started
    watching.cancel()

    assert max(gaps) < taken / 2


async def test_a_film_whose_caller_was_cancelled_is_given_up_at_once() -> None:
    rendering = asyncio.create_task(Renderer().render(Film("A very long one", seconds=600, mode="pro")))
    await asyncio.sleep(0)

    rendering.cancel()
    started = time.perf_counter()
    with pytest.raises(asyncio.CancelledError):
        await rendering

    assert time.perf_counter() - started < 2


async def test_ffmpeg_is_ended_in_the_middle_of_its_work() -> None:
    encoder = Encoder()

    def frames() -> Iterator[bytes]:
        yield bytes(64 * 64 * 3)
        encoder.stop()
        while True:
            yield bytes(64 * 64 * 3)

    with pytest.raises(RenderingFailed, match="ffmpeg ended with -9"):
        await asyncio.to_thread(encoder.encode, Film(""), (64, 64), frames())
