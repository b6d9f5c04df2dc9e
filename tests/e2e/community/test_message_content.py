from __future__ import annotations

from pathlib import Path

from core.model.job import JobState
from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import HastyClock, bot_inside, bot_process
from tests.e2e.harness.prompting import (
    IDEAS,
    Clouds,
    answers,
    made,
    managing,
    marked,
    marks,
    newcomers,
    opened_ideas,
    results,
    says,
    slip,
    waiting,
)
from tests.e2e.harness.scenes import Message, clips, order
from tests.e2e.harness.town import QUICK, Town

MESSAGE_CONTENT = 1 << 15


async def test_the_text_of_messages_is_asked_for_only_once_a_channel_needs_it(town: Town) -> None:
    async with bot_inside(town):
        remark = await says(town, "Nobody reads this")
        before = town.discord.intents
        told = await opened_ideas(town)
        result = await made(town, await says(town, "A lantern"))

    assert [bool(intents & MESSAGE_CONTENT) for intents in (before, town.discord.intents)] == [False, True]
    assert "I read what is written there" in told
    assert clips(result)
    assert marks(town, remark) == set()


async def test_a_bot_that_starts_with_prompt_channels_asks_at_once(town: Town) -> None:
    async with bot_inside(town):
        await opened_ideas(town)
    sessions = town.discord.identified

    async with bot_inside(town):
        await made(town, await says(town, "A lantern after the pause"))

    assert town.discord.identified == sessions + 1


async def test_where_discord_refuses_the_text_everything_else_goes_on(tmp_path: Path, clip: bytes) -> None:
    async with (
        LocalDiscord(message_content=False) as discord,
        LocalGateways(pace=QUICK, clip=clip) as gateways,
        bot_process(Town(discord, gateways, tmp_path / "data")) as bot,
    ):
        town = Town(discord, gateways, tmp_path / "data")
        told = await opened_ideas(town)
        unheard = await says(town, "A lantern that nobody hears")
        called = await says(town, f"<@{discord.bot_id}> A lantern that is called --duration 10")
        await made(town, called)
        await (await order(town, "A lantern by command")).plays()
        listed = await managing(town, "channel list")
        await bot.says("Discord refuses the text of messages")

        assert "Message Content Intent" in told
        assert "Message Content Intent" in listed
        assert marks(town, unheard) == set()
        assert [body["duration"] for body in town.creates("A lantern that is called")] == ["10"]


async def test_what_discord_refused_is_asked_for_again_with_the_next_channel(
    tmp_path: Path, clip: bytes
) -> None:
    async with (
        LocalDiscord(message_content=False) as discord,
        LocalGateways(pace=QUICK, clip=clip) as gateways,
    ):
        town = Town(discord, gateways, tmp_path / "data")
        async with bot_inside(town):
            await opened_ideas(town)
            discord.world.message_content = True
            told = await opened_ideas(town)
            await made(town, await says(town, "A lantern at last"))

    assert "I read what is written there" in told


async def test_a_prompt_of_an_earlier_life_can_still_be_taken_back(town: Town) -> None:
    clouds = Clouds(town)
    async with bot_inside(town):
        await opened_ideas(town)
        await clouds.gather()
        message = await says(town, "A lantern in the queue")
        await waiting(town, message)

    async with bot_inside(town):
        await town.discord.member("member").delete(message)
        await towns.reached(town, int(message["id"]), JobState.CANCELLED)
        await clouds.pass_by()

    assert town.creates("A lantern in the queue") == []


async def test_a_prompt_channel_that_is_deleted_is_forgotten(town: Town) -> None:
    async with bot_inside(town):
        await opened_ideas(town)

        town.discord.delete_channel(IDEAS)
        card = await order(town, "A lantern elsewhere")
        await card.plays()
        told = await managing(town, "channel list")

    assert "No channel here is made of prompts" in told


async def test_a_short_answer_takes_itself_away(town: Town) -> None:
    async with bot_inside(town, HastyClock()):
        await opened_ideas(town)
        message = await says(town, "A lantern --mode loud")
        await slip(town, message, "--mode takes")

        await town.discord.until(lambda: not answers(town, message))

        assert marks(town, message) == {"⚠️"}


async def test_twenty_members_at_once_get_a_hundred_results_each_in_their_place(town: Town) -> None:
    async with bot_inside(town):
        await opened_ideas(town)
        people = newcomers(town, 20)
        messages = [
            await person.send(IDEAS, f"Lantern {number} of {person.name}")
            for number in range(5)
            for person in people
        ]

        await town.discord.until(lambda: all(marks(town, message) for message in messages), timeout=60)
        for message in messages:
            await marked(town, message, "✅", seconds=90)

        assert [len(results(town, message)) for message in messages] == [1] * 100
        assert {len(town.creates(message["content"])) for message in messages} == {1}


async def test_members_take_turns_in_a_flood(town: Town) -> None:
    town.changes["MATINEE_PROVIDER_RUNNING"] = "1"
    async with bot_inside(town):
        await opened_ideas(town)
        many = [await says(town, f"Many lanterns {number}") for number in range(10)]
        one = await says(town, "One lantern", by="second")

        for message in [*many, one]:
            await marked(town, message, "✅", seconds=60)

    prompts = [task.order.prompt for task in town.gateways.tasks]
    assert prompts.index("One lantern") < 5


async def test_a_flood_passes_as_many_as_the_limits_allow_and_the_rest_are_told(town: Town) -> None:
    town.changes["MATINEE_MEMBER_VIDEOS_PER_DAY"] = "3"
    async with bot_inside(town):
        await opened_ideas(town)
        messages = [await says(town, f"Sparks {number}") for number in range(40)]

        await town.discord.until(lambda: settled(town, messages), timeout=60)
        slips = [answer for message in messages for answer in answers(town, message) if not clips(answer)]

    assert sum(marks(town, message) == {"✅"} for message in messages) == 3
    assert len(town.gateways.tasks) == 3
    assert 0 < len(slips) <= 3 + 3  # the notices of three videos, and what stands of the short answers


def settled(town: Town, messages: list[Message]) -> bool:
    """Whether each prompt was made, or was not."""
    return all(marks(town, message) in ({"✅"}, {"⚠️"}) for message in messages)
