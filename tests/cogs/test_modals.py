from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cogs.ui.modals import choices_in, edit_form, prompt_form, quality_of
from core.model.video import PROMPT_LIMIT, Mode
from tests.fakes.models import CATALOG
from tests.fakes.running_core import BOAT


def fields(form: dict[str, Any]) -> list[dict[str, Any]]:
    return [label["component"] for label in form["components"]]


def test_a_form_s_id_carries_all_that_is_needed() -> None:
    assert edit_form(2**63 - 1, BOAT, CATALOG).custom_id == f"form:edit:{2**63 - 1}"
    assert prompt_form("extend", 7, "Go on", "a boat").custom_id == "form:extend:7"


async def test_discord_py_keeps_no_form_in_memory() -> None:
    assert edit_form(7, BOAT, CATALOG).is_finished()


def test_the_longest_prompt_fits_into_a_form() -> None:
    prompt = "a" * PROMPT_LIMIT

    (field, *_) = fields(edit_form(7, replace(BOAT, prompt=prompt), CATALOG).to_dict())

    assert field["value"] == prompt
    assert field["max_length"] > PROMPT_LIMIT


def test_nothing_is_chosen_beforehand_that_is_offered_no_more() -> None:
    old = replace(BOAT, model="kling-v0", duration_seconds=99, mode=None, audio=None)

    menus = [field for field in fields(edit_form(7, old, CATALOG).to_dict()) if "options" in field]

    chosen = [[option["value"] for option in menu["options"] if option.get("default")] for menu in menus]
    assert chosen == [[], [], [old.aspect_ratio], []]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("audio", [False, True])
def test_mode_and_sound_come_back_as_they_went(mode: Mode, *, audio: bool) -> None:
    quality = quality_of(replace(BOAT, mode=mode, audio=audio))

    assert choices_in({"quality": quality}) == {"mode": mode, "audio": audio}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"model": "", "duration": "", "aspect_ratio": "", "quality": ""},
        {"duration": "ten", "quality": "best"},
        {"duration": "-5", "quality": "+sound"},
    ],
)
def test_what_was_left_open_or_makes_no_sense_is_left_out(values: dict[str, str]) -> None:
    assert choices_in(values) == {}
