from __future__ import annotations

from dataclasses import replace

from core.model.video import Draft
from core.requests.variations import continued, options_of, reworded, with_choices
from tests.fakes.running_core import BOAT

PICTURED = replace(BOAT, first_frame="picture:a")
REFERRED = replace(BOAT, reference="picture:b")


def test_other_words_come_with_the_same_picture() -> None:
    assert reworded(PICTURED, "a ship") == Draft(prompt="a ship", first_frame="picture:a")
    assert reworded(REFERRED, "a ship") == Draft(prompt="a ship", reference="picture:b")


def test_another_picture_takes_the_place_of_the_old_one() -> None:
    assert reworded(PICTURED, "a ship", "picture:c").first_frame == "picture:c"
    assert reworded(BOAT, "a ship", "picture:c").first_frame == "picture:c"
    assert reworded(REFERRED, "a ship", "picture:c") == Draft(prompt="a ship", reference="picture:c")


def test_only_what_was_changed_is_asked_for() -> None:
    draft = with_choices(Draft(prompt="a ship"), BOAT, {"duration_seconds": 10, "aspect_ratio": "16:9"})

    assert draft == Draft(prompt="a ship", duration_seconds=10)


def test_the_old_options_are_all_there() -> None:
    old = options_of(BOAT)

    assert (old.model, old.duration_seconds, old.aspect_ratio, old.mode, old.audio) == (
        BOAT.model,
        BOAT.duration_seconds,
        BOAT.aspect_ratio,
        BOAT.mode,
        BOAT.audio,
    )


def test_what_goes_on_starts_from_the_last_picture_alone() -> None:
    assert continued("and then", "picture:d") == Draft(prompt="and then", first_frame="picture:d")
