from __future__ import annotations

from pathlib import Path

import pytest

from core.model.catalog import Catalog
from tests.bot.command_line import Command


async def test_each_model_is_one_line_of_json(matinee: Command) -> None:
    ran = await matinee("models", "--json")

    assert ran.code == 0
    assert [(model["provider"], model["model"]) for model in ran.lines] == [
        (model.provider, model.name) for model in Catalog.shipped()
    ]
    assert ran.lines[0] == {
        "provider": "anyint",
        "model": "kling-3.0",
        "family": "kling-v3",
        "title": "Kling 3.0",
        "durations": [5, 10],
        "aspect_ratios": ["16:9", "9:16", "1:1"],
        "modes": ["std", "pro"],
        "audio": True,
        "inputs": ["first_frame", "text"],
        "price_per_second_usd": {"std": 0.084, "std+audio": 0.126, "pro": 0.112, "pro+audio": 0.168},
        "price_is_estimate": True,
    }


async def test_a_person_gets_a_table(matinee: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    ran = await matinee("models")

    assert ran.code == 0
    for model in Catalog.shipped():
        assert f"{model.name} " in ran.out
    assert "Prices are estimates" in ran.out


async def test_the_operators_prices_count(
    matinee: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "prices.json").write_text('{"worldrouter": {"kling-v2-6": {"std": 0.05, "pro": 0.09}}}')
    monkeypatch.setenv("MATINEE_PRICES_FILE", "prices.json")

    ran = await matinee("models", "--json")

    priced = {(model["provider"], model["model"]): model for model in ran.lines}
    mine = priced["worldrouter", "kling-v2-6"]
    assert (mine["price_per_second_usd"], mine["price_is_estimate"]) == ({"std": 0.05, "pro": 0.09}, False)
    assert priced["anyint", "kling-3.0"]["price_is_estimate"]


@pytest.mark.parametrize("content", ["prices", '{"anyint": {"kling-9": {"std": 1}}}', '{"anyint": 1}'])
async def test_prices_that_cannot_be_read_end_with_78(
    matinee: Command, folder: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (folder / "prices.json").write_text(content)
    monkeypatch.setenv("MATINEE_PRICES_FILE", "prices.json")

    ran = await matinee("models")

    assert (ran.code, ran.out) == (78, "")
    assert ran.err.startswith("MATINEE_PRICES_FILE: ")
