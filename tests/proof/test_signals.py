from __future__ import annotations

import signal

import pytest

from bot.cli.exit_codes import Exit
from core.model.job import JobState
from sandbox.gateways.faults import create_accepted_slowly
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_process
from tests.e2e.harness.scenes import ids, order, playing
from tests.e2e.harness.town import Town

UPLOADING = r"/channels/\d+/messages/\d+$"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_an_upload_under_way_is_finished_and_written_down(town: Town, stop: signal.Signals) -> None:
    slow = town.discord.faults.delay("PATCH", UPLOADING, 0.5, when=lambda request: bool(request.files))
    async with bot_process(town) as bot:
        card = await order(town, "A boat in the last lock")
        await town.discord.until(lambda: slow.hits)
        bot.process.send_signal(stop)

        code = await bot.ended()

    assert code == Exit.DONE
    assert ids(playing(town, card.job_id)) == [card.message_id]
    assert (await towns.job(town, card.job_id)).state in {JobState.DELIVERED, JobState.DONE}


async def test_a_paid_request_under_way_is_finished_at_sigint_too(town: Town) -> None:
    town.goes_wrong(create_accepted_slowly(0.5), "A boat on the ramp")
    async with bot_process(town) as bot:
        card = await order(town, "A boat on the ramp")
        await town.gateways.until(lambda: town.tasks("A boat on the ramp"))
        bot.process.send_signal(signal.SIGINT)

        code = await bot.ended()

    assert code == Exit.DONE
    assert (await towns.job(town, card.job_id)).state is JobState.RUNNING
    assert len(town.creates("A boat on the ramp")) == 1


async def test_five_signals_end_it_at_once_and_the_next_start_brings_the_video(town: Town) -> None:
    held = town.keeps_working("A boat under fire")
    slow = town.discord.faults.delay("PATCH", UPLOADING, 1.5, when=lambda request: bool(request.files))
    async with bot_process(town) as bot:
        card = await order(town, "A boat under fire")
        held.times = 0
        await town.discord.until(lambda: slow.hits)
        bot.terminate()
        await bot.says("stopping")
        for _ in range(4):
            bot.terminate()

        code = await bot.ended(seconds=5)
        async with bot_process(town):
            await card.replied()

    assert code == 1
    assert len(town.creates("A boat under fire")) == 1
    assert ids(playing(town, card.job_id)) == [card.message_id]
    assert len(card.replies()) == 1
