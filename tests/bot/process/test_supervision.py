from __future__ import annotations

import asyncio

import pytest

from bot.process.supervision import restart_on_failure
from tests.fakes.clock import VirtualClock


async def test_a_part_that_fails_starts_again_and_the_fault_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, starts = VirtualClock(), 0

    async def fail_twice() -> None:
        nonlocal starts
        starts += 1
        if starts <= 2:
            raise OverflowError("a file with a number that is none")
        await clock.sleep(3600)

    part = asyncio.create_task(restart_on_failure(fail_twice, clock))
    await clock.advance(60)
    was_running = not part.done()
    part.cancel()
    await asyncio.gather(part, return_exceptions=True)

    assert (starts, was_running) == (3, True)
    assert [str(record.exc_info and record.exc_info[1]) for record in caplog.records] == [
        "a file with a number that is none"
    ] * 2
    assert part.cancelled()
