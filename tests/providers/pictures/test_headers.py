from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from providers.pictures.headers import MOST_TEXT, Header, read_header
from tests.providers.pictures.drawings import drawing
from tests.providers.pictures.hostile import huge_png, long_gif, long_webp, talkative_png

WAYS: dict[str, dict[str, Any]] = {
    "png": {"format": "PNG"},
    "png in colours of a table": {"format": "PNG", "mode": "P"},
    "jpeg": {"format": "JPEG"},
    "grey jpeg": {"format": "JPEG", "mode": "L"},
    "progressive jpeg": {"format": "JPEG", "progressive": True},
    "jpeg for print": {"format": "JPEG", "mode": "CMYK"},
    "webp": {"format": "WEBP"},
    "lossless webp": {"format": "WEBP", "lossless": True},
    "transparent webp": {"format": "WEBP", "mode": "RGBA"},
    "gif": {"format": "GIF", "mode": "P"},
    "bmp": {"format": "BMP"},
    "tiff": {"format": "TIFF"},
    "packed tiff": {"format": "TIFF", "compression": "tiff_lzw"},
    "avif": {"format": "AVIF"},
}


def written(mode: str = "RGB", frames: int = 1, **options: Any) -> bytes:  # noqa: ANN401 - Pillow's own options
    into = io.BytesIO()
    images = [Image.new("RGB", (443, 317), (number * 50,) * 3).convert(mode) for number in range(frames)]
    more: dict[str, Any] = {"save_all": True, "append_images": images[1:]} if frames > 1 else {}
    images[0].save(into, **options, **more)
    return into.getvalue()


def header_of(data: bytes) -> Header | None:
    return read_header(io.BytesIO(data))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_a_header_says_what_a_decoder_finds(way: dict[str, Any]) -> None:
    header = header_of(written(**way))

    assert header is not None
    assert (header.format, header.width, header.height, header.frames) == (way["format"], 443, 317, 1)


@pytest.mark.parametrize(
    ("kind", "mode"), [("GIF", "P"), ("WEBP", "RGB"), ("PNG", "RGB")], ids=["gif", "webp", "png"]
)
def test_frames_are_counted(kind: str, mode: str) -> None:
    header = header_of(written(mode, 5, format=kind))

    assert header is not None
    assert header.frames == 5


def test_a_progressive_picture_weighs_its_coefficients_too() -> None:
    ways: list[dict[str, Any]] = [{}, {"progressive": True}, {"progressive": True, "subsampling": 0}]

    headers = [header_of(written(format="JPEG", **way)) for way in ways]
    weights = [header.bytes_a_pixel for header in headers if header is not None]

    assert weights == [7, 7, 10]


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
@pytest.mark.parametrize("after_the_picture", [False, True])
def test_notes_are_counted_until_they_are_too_many(kind: bytes, *, after_the_picture: bool) -> None:
    header = header_of(talkative_png(kind, after_the_picture=after_the_picture))
    modest = header_of(talkative_png(kind, unpacks_to=5000))

    assert header is not None
    assert header.notes == MOST_TEXT + 1
    assert modest is not None
    assert modest.notes == 5000


@pytest.mark.parametrize("data", [long_gif(10_000), long_webp(10_000)], ids=["gif", "webp"])
def test_very_many_frames_are_counted(data: bytes) -> None:
    header = header_of(data)

    assert header is not None
    assert header.frames == 10_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"\xff\xd8",
        b"\xff\xd8" + b"\xff" * 99,
        b"BM",
        b"II*\0",
        huge_png(0, 0),
        b"RIFF\0\0\0\0WEBP",
    ],
    ids=repr,
)
def test_what_does_not_come_to_the_point_is_no_picture(data: bytes) -> None:
    assert header_of(data) is None


def test_a_damaged_progressive_frame_is_weighed_by_what_is_there_of_it() -> None:
    frame = b"\xff\xd8\xff\xc2\0\x0c\x08\0\x40\0\x40\x22\x01\x22\0\x02"

    header = header_of(frame)

    assert header is not None
    assert header.weight > 0


@given(st.data())
def test_no_damage_to_a_file_breaks_the_reader(data: st.DataObject) -> None:
    file = bytearray(data.draw(st.sampled_from(SOUND)))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, min(len(file), 400) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(file)))

    header = header_of(bytes(file[:cut]))

    assert header is None or header.weight > 0


SOUND = [
    *(written(**way) for way in WAYS.values()),
    *(long_gif(3), long_webp(3), talkative_png(b"iTXt", unpacks_to=100), drawing(400, 300, orientation=6)),
]
