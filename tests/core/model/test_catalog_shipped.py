import json
from pathlib import Path

import pytest

from core.model.catalog import Catalog
from core.model.prices import PricesUnusable
from core.model.video import Input, Mode, VideoRequest

BOAT = VideoRequest(
    model="kling-v3", prompt="A boat", duration_seconds=5, aspect_ratio="16:9", mode=Mode.STD, audio=False
)


def test_models_of_several_gateways_are_equivalent_by_their_family() -> None:
    able = Catalog.shipped().of(["worldrouter", "anyint", "anyint-native"]).making(BOAT)

    assert [(model.provider, model.name) for model in able] == [
        ("worldrouter", "kling-v3"),
        ("anyint", "kling-3.0"),
        ("anyint-native", "kling-v3"),
    ]


@pytest.mark.parametrize("provider", ["anyint", "anyint-native", "worldrouter"])
@pytest.mark.parametrize("name", ["kling-v3", "Kling 3.0", "kling-3.0", "kling-v3-omni", "kling-3.0-omni"])
def test_a_model_is_known_by_all_its_names_at_every_provider(provider: str, name: str) -> None:
    assert Catalog.shipped().of([provider]).find(name) is not None


def test_what_only_the_maker_documents_is_off_unless_asked_for() -> None:
    shipped = {(model.provider, model.name): model for model in Catalog.shipped()}
    wide = {(model.provider, model.name): model for model in Catalog.shipped(undocumented=True)}

    assert set(wide) - set(shipped) == {("anyint-native", "kling-v2-6")}
    assert shipped["anyint", "kling-3.0"].durations == (5, 10)
    assert wide["anyint", "kling-3.0"].durations == tuple(range(3, 16))
    assert Input.REFERENCE not in shipped["anyint-native", "kling-v3-omni"].inputs
    assert Input.REFERENCE in wide["anyint-native", "kling-v3-omni"].inputs
    assert wide["worldrouter", "kling-v3"].durations == (5, 10)


def test_every_edition_that_is_offered_has_an_estimate() -> None:
    for model in Catalog.shipped(undocumented=True):
        for mode in model.modes or ("",):
            for audio in ("audio", "") if model.audio else ("",):
                edition = "+".join(filter(None, (mode, audio)))

                assert model.price_per_second[edition] > 0, (model.provider, model.name, edition)


def test_the_operators_prices_win(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"anyint": {"kling-3.0": {"std": 0.05}}}))
    model = next(iter(Catalog.shipped(prices=file)))

    assert model.price(BOAT) == 250_000
    assert model.price_per_second["pro"] == Catalog.shipped().making(BOAT)[0].price_per_second["pro"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "They look like"),
        ("[]", "They look like"),
        ('{"anyint": 1}', "They look like"),
        ('{"anyint": {"kling-3.0": {"std": "dear"}}}', "std is no number of US dollars"),
        ('{"anyint": {"kling-3.0": {"std": -1}}}', "std is below zero"),
    ],
)
def test_unusable_prices_are_said_in_words(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)

    with pytest.raises(PricesUnusable, match=says):
        Catalog.shipped(prices=file)


def test_a_price_for_a_model_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "prices.json"
    file.write_text('{"anyint": {"kling-9": {"std": 1}}}')

    with pytest.raises(PricesUnusable, match="no model anyint kling-9"):
        Catalog.shipped(prices=file)
