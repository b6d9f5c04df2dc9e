"""Acknowledgements go before work."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from itertools import pairwise

import pytest

from cogs.ui.ack_priority import FEW, AcknowledgementPriority


async def test_work_waits_until_only_few_acknowledgements_are_under_way() -> None:
    priority, under_way, last = AcknowledgementPriority(), ExitStack(), ExitStack()
    for _ in range(FEW):
        under_way.enter_context(priority.count())
    last.enter_context(priority.count())
    working = asyncio.create_task(priority.over())
    _, waiting = await asyncio.wait({working}, timeout=0)

    last.close()
    await working

    assert waiting == {working}
    under_way.close()


async def test_work_does_not_wait_for_a_few() -> None:
    priority = AcknowledgementPriority()

    with priority.count():
        await asyncio.wait_for(priority.over(), 1)


async def test_an_acknowledgement_that_fails_is_under_way_no_longer() -> None:
    priority = AcknowledgementPriority()

    for _ in range(2 * FEW):
        with pytest.raises(OSError, match="lost"), priority.count():
            raise OSError("lost")

    await asyncio.wait_for(priority.over(), 1)


async def test_work_goes_on_when_discord_answers_nothing() -> None:
    priority = AcknowledgementPriority(longest_seconds=0.01)

    with ExitStack() as hanging:
        for _ in range(2 * FEW):
            hanging.enter_context(priority.count())
        await asyncio.wait_for(priority.over(), 1)


async def test_only_a_few_pass_each_time_the_loop_goes_round() -> None:
    priority, passed = AcknowledgementPriority(), 0

    async def pass_through() -> None:
        nonlocal passed
        await priority.turn()
        passed += 1

    everybody = [asyncio.create_task(pass_through()) for _ in range(3 * FEW)]
    everybody[FEW].cancel()
    rounds = [0]
    while passed < 3 * FEW - 1:
        await asyncio.wait(everybody, timeout=0)
        rounds.append(passed)

    assert max(after - before for before, after in pairwise(rounds)) <= 2 * FEW
    assert rounds[-1] == 3 * FEW - 1
    assert everybody[FEW].cancelled()


async def test_one_alone_passes_at_once() -> None:
    priority = AcknowledgementPriority()

    for _ in range(FEW):
        passing = asyncio.create_task(priority.turn())
        _, waiting = await asyncio.wait({passing}, timeout=1)
        assert not waiting
