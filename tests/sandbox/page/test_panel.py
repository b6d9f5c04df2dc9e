from __future__ import annotations

import pytest

from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways
from sandbox.page.gateway_scenarios import MOODS
from tests.sandbox.gateways.requests import create, customer
from tests.sandbox.page.client import Client


async def test_the_panel_turns_limits_and_permissions(page: Client, server: LocalDiscord) -> None:
    channel = server.channel("general")
    async with page.looks(channel, panel=True) as screen:
        await page.turns("upload_limit", value=0.5)
        await page.turns("token_life", value=1)
        await page.turns("message_content", value=False)
        await page.turns("permission", channel=str(channel), name="attach_files", value=False)

        await screen.until(lambda parts: not parts["panel"]["permissions"]["attach_files"])
        shown = screen.parts["panel"]
        assert (shown["upload_limit"], shown["token_life"], shown["message_content"]) == (0.5, 1, False)
        assert server.upload_limit == 512 * 1024
        assert server.world.bot_may(channel, "send_messages")
        assert not server.world.bot_may(channel, "attach_files")


async def test_a_value_that_makes_no_sense_is_refused(page: Client) -> None:
    assert "500 at most" in (await page.turns("upload_limit", value=-1))["refused"]
    assert "1440 at most" in (await page.turns("token_life", value="long"))["refused"]
    assert "mood" in (await page.turns("mood", value="sleepy"))["refused"]
    assert "direct message" in (await page.turns("permission", channel="dm", name="embed_links"))["refused"]
    assert "Nobody knows" in (await page.turns("strike", value="thunder"))["refused"]
    assert "Nobody knows" in (await page.turns("bot", value="praise"))["refused"]


async def test_the_bot_is_killed_and_started_again(page: Client, server: LocalDiscord) -> None:
    async with page.looks(server.channel("general"), panel=True) as screen:
        await page.turns("bot", value="start")
        first = await screen.until(lambda parts: parts["panel"]["pid"])
        await page.turns("bot", value="kill")
        await screen.until(lambda parts: parts["panel"]["pid"] is None)
        assert screen.parts["bot"]["running"] is False
        await page.turns("bot", value="restart")

        second = await screen.until(lambda parts: parts["panel"]["pid"])
        assert second != first
        await page.turns("bot", value="stop")
        await screen.until(lambda parts: parts["bot"]["running"] is False)


async def test_discord_can_be_made_to_strike(page: Client, server: LocalDiscord) -> None:
    async with page.looks(server.channel("general"), panel=True) as screen:
        await page.turns("strike", value="tokens")
        await page.turns("strike", value="links")
        await page.turns("strike", value="reconnect")

        await screen.until(lambda parts: parts["panel"]["resumes"] == 1)
        await page.turns("strike", value="drop")
        await screen.until(lambda parts: parts["panel"]["resumes"] == 2)


async def test_each_scenario_reaches_the_member_who_orders(page: Client, gateways: LocalGateways) -> None:
    async with customer(gateways, "anyint") as client:
        await page.turns("mood", value="poor")
        poor = await create(client, "anyint")
        await page.turns("mood", value="moderated")
        moderated = await create(client, "anyint")
        await page.turns("mood", value="usual")
        usual = await create(client, "anyint")

    assert (poor.status_code, moderated.status_code, usual.status_code) == (402, 400, 200)


@pytest.mark.parametrize("mood", MOODS)
async def test_every_mood_can_be_turned_to(page: Client, server: LocalDiscord, mood: str) -> None:
    async with page.looks(server.channel("general"), panel=True) as screen:
        await page.turns("mood", value=mood)

        await screen.until(lambda parts: parts["panel"]["mood"] == mood)


async def test_the_wire_and_the_bill_are_shown(
    page: Client, server: LocalDiscord, gateways: LocalGateways
) -> None:
    async with page.looks(server.channel("general"), panel=True) as screen:
        await page.turns("mood", value="fast")
        async with customer(gateways, "anyint") as client:
            await create(client, "anyint")

        await screen.until(lambda parts: parts["bill"]["tasks"][0]["charged"])
        assert screen.parts["bill"]["creates"] == 1
        assert float(screen.parts["bill"]["charged"]) > 0
        lines = {(line["to"], line["status"]) for line in screen.parts["wire"]}
        assert {("discord", 200), ("anyint", 200)} <= lines
        assert all(line["ms"] is not None for line in screen.parts["wire"])
