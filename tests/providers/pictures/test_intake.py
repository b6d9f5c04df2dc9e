"""What a child makes of a picture, against the plain way to do it, and what is said where it cannot."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from bench.machine import family
from core.dispatch.picture_queue import PictureQueue
from core.model.errors import NotAllowed, PictureNotConverted, PictureUnusable
from core.ports import ChildLimits, ChildResult
from providers import open_network
from providers.pictures import intake as picture_intake
from providers.pictures.intake import ChildPictures
from storage.ffmpeg.subprocess import run
from tests.fakes.clock import VirtualClock
from tests.providers.looking import inspect
from tests.providers.pictures.drawings import drawing
from tests.providers.pictures.hostile import huge_png, long_gif, long_webp, talkative_png, two_faced_jpeg

ORIENTATION = 0x0112


class Children:
    """Runs real children, and says which there were; `met` is done to each while it stands still."""

    def __init__(self) -> None:
        self.commands = list[Sequence[str]]()
        self.met: Callable[[int], object] = lambda _: None

    async def __call__(self, command: Sequence[str], bounds: ChildLimits, /) -> ChildResult:
        self.commands.append(command)
        running = asyncio.create_task(run(command, bounds))
        try:
            while not running.done():
                for pid in children():
                    self.met(pid)
                await asyncio.sleep(0.001)
            return await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def children() -> list[int]:
    """The processes that this one has started and not yet seen off."""
    return family(os.getpid())[1:]


@pytest.fixture
def spawned() -> Children:
    return Children()


@pytest.fixture
async def intake(tmp_path: Path, spawned: Children) -> AsyncIterator[ChildPictures]:
    clock = VirtualClock()
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "left.behind").write_bytes(b"half a picture")
    async with open_network(clock=clock) as network:
        yield ChildPictures(
            network=network, run=spawned, queue=PictureQueue(clock), folder=tmp_path / "incoming"
        )
    assert list((tmp_path / "incoming").iterdir()) == []


# ------------------------------------------------------------ what it makes of a picture


def scene(mode: str, width: int = 640, height: int = 1000) -> Image.Image:
    """Something that is different everywhere, and transparent in places where that can be."""
    gradient = Image.linear_gradient("L").resize((width, height))
    wheel = Image.radial_gradient("L").resize((width, height))
    picture = Image.merge(
        "RGB", (gradient, wheel, ImageOps.mirror(gradient.rotate(90).resize((width, height))))
    )
    if mode in {"RGBA", "LA"}:
        picture = picture.convert("RGBA")
        picture.putalpha(wheel)
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own options
    into = io.BytesIO()
    picture.save(into, kind, **options)
    return into.getvalue()


def plainly(data: bytes) -> Image.Image:
    """Make of a picture what Kling takes, as one would write it down first."""
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright)
    flat.thumbnail((4096, 4096))
    return Image.open(io.BytesIO(saved(flat, "JPEG", quality=92)))


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far apart two pictures are where they are furthest apart, a little blurred, of 255."""
    assert one.size == other.size
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).reduce(4)
    return max(band[1] for band in ImageStat.Stat(apart).extrema)


