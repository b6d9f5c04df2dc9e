from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from cogs.ui.discord_errors import (
    MessageGone,
    MessageSealed,
    NoReplies,
    ThreadAsleep,
    meaning,
    translate_errors,
)
from core.model.errors import (
    DeliveryDelayed,
    DeliveryError,
    DiscordUnwell,
    NobodyThere,
    PlaceRefuses,
    TooLarge,
)
from tests.cogs.drawn import refused

CODES: list[tuple[int, int, type[DeliveryError]]] = [
    (404, 10008, MessageGone),
    (429, 30046, MessageSealed),
    (413, 40005, TooLarge),
    (413, 0, TooLarge),
    (404, 10003, NobodyThere),
    (404, 10004, NobodyThere),
    (404, 10013, NobodyThere),
    (403, 50001, NobodyThere),
    (403, 50007, NobodyThere),
    (403, 50013, NobodyThere),
    (403, 50278, NobodyThere),
    (400, 50083, ThreadAsleep),
    (403, 160002, NoReplies),
    (400, 130000, DeliveryDelayed),
    (429, 20016, DeliveryDelayed),
    (400, 160005, NobodyThere),
    (401, 0, DiscordUnwell),
    (401, 50027, DiscordUnwell),
    (403, 40333, DeliveryDelayed),
    (403, 40003, DeliveryDelayed),
    (408, 50035, DeliveryDelayed),
    (429, 0, DeliveryDelayed),
    (429, 20028, DeliveryDelayed),
    (429, 99999, DeliveryDelayed),
    (403, 0, DiscordUnwell),
    (404, 0, DiscordUnwell),
    (500, 0, DiscordUnwell),
    (503, 50035, DiscordUnwell),
    *((400, code, PlaceRefuses) for code in (50035, 240000, 200000, 20009, 20026, 50008, 50024, 99999)),
    *((status, 99999, PlaceRefuses) for status in (402, 403, 404, 405, 409, 418, 451, 499)),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
def test_an_answer_is_sorted_by_what_can_be_done(status: int, code: int, kind: type[DeliveryError]) -> None:
    found = meaning(refused(status, code))

    assert type(found) is kind
    assert str(found) == f"{status}/{code}"


@pytest.mark.parametrize("code", ["50035", True, -1, None, 50035.5, [50035], {"code": 50035}])
def test_what_is_no_code_of_discords_is_none(code: Any) -> None:  # noqa: ANN401 - Discord may say anything
    answer = refused(400, 0)
    answer.code = code

    assert type(meaning(answer)) is DiscordUnwell
    assert str(meaning(answer)) == "400/0"


def test_direct_messages_that_a_filter_against_spam_closes_are_closed() -> None:
    assert type(meaning(refused(403, 20026), is_direct=True)) is NobodyThere


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.ClientConnectionError("https://discord.example/webhooks/1/a-token"),
        ConnectionResetError("reset"),
        TimeoutError(),
        discord.RateLimited(3.0),
    ],
)
async def test_what_never_came_is_tried_later_and_names_no_address(error: Exception) -> None:
    with pytest.raises(DeliveryDelayed) as found:
        async with translate_errors(5):
            raise error

    assert str(found.value) == type(error).__name__
    assert found.value.__cause__ is error


async def test_what_takes_too_long_is_tried_later() -> None:
    with pytest.raises(DeliveryDelayed):
        async with translate_errors(0.01):
            await asyncio.Event().wait()


@pytest.mark.parametrize("errors", [["a"], "a", {"a": {"_errors": None}}], ids=str)
async def test_a10_what_discord_py_stumbles_over_is_tried_later(errors: object) -> None:
    answer: Any = SimpleNamespace(status=400, reason="because")

    with pytest.raises(DiscordUnwell, match="unreadable"):
        async with translate_errors(5):
            raise discord.HTTPException(answer, {"code": 50035, "message": "no", "errors": errors})


async def test_our_own_mistakes_are_not_taken_for_discords() -> None:
    with pytest.raises(KeyError):
        async with translate_errors(5):
            raise KeyError("mine")
