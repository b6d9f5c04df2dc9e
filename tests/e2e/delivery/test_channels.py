from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.model.job import JobState
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.scenes import CHANNEL, card_of, ids, order, playing, private_answer
from tests.e2e.harness.town import Town

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_video_ordered_in_a_direct_message_comes_there(lively_town: Town) -> None:
    card = await order(lively_town, "A boat among us", channel="dm")

    await card.plays()
    await card.replied()

    assert ids(playing(lively_town, card.job_id, "dm")) == [card.message_id]


async def test_a_private_video_that_is_run_again_stays_private(lively_town: Town) -> None:
    member = lively_town.discord.member("member")
    call = await member.command(CHANNEL, "video", prompt="A secret boat", private=True)
    (message,) = await lively_town.discord.until(lambda: playing(lively_town, call.interaction_id, "dm"))

    again = await member.press(message, "🔁")
    await lively_town.discord.until(lambda: playing(lively_town, again.interaction_id, "dm"))

    assert playing(lively_town, again.interaction_id) == []


async def test_where_the_bot_may_not_post_the_answer_itself_becomes_the_video(lively_town: Town) -> None:
    card = await order(lively_town, "A boat on the board", channel="announcements")

    await card.plays()
    job = await towns.reached(lively_town, card.job_id, JobState.DONE)

    assert job.delivery is not None
    assert str(job.delivery.message_id) == card.message_id


async def test_where_the_bot_may_not_post_one_of_several_is_made_and_the_rest_is_refused(
    lively_town: Town,
) -> None:
    member = lively_town.discord.member("member")
    call = await member.command("announcements", "video", prompt="Two boats on the board", count=2)

    told = await private_answer(lively_town, call)
    card = await card_of(lively_town, call, channel="announcements")
    await card.plays()

    assert "One video is on its way." in told
    assert len(lively_town.creates("Two boats on the board")) == 1


async def test_a_burst_of_orders_is_acknowledged_in_time_and_loses_nothing(lively_town: Town) -> None:
    prompts = [f"Boat {number} of many" for number in range(30)]
    people = [lively_town.discord.member(name) for name in ("member", "second", "moderator")]

    calls = await asyncio.gather(
        *(
            people[number % 3].command(CHANNEL, "video", prompt=prompt)
            for number, prompt in enumerate(prompts)
        )
    )
    await lively_town.discord.until(
        lambda: all(playing(lively_town, call.interaction_id) for call in calls), timeout=40
    )

    assert [len(lively_town.creates(prompt)) for prompt in prompts] == [1] * 30
    assert [len(playing(lively_town, call.interaction_id)) for call in calls] == [1] * 30
    assert not any("/callback" in one.path and one.refused for one in lively_town.discord.requests)


async def test_a_server_has_no_more_under_way_than_its_setting_says_also_after_a_restart(
    tmp_path: Path, clip: bytes
) -> None:
    async with towns.opened(tmp_path / "data", clip=clip) as town:
        town.changes["MATINEE_SERVER_RUNNING"] = "1"
        held = town.keeps_working("A boat on the only slip")
        async with bot_inside(town):
            await (await order(town, "A boat on the only slip")).says("making it")
            second = await order(town, "A boat in the yard", by="second")
            await (await order(town, "A boat on no slip at all", channel="dm")).plays()

        async with bot_inside(town):
            await (await order(town, "Another boat on no slip", channel="dm")).plays()
            waiting = (await towns.job(town, second.job_id)).state
            sent = len(town.creates("A boat in the yard"))
            held.times = 0
            await second.plays()

        assert (waiting, sent) == (JobState.QUEUED, 0)
        assert len(town.creates("A boat in the yard")) == 1