def turned(number: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = number
    return exif


PICTURES: dict[str, bytes] = {
    **{
        f"turned {number}": saved(scene("RGB"), "JPEG", quality=95, exif=turned(number))
        for number in range(2, 9)
    },
    "turned png": saved(scene("RGB"), "PNG", exif=turned(6)),
    "transparent png": saved(scene("RGBA"), "PNG"),
    "transparent grey png": saved(scene("LA"), "PNG"),
    "png with one transparent colour": saved(scene("P"), "PNG", transparency=3),
    "webp": saved(scene("RGB"), "WEBP", quality=95),
    "transparent webp": saved(scene("RGBA"), "WEBP", lossless=True),
    "gif": saved(scene("P"), "GIF", transparency=7),
    "bmp": saved(scene("RGB"), "BMP"),
    "bmp in black and white": saved(scene("1"), "BMP"),
    "tiff for print": saved(scene("CMYK"), "TIFF"),
    "tiff in lab": saved(Image.merge("LAB", scene("RGB").split()), "TIFF"),
    "jpeg for print, turned": saved(scene("CMYK"), "JPEG", quality=95, exif=turned(6)),
    "avif": saved(scene("RGB"), "AVIF", quality=90),
    "large webp": saved(scene("RGB", 5000, 3000), "WEBP", quality=90, method=0),
    "large turned jpeg": saved(scene("RGB", 8400, 4000), "JPEG", quality=90, exif=turned(8)),
    "animated webp": saved(
        scene("RGB"), "WEBP", save_all=True, append_images=[Image.new("RGB", (640, 1000))], quality=95
    ),
    "animated png": saved(
        scene("RGBA"), "PNG", save_all=True, append_images=[Image.new("RGBA", (640, 1000))]
    ),
    "mpo": saved(scene("RGB"), "MPO", save_all=True, append_images=[scene("RGB")], quality=95),
}


@pytest.mark.parametrize("data", PICTURES.values(), ids=PICTURES.keys())
async def test_a_picture_becomes_what_it_would_plainly_become(data: bytes) -> None:
    picture = await inspect(data)

    assert (picture.media_type, picture.is_converted) == ("image/jpeg", True)
    with Image.open(io.BytesIO(picture.data)) as image:
        assert difference(image, plainly(data)) < 24


@pytest.mark.parametrize(
    "exif", [b"no tiff.", b"MM\0*\0\0\0\x08\0\1\1\x12\0\2\0\0\0\x026\0\0\0\0\0\0\0"], ids=["none", "text"]
)
async def test_a_picture_whose_exif_is_broken_is_upright(exif: bytes) -> None:
    data = drawing(400, 300, "JPEG")
    segment = b"\xff\xe1" + (len(exif) + 8).to_bytes(2) + b"Exif\0\0" + exif

    picture = await inspect(data[:2] + segment + data[2:])

    assert (picture.width, picture.height) == (400, 300)


# ------------------------------------------------------------ what is refused from its header


BOMBS: dict[str, tuple[bytes, str]] = {
    "a png of huge size": (
        huge_png(30_000, 30_000),
        "30000 by 30000 pixels. Use one of at most 50 megapixels",
    ),
    "packed text": (talkative_png(b"zTXt"), "notes that unpack to more than 1 MB. Nothing was ordered"),
    "packed text in any language": (talkative_png(b"iTXt"), "notes that unpack"),
    "packed text at the end": (talkative_png(b"zTXt", after_the_picture=True), "notes that unpack"),
    "a packed profile": (talkative_png(b"iCCP"), "notes that unpack"),
    "a gif of 10,000 frames": (long_gif(10_000), "more than 1000 frames, and only the first"),
    "a webp of 10,000 frames": (long_webp(10_000), "more than 1000 frames"),
    "a heavy webp": (
        long_webp(2, 6000, 6000),
        "612 MB of memory, and 400 MB is the most. Nothing was ordered",
    ),
    "a webp without end": (long_webp(2, 16_384, 16_384), "Use one of at most 50 megapixels"),
}


@pytest.mark.parametrize(("data", "words"), BOMBS.values(), ids=BOMBS.keys())
async def test_a07_a_bomb_is_refused_from_its_header(
    intake: ChildPictures, spawned: Children, data: bytes, words: str
) -> None:
    with pytest.raises(PictureUnusable, match=words):
        await intake.fit(data, 1)

    assert spawned.commands == []


async def test_a07_a_file_that_hides_its_size_from_the_reader_is_refused_by_the_child(
    intake: ChildPictures, spawned: Children
) -> None:
    with pytest.raises(PictureUnusable, match="60000 by 60000 pixels"):
        await intake.fit(two_faced_jpeg(), 1)

    assert len(spawned.commands) == 1


# ------------------------------------------------------------ neither the member's fault nor the file's


async def test_a07_a_picture_that_takes_too_much_memory_is_not_called_broken(
    intake: ChildPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = saved(scene("RGB", 4000, 4000), "JPEG", progressive=True, exif=turned(6))
    monkeypatch.setattr(picture_intake, "MEMORY", 100 * 2**20)

    with pytest.raises(PictureNotConverted, match=r"takes more memory than I may use.*nothing was charged"):
        await intake.fit(data, 1)


async def test_a07_a_picture_that_takes_too_long_is_refused_with_that_reason(
    intake: ChildPictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_intake, "CPU_SECONDS", 1)

    with pytest.raises(PictureNotConverted, match="takes longer than"):
        await intake.fit(saved(scene("RGBA", 6900, 6900), "PNG", compress_level=1), 1)


async def test_a07_a_child_that_is_killed_says_nothing_about_the_picture(
    intake: ChildPictures, spawned: Children
) -> None:
    spawned.met = lambda pid: os.kill(pid, signal.SIGKILL)

    with pytest.raises(
        PictureNotConverted, match=r"stopped on my side.*Nothing was ordered and nothing was charged"
    ):
        await intake.fit(drawing(400, 300, "GIF"), 1)


async def test_a_cancelled_caller_leaves_no_child_and_no_file(
    intake: ChildPictures, spawned: Children, tmp_path: Path
) -> None:
    standing = asyncio.Event()

    def stop(pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        standing.set()

    spawned.met = stop
    looking = asyncio.create_task(intake.fit(drawing(400, 300, "GIF"), 1))
    await standing.wait()

    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)

    assert children() == []
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_when_the_program_stops_its_child_ends_and_every_caller_is_told(
    intake: ChildPictures, spawned: Children
) -> None:
    standing = asyncio.Event()

    def stop(pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        standing.set()

    spawned.met = stop
    looking = [asyncio.create_task(intake.fit(drawing(400, 300, "GIF"), member)) for member in (1, 2)]
    await standing.wait()

    intake.close()
    told = await asyncio.gather(*looking, return_exceptions=True)

    assert [type(one) for one in told] == [NotAllowed, NotAllowed]
    assert children() == []


async def test_a_child_gets_none_of_our_settings(
    intake: ChildPictures, spawned: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a.secret.token")
    seen = list[bytes]()

    def look(pid: int) -> None:
        with suppress(OSError):  # it has ended
            if b"pictures/conversion" in Path(f"/proc/{pid}/cmdline").read_bytes():
                seen.append(Path(f"/proc/{pid}/environ").read_bytes())

    spawned.met = look

    await intake.fit(drawing(4000, 4000, "GIF"), 1)

    assert seen
    assert not any(b"secret" in environment for environment in seen)
