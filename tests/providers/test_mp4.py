from pathlib import Path

import pytest

from providers.mp4 import NotWhole, prove
from tests.providers.world import CLIP, box

FTYP, MOOV = box(b"ftyp", b"isom"), box(b"moov", b"index")


@pytest.mark.parametrize(
    "data",
    [
        CLIP,
        FTYP + MOOV,
        FTYP + box(b"free") + box(b"mdat", b"film") + MOOV,
        FTYP + MOOV + b"\0\0\0\1mdat" + (20).to_bytes(8) + b"film",
        FTYP + MOOV + b"\0\0\0\0mdat" + b"until the end",
    ],
    ids=["clip", "least", "index last", "large box", "open end"],
)
def test_a_whole_file_is_proved(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)

    prove(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ftyp",
        MOOV + FTYP,
        FTYP,
        FTYP + box(b"mdat", b"film"),
        (FTYP + MOOV)[:-1],
        CLIP[:-1],
        CLIP + b"\0",
        CLIP + b"\0" * 8,
        CLIP + b"\0\0\0\4free",
        FTYP + MOOV + b"\0\0\0\1mdat" + (4).to_bytes(8),
        FTYP + MOOV + b"\0\0\0\1mdat",
        FTYP + MOOV + b"\xff\xff\xff\xffmdat",
    ],
)
def test_anything_less_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)

    with pytest.raises(NotWhole):
        prove(tmp_path / "a.mp4")
