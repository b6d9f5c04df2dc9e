from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.exit_codes import Exit
from core.model.job import JobState
from sandbox.gateways.faults import create_accepted_slowly, create_accepted_then_hangs, create_unauthorized
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside, bot_process, started
from tests.e2e.harness.scenes import CHANNEL, ids, order, playing, private_answer, words
from tests.e2e.harness.town import Town

UPLOADING = r"/channels/\d+/messages/\d+$"


async def test_a_kill_while_the_provider_works_costs_nothing_and_loses_nothing(town: Town) -> None:
    held = town.keeps_working("A boat that survives")
    async with bot_process(town) as bot:
        card = await order(town, "A boat that survives")
        await card.says("making it")
        await bot.kill()

        held.times = 0
        async with bot_process(town):
            await card.replied()

    assert len(town.creates("A boat that survives")) == 1
    assert ids(playing(town, card.job_id)) == [card.message_id]
    assert len(card.replies()) == 1


@pytest.mark.parametrize("arrives", [True, False], ids=["the upload arrives", "the upload is lost"])
async def test_a_kill_while_uploading_leaves_one_video(town: Town, *, arrives: bool) -> None:
    faults = town.discord.faults
    slow = (
        faults.delay("PATCH", UPLOADING, 0.4, when=lambda request: bool(request.files))
        if arrives
        else faults.cut_before("PATCH", UPLOADING, when=lambda request: bool(request.files))
    )
    async with bot_process(town) as bot:
        card = await order(town, "A boat in a lock")
        await town.discord.until(lambda: slow.hits)
        await bot.kill()

        async with bot_process(town):
            await card.replied()

    assert len(town.creates("A boat in a lock")) == 1
    assert ids(playing(town, card.job_id)) == [card.message_id]
    assert len(card.replies()) == 1


async def test_a_kill_while_posting_in_the_place_of_a_deleted_card_leaves_one_video(town: Town) -> None:
    held = town.keeps_working("A boat without a card")
    slow = town.discord.faults.delay("POST", r"/messages$", 0.4, when=lambda request: bool(request.files))
    async with bot_process(town) as bot:
        card = await order(town, "A boat without a card")
        await town.discord.member("moderator").delete(await card.says("making it"))
        held.times = 0
        await town.discord.until(lambda: slow.hits)
        await bot.kill()

        async with bot_process(town):
            (message,) = await town.discord.until(lambda: playing(town, card.job_id))
            await town.discord.until(
                lambda: any("is ready" in words(shown) for shown in town.discord.messages(CHANNEL))
            )

    assert ids(playing(town, card.job_id)) == [message["id"]]
    assert len(town.creates("A boat without a card")) == 1


async def test_sigterm_finishes_a_paid_request_that_is_under_way(town: Town) -> None:
    town.goes_wrong(create_accepted_slowly(0.7), "A boat on the slipway")
    async with bot_process(town) as bot:
        card = await order(town, "A boat on the slipway")
        await town.gateways.until(lambda: town.tasks("A boat on the slipway"))
        bot.terminate()

        code = await bot.ended()
        state = (await towns.job(town, card.job_id)).state
        async with bot_process(town):
            await card.plays()

    assert code == Exit.DONE
    assert state is JobState.RUNNING
    assert len(town.creates("A boat on the slipway")) == 1


async def test_a_second_sigterm_ends_it_at_once_and_the_request_counts_as_unknown(town: Town) -> None:
    town.goes_wrong(create_accepted_then_hangs(), "A stranded boat")
    async with bot_process(town) as bot:
        card = await order(town, "A stranded boat")
        await town.gateways.until(lambda: town.tasks("A stranded boat"))
        bot.terminate()
        await bot.says("stopping")
        late = await town.discord.member("second").command(CHANNEL, "video", prompt="Too late", private=True)
        told = await private_answer(town, late)
        bot.terminate()

        code = await bot.ended()
        async with bot_process(town):
            await card.says("Not confirmed")

    assert code == 1
    assert "just restarting" in told
    assert town.discord.messages("dm", viewer="second") == []
    assert len(town.creates("A stranded boat")) == 1


async def test_commands_are_sent_to_discord_only_when_they_changed(town: Town) -> None:
    async with bot_inside(town):
        first = [request for request in town.discord.requests if request.method == "PUT"]
    async with bot_inside(town):
        await (await order(town, "A boat without news")).plays()

    assert len(first) == 1
    assert [request for request in town.discord.requests if request.method == "PUT"] == first


async def test_secrets_are_shown_to_no_one(town: Town, tmp_path: Path) -> None:
    town.goes_wrong(create_unauthorized(), "A boat without a key")
    async with bot_process(
        town,
        MATINEE_LOG_LEVEL="debug",
        MATINEE_PROVIDERS="anyint,worldrouter",
        WORLDROUTER_API_KEY=town.gateways.worldrouter_key,
        WORLDROUTER_BASE_URL=town.gateways.worldrouter_url,
    ) as bot:
        await (await order(town, "A boat without a key")).replied()
        await (await order(town, "A boat with a secret")).replied()
        bot.terminate()
        await bot.ended()

    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    written[Path("messages")] = json.dumps(town.discord.messages(CHANNEL)).encode()
    assert {bot.output, town.folder / "matinee.db"} < written.keys()
    assert bot.said().count("job moved") > 10
    for secret in (town.discord.token, town.gateways.anyint_key, town.gateways.worldrouter_key):
        assert [path for path, content in written.items() if secret.encode() in content] == []


async def test_a_second_bot_on_the_same_data_is_refused(town: Town) -> None:
    async with bot_process(town) as first:
        second = await started(town)

        code = await second.ended()

        assert code == Exit.SETTINGS
        assert f"process {first.pid} holds" in second.said()
        assert "two at a time would pay for the same video twice" in second.said()


async def test_a_token_that_discord_refuses_is_said_plainly(town: Town) -> None:
    bot = await started(town, DISCORD_TOKEN="another.made-up.token")

    code = await bot.ended()

    assert code == Exit.SETTINGS
    assert bot.said().splitlines()[-1] == "DISCORD_TOKEN: Discord refuses it. Copy it anew."
    assert "Traceback" not in bot.said()
