"""A channel of Discord's that takes no messages delays no order in another channel."""

from __future__ import annotations

import pytest

from tests.e2e.harness.bots import bot_process
from tests.e2e.harness.files import picture
from tests.e2e.harness.prompting import IDEAS, managing, newcomers, opened_ideas
from tests.e2e.harness.scenes import CHANNEL, order
from tests.e2e.harness.town import Town

HUNG = 14
"""So many order in the channel that hangs: more than are answered at once."""


@pytest.mark.parametrize("is_prompt_channel", [True, False], ids=["prompts", "mentions"])
async def test_a09_messages_in_a_channel_that_hangs_hold_up_no_other_channel(
    town: Town, *, is_prompt_channel: bool
) -> None:
    call = "" if is_prompt_channel else f"<@{town.discord.application_id}> "
    async with bot_process(town):
        if is_prompt_channel:
            await opened_ideas(town)
            await managing(town, "channel add", channel=town.discord.channel(CHANNEL))
        hung = town.discord.faults.delay(
            "POST", rf"^/channels/{town.discord.channel(IDEAS)}/", 600, times=None
        )
        for number, person in enumerate(newcomers(town, HUNG)):
            await person.send(IDEAS, f"{call}A boat in a storm {number}")
        await town.discord.until(lambda: hung.hits)

        await town.discord.member("second").send(CHANNEL, f"{call}A quick boat")

        assert await town.gateways.until(lambda: town.creates("A quick boat"))


async def test_a09_pictures_in_a_channel_that_hangs_hold_no_place_at_the_gateway(town: Town) -> None:
    async with bot_process(town, MATINEE_PROVIDER_RUNNING="3"):
        shown = await (await order(town, "An old boat", image=picture(), channel=IDEAS)).plays()
        town.discord.expire_links()
        cards = rf"^/channels/{town.discord.channel(IDEAS)}/messages"
        hung = town.discord.faults.delay("PATCH", cards, 600, times=None, when=lambda sent: bool(sent.files))
        for person in newcomers(town, 4):
            await person.press(shown, "🔁")
        await town.discord.until(lambda: hung.hits >= 3)

        card = await order(town, "A quick boat")

        assert await town.gateways.until(lambda: town.creates("A quick boat"))
        assert await card.plays()
