"""A clip is whole when a player has all that it plays; what else is in the file does not matter."""

from pathlib import Path

import pytest

from providers.clips.mp4 import NotWhole, prove
from tests.providers.world import CLIP, FTYP, box, moov, table

CASES = Path(__file__).parent
FILM = box(b"mdat", b"film")
LARGE_FILM = b"\0\0\0\1mdat" + (20).to_bytes(8) + b"film"


def first(film: bytes, header: int = 8) -> bytes:
    """Return an MP4 with its index in front."""
    return FTYP + moov(len(FTYP) + len(moov(0)) + header) + film


LAST = FTYP + FILM + moov(len(FTYP) + 8)
FRAGMENT = box(b"moof", box(b"traf", box(b"trun", b"\0" * 4 + (3).to_bytes(4)))) + FILM
FRAGMENTED = FTYP + moov(samples=0) + FRAGMENT


def proved(folder: Path, data: bytes) -> None:
    (folder / "a.mp4").write_bytes(data)
    prove(folder / "a.mp4")


@pytest.mark.parametrize(
    "data",
    [
        CLIP,
        first(FILM),
        first(box(b"free") + FILM, header=16),
        LAST,
        first(LARGE_FILM, header=16),
        first(b"\0\0\0\0mdat" + b"until the end"),
        FRAGMENTED,
        FRAGMENTED + FRAGMENT,
    ],
    ids=["clip", "least", "free", "index last", "large box", "open end", "fragment", "fragments"],
)
def test_a_whole_file_is_proved(tmp_path: Path, data: bytes) -> None:
    proved(tmp_path, data)


@pytest.mark.parametrize(
    "kind", ["free", "skip", "wide", "junk", "pnot", "uuid", "emsg", "sidx", "styp", "mdat"]
)
def test_a_box_that_stands_before_the_first_does_not_matter(tmp_path: Path, kind: str) -> None:
    """FFmpeg and Chromium play all of these."""
    before = box(kind.encode(), b"\0" * 24)
    proved(tmp_path, before + FTYP + moov(len(before) + len(FTYP) + len(moov(0)) + 8) + FILM)


@pytest.mark.parametrize("before", [b"", box(b"wide")])
def test_a_quicktime_file_without_ftyp_is_proved(tmp_path: Path, before: bytes) -> None:
    proved(tmp_path, before + FILM + moov(len(before) + 8))
    proved(tmp_path, before + moov(len(before) + len(moov(0)) + 8) + FILM)


@pytest.mark.parametrize("before", [b"\n", b"\0" * 16, b"\x1aE\xdf\xa3\x9fB\x86\x81\x01webm", b'{"a":1}'])
def test_what_no_player_opens_as_an_mp4_is_refused(tmp_path: Path, before: bytes) -> None:
    with pytest.raises(NotWhole, match="does not start"):
        proved(tmp_path, before + CLIP)


@pytest.mark.parametrize(
    "tail",
    [
        b"\0",
        b"\n",
        b"\0" * 8,
        b"\0" * 512,
        b"\0\0\0\4free",
        box(b"\xa9xyz", b"a box whose name is not ASCII"),
        box(b"\xff\0\1\2"),
        b"\0\0\xff\xffjunk and no box",
        b"<html>an advertisement</html>",
    ],
)
def test_what_stands_behind_the_last_box_does_not_matter(tmp_path: Path, tail: bytes) -> None:
    for data in (CLIP, LAST, FRAGMENTED):
        proved(tmp_path, data + tail)


@pytest.mark.parametrize("name", ["copyright_box.mp4", "tail_newline.mp4", "tail_zeros512.mp4"])
def test_clips_that_players_play_are_proved(name: str) -> None:
    prove(CASES / name)


@pytest.mark.parametrize("name", ["copyright_box.mp4", "tail_newline.mp4", "tail_zeros512.mp4"])
def test_of_a_clip_that_was_cut_off_nothing_is_proved(tmp_path: Path, name: str) -> None:
    whole = (CASES / name).read_bytes()

    for share in range(1, 20):
        with pytest.raises(NotWhole):
            proved(tmp_path, whole[: len(whole) * share // 20])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ftyp",
        moov(0) + FTYP,
        FTYP,
        FTYP + FILM,
        first(b"")[:-1],
        CLIP[:-1],
        LAST[:-1],
        FTYP + moov(40) + b"\0\0\0\1mdat" + (4).to_bytes(8),
        FTYP + moov(40) + b"\0\0\0\1mdat",
        FTYP + moov(40) + b"\xff\xff\xff\xffmdat",
        FRAGMENTED[:-1],
        FRAGMENTED + FRAGMENT[:20],
    ],
)
def test_anything_less_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotWhole):
        proved(tmp_path, data)


@pytest.mark.parametrize(
    "data",
    [
        FTYP + box(b"moov", b"index") + FILM,
        FTYP + box(b"moov") + FILM,
        first(FILM).replace(b"vide", b"soun"),
        FTYP + moov(samples=0) + FILM,
        FTYP + moov(samples=0) + box(b"moof", box(b"traf", box(b"trun", b"\0" * 8))) + FILM,
        FTYP + box(b"moov", box(b"trak", box(b"mdia", table(1, 2, 3)))) + FILM,
    ],
    ids=["no index", "empty index", "sound alone", "no samples", "empty fragment", "junk"],
)
def test_a17_a_clip_without_a_picture_is_none(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(NotWhole, match="no pictures"):
        proved(tmp_path, data)


@pytest.mark.parametrize("place", [0, 8, 2**31, len(FTYP) + len(moov(0)) + 8 + 4])
def test_pictures_that_are_said_to_lie_elsewhere_are_missed(tmp_path: Path, place: int) -> None:
    with pytest.raises(NotWhole, match="missing"):
        proved(tmp_path, FTYP + moov(place) + FILM)
