from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.video import Mode
from tests.contracts.examples import BOAT
from web.page import LONGEST_TITLE, page, sides

ADDRESS = "https://videos.example.org/v/token"


@given(st.text(max_size=400))
def test_a_prompt_never_becomes_a_part_of_the_page(prompt: str) -> None:
    plain, written = (page(replace(BOAT, prompt=words), ADDRESS) for words in ("a boat", prompt))

    assert written.count("<") == plain.count("<")
    assert written.count('"') == plain.count('"')


def test_a_prompt_is_shown_as_it_was_written() -> None:
    written = page(replace(BOAT, prompt="<script>$title & 'boats'</script>"), ADDRESS)

    assert "&lt;script&gt;$title &amp; &#x27;boats&#x27;&lt;/script&gt;" in written


def test_a_long_prompt_is_cut_and_none_is_called_a_video() -> None:
    assert f"<title>{'b' * (LONGEST_TITLE - 1)}…</title>" in page(replace(BOAT, prompt="b" * 2000), ADDRESS)
    assert "<title>A video</title>" in page(replace(BOAT, prompt=" \n"), ADDRESS)


@pytest.mark.parametrize(
    ("ratio", "mode", "expected"),
    [
        ("16:9", Mode.PRO, (1920, 1080)),
        ("9:16", Mode.STD, (720, 1280)),
        ("1:1", None, (1080, 1080)),
        ("auto", Mode.STD, (1280, 720)),
        ("0:0", Mode.STD, (1280, 720)),
    ],
)
def test_a_player_knows_the_sides_before_it_has_seen_the_video(
    ratio: str, mode: Mode | None, expected: tuple[int, int]
) -> None:
    assert sides(replace(BOAT, aspect_ratio=ratio, mode=mode)) == expected
