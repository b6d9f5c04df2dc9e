from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from cogs.troubles import MessageGone, MessageSealed, NoReplies, ThreadAsleep, meaning, translated
from core.errors import DeliveryDelayed, DeliveryError, NobodyThere, TooLarge
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
    (401, 0, DeliveryDelayed),
    (400, 50035, DeliveryDelayed),
    (403, 40333, DeliveryDelayed),
    (429, 20028, DeliveryDelayed),
    (500, 0, DeliveryDelayed),
    (503, 0, DeliveryDelayed),
]


@pytest.mark.parametrize(("status", "code", "kind"), CODES)
def test_an_answer_is_sorted_by_what_can_be_done(status: int, code: int, kind: type[DeliveryError]) -> None:
    found = meaning(refused(status, code))

    assert type(found) is kind
    assert str(found) == f"{status}/{code}"


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
        async with translated(5):
            raise error

    assert str(found.value) == type(error).__name__
    assert found.value.__cause__ is error


async def test_what_takes_too_long_is_tried_later() -> None:
    with pytest.raises(DeliveryDelayed):
        async with translated(0.01):
            await asyncio.Event().wait()


async def test_our_own_mistakes_are_not_taken_for_discords() -> None:
    with pytest.raises(KeyError):
        async with translated(5):
            raise KeyError("mine")
