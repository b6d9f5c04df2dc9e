"""Discord and the bot lose touch: answers that come too late, a gateway that stays away, long waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.model.job import JobState
from sandbox.discord import LocalDiscord
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside
from tests.e2e.harness.deliveries import UPLOAD, everywhere, finished_late, uploads
from tests.e2e.harness.scenes import CHANNEL, ids, order
from tests.e2e.harness.town import Town


@pytest.mark.parametrize(
    ("status", "code"), [(404, 10062), (400, 40060)], ids=["too late", "answered already"]
)
async def test_an_order_that_can_no_longer_be_answered_is_none(town: Town, status: int, code: int) -> None:
    late = town.discord.faults.answer_instead("POST", r"/callback$", status, code)
    async with bot_inside(town):
        await town.discord.member("member").command(CHANNEL, "video", prompt="A boat that came too late")
        await town.discord.until(lambda: late.hits)

        await (await order(town, "A boat in time")).plays()

    assert late.hits == 1
    assert town.creates("A boat that came too late") == []
    assert [job.request.prompt for job in await towns.jobs(town)] == ["A boat in time"]


@asynccontextmanager
async def no_gateway(discord: LocalDiscord) -> AsyncGenerator[None]:
    """Cut the bot off whenever it comes back."""

    async def cut_off() -> None:
        while True:
            await discord.until(lambda: discord.connected, timeout=60)
            await discord.drop_gateway()

    async with asyncio.TaskGroup() as group:
        cutting = group.create_task(cut_off())
        yield
        cutting.cancel()


async def test_a_gateway_that_stays_away_holds_up_no_video(town: Town) -> None:
    async with bot_inside(town):
        card, held = await finished_late(town, "A boat that nobody can call")

        async with no_gateway(town.discord):
            held.times = 0
            message = await card.plays()
            await card.replied()

    assert ids(everywhere(town, card.job_id)) == [message["id"]]


async def test_a_wait_of_half_an_hour_is_no_reason_to_hang_on_to_the_request(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town, bot_inside(town, HastyClock()):
        told_to_wait = town.discord.faults.rate_limit(
            "PATCH", UPLOAD, 1800, when=lambda request: bool(request.files)
        )

        card = await order(town, "A boat becalmed")
        await card.plays()
        await towns.reached(town, card.job_id, JobState.DONE)

    assert told_to_wait.hits == 1
    assert [one.status for one in uploads(town, card.job_id)] == [429, 200]
    assert ids(everywhere(town, card.job_id)) == [card.message_id]
