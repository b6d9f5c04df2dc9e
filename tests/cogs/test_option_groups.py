from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import discord
import pytest
from discord import app_commands
from discord.ext import commands

from cogs.ui.option_groups import Option, expand_options

SHAPES = [
    app_commands.Choice(name="Round", value="round"),
    app_commands.Choice(name="Square", value="square"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cake:
    shape: Annotated[str | None, Option("What it looks like", SHAPES)] = None
    layers: Annotated[app_commands.Range[int, 1, 5] | None, Option("How high it is")] = None


@dataclass
class Bakery(commands.Cog):
    baked: list[tuple[str, Cake, int]] = field(default_factory=list[tuple[str, Cake, int]])

    @app_commands.command(name="bake", description="Bake a cake")
    @expand_options
    async def bake(
        self,
        _interaction: discord.Interaction,
        taste: Annotated[str, Option("What it tastes of")],
        cake: Cake,
        candles: Annotated[int, Option("How many burn on it")] = 0,
    ) -> None:
        self.baked.append((taste, cake, candles))


@pytest.fixture
def registered() -> list[dict[str, Any]]:
    tree = commands.Bot("", intents=discord.Intents.none()).tree
    options: list[dict[str, Any]] = Bakery().bake.to_dict(tree)["options"]
    return options


def test_a_dataclass_becomes_an_option_for_each_field(registered: list[dict[str, Any]]) -> None:
    told = [(option["name"], option["description"], option["required"]) for option in registered]

    assert told == [
        ("taste", "What it tastes of", True),
        ("shape", "What it looks like", False),
        ("layers", "How high it is", False),
        ("candles", "How many burn on it", False),
    ]


def test_an_option_keeps_its_choices_and_its_range(registered: list[dict[str, Any]]) -> None:
    _taste, shape, layers, _candles = registered

    assert [choice["value"] for choice in shape["choices"]] == ["round", "square"]
    assert (layers["min_value"], layers["max_value"]) == (1, 5)


async def test_what_is_chosen_is_handed_over_in_one_piece() -> None:
    bakery = Bakery()
    bake: Any = bakery.bake.callback

    await bake(bakery, None, taste="lemon", shape="round", layers=3, candles=7)

    assert bakery.baked == [("lemon", Cake(shape="round", layers=3), 7)]
