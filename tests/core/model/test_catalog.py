from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.catalog import Catalog
from core.model.video import Input, Mode, VideoRequest
from tests.fakes.models import CATALOG, LONGER, OMNI, STANDARD

REQUEST = VideoRequest(
    model="kling-v3", prompt="a boat", duration_seconds=5, aspect_ratio="16:9", mode=Mode.STD, audio=False
)
LINK = "https://pictures.example/boat.png"


@pytest.mark.parametrize("name", ["kling-3.0", "KLING-3.0", " kling-v3 ", "Kling 3.0", "kling 3.0", "kling"])
def test_a_model_answers_to_all_its_names(name: str) -> None:
    assert CATALOG.find(name) is STANDARD


@pytest.mark.parametrize("name", ["", "kling-2.0", "kling-v3-omn"])
def test_no_model_answers_to_another_name(name: str) -> None:
    assert CATALOG.find(name) is None


def test_equivalent_models_come_in_the_order_of_the_providers() -> None:
    assert CATALOG.making(REQUEST) == [STANDARD, LONGER]
    assert CATALOG.of(["worldrouter", "anyint"]).making(REQUEST) == [LONGER, STANDARD]


def test_only_the_named_providers_models_are_in_use() -> None:
    assert list(CATALOG.of(["worldrouter"])) == [LONGER]
    assert list(CATALOG.of([])) == []


@pytest.mark.parametrize(
    "request_",
    [
        replace(REQUEST, model="kling-v3-omni"),
        replace(REQUEST, duration_seconds=7),
        replace(REQUEST, aspect_ratio="4:3"),
        replace(REQUEST, mode=None),
        replace(REQUEST, reference=LINK),
    ],
)
def test_no_provider_makes_what_is_not_exactly_offered(request_: VideoRequest) -> None:
    assert CATALOG.making(request_) == []


@pytest.mark.parametrize(
    "request_",
    [
        replace(REQUEST, mode=Mode.PRO),
        replace(REQUEST, audio=True),
        replace(REQUEST, first_frame=LINK),
        replace(REQUEST, aspect_ratio="9:16"),
        replace(REQUEST, duration_seconds=10),
    ],
)
def test_only_the_able_provider_makes_what_the_other_cannot(request_: VideoRequest) -> None:
    assert CATALOG.making(request_) == [STANDARD]


def test_a_mode_is_nothing_for_a_model_without_modes() -> None:
    omni = VideoRequest(model="kling-v3-omni", prompt="a boat", duration_seconds=3, aspect_ratio="1:1")

    assert OMNI.can_make(omni)
    assert not OMNI.can_make(replace(omni, mode=Mode.STD))


@pytest.mark.parametrize(
    ("request_", "micros"),
    [
        (REQUEST, 420_000),
        (replace(REQUEST, duration_seconds=10), 840_000),
        (replace(REQUEST, mode=Mode.PRO, audio=True), 840_000),
        (replace(REQUEST, mode=Mode.PRO), None),
    ],
)
def test_the_price_is_in_millionths_and_none_where_it_is_not_known(
    request_: VideoRequest, micros: int | None
) -> None:
    assert STANDARD.price(request_) == micros


@pytest.mark.parametrize(
    ("first_frame", "reference", "expected"),
    [(None, None, Input.TEXT), (LINK, None, Input.FIRST_FRAME), (None, LINK, Input.REFERENCE)],
)
def test_the_input_follows_from_what_was_given(
    first_frame: str | None, reference: str | None, expected: Input
) -> None:
    assert replace(REQUEST, first_frame=first_frame, reference=reference).input is expected


def test_the_first_model_of_a_name_counts() -> None:
    assert Catalog([LONGER, STANDARD]).find("kling-v3") is LONGER
