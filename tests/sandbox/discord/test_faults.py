import asyncio
import time
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord import LocalDiscord
from tests.sandbox.small_bot import SmallBot, a_file, code_of, ping, post, running

POST = ("POST", r"/channels/\d+/messages$")


def contents(server: LocalDiscord) -> list[str]:
    return [message["content"] for message in server.messages("general")]


async def test_an_answer_instead_of_the_effect(server: LocalDiscord, bot: SmallBot) -> None:
    fault = server.faults.answer_instead(*POST, 403, 50001, message="Missing Access")

    with pytest.raises(discord.Forbidden) as failure:
        await post(bot, server.channel("general")).send("one")
    await post(bot, server.channel("general")).send("two")

    assert code_of(failure) == (403, 50001)
    assert (contents(server), fault.hits) == (["two"], 1)


async def test_an_error_after_the_effect(server: LocalDiscord, bot: SmallBot) -> None:
    server.faults.answer_after(*POST, 503)
    channel = post(bot, server.channel("general"))

    with pytest.raises(discord.HTTPException) as failure:
        await channel.send("one", nonce="once")
    await channel.send("one again", nonce="once")

    assert code_of(failure) == (503, 0)
    assert contents(server) == ["one"]


async def test_a_cut_before_the_effect(server: LocalDiscord, bot: SmallBot) -> None:
    server.faults.cut_before(*POST)

    with pytest.raises(aiohttp.ClientError):
        await post(bot, server.channel("general")).send("one")

    assert contents(server) == []
    assert server.requests[-1].status is None


async def test_a_cut_after_the_effect(server: LocalDiscord, bot: SmallBot) -> None:
    server.faults.cut_after(*POST)

    with pytest.raises(aiohttp.ClientError):
        await post(bot, server.channel("general")).send("one")

    assert contents(server) == ["one"]


async def test_an_upload_that_breaks_off_has_no_effect(server: LocalDiscord) -> None:
    path = f"/api/v10/channels/{server.channel('general')}/messages"
    head = f"POST {path} HTTP/1.1\r\nHost: local\r\nAuthorization: Bot {server.token}\r\n"
    head += "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n"
    part = '--b\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{"content": "half'

    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write((head + part).encode())
    await writer.drain()
    writer.transport.abort()

    await server.until(lambda: server.requests)
    assert server.requests[-1].status is None
    assert contents(server) == []


async def test_downloads_can_fail_too(server: LocalDiscord, bot: SmallBot) -> None:
    message = await post(bot, server.channel("general")).send(file=a_file("clip.mp4", b"moving"))
    server.faults.answer_instead("GET", "^/cdn/", 503)
    server.faults.cut_before("GET", "^/cdn/", times=2)
    server.faults.delay("GET", "^/cdn/", seconds=0.01)

    with pytest.raises(discord.HTTPException) as failure:
        await message.attachments[0].read()
    with pytest.raises(aiohttp.ClientError):
        await message.attachments[0].read()

    assert failure.value.status == 503
    assert await message.attachments[0].read() == b"moving"
    assert [path.rpartition("/")[2] for path in server.downloads] == ["clip.mp4"] * 4


async def test_a_delay(server: LocalDiscord, bot: SmallBot) -> None:
    server.faults.delay(*POST, seconds=0.05)

    await post(bot, server.channel("general")).send("one")

    assert server.requests[-1].elapsed >= 0.05


async def test_a_rate_limit_is_waited_for(server: LocalDiscord, bot: SmallBot) -> None:
    server.faults.rate_limit(*POST, retry_after=0.05)

    await post(bot, server.channel("general")).send("one")

    assert [exchange.status for exchange in server.requests[-2:]] == [429, 200]
    assert contents(server) == ["one"]


async def test_a_global_rate_limit_is_waited_for(server: LocalDiscord, bot: SmallBot) -> None:
    server.faults.rate_limit(*POST, retry_after=0.05, scope="global")

    await post(bot, server.channel("general")).send("one")

    assert [exchange.status for exchange in server.requests[-2:]] == [429, 200]


async def test_a_fault_chooses_its_requests(server: LocalDiscord, bot: SmallBot) -> None:
    server.faults.answer_instead(
        *POST, 403, 50013, times=None, when=lambda request: request.body.get("content") == "bad"
    )
    channel = post(bot, server.channel("general"))

    for _ in range(2):
        with pytest.raises(discord.Forbidden):
            await channel.send("bad")
    await channel.send("good")
    server.faults.clear()
    await channel.send("bad")

    assert contents(server) == ["good", "bad"]


async def test_interaction_routes_can_fail_too(server: LocalDiscord) -> None:
    async def think(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer(thinking=True)
        with pytest.raises(discord.NotFound):
            await interaction.edit_original_response(content="one")
        await interaction.edit_original_response(content="two")

    server.faults.answer_instead("PATCH", "/webhooks/.*@original", 404, 10008)
    async with running(server, SmallBot(think)):
        call = await server.member("member").command("general", "think")
        await server.until(lambda: contents(server) == ["two"])

    assert call.token in server.requests[-1].path


async def test_observed_rates_make_the_library_wait() -> None:
    async with LocalDiscord(observed_rates=True) as server, running(server, SmallBot(ping)) as bot:
        channel = post(bot, server.channel("general"))
        started = time.monotonic()
        for number in range(4):
            await channel.send(str(number))
        elapsed = time.monotonic() - started

        async with aiohttp.ClientSession(headers={"Authorization": f"Bot {server.token}"}) as client:
            url = f"{server.api_url}/channels/{server.channel('general')}/messages"
            statuses = [await posted(client, url) for _ in range(2)]

    assert elapsed < 2
    assert statuses == [(200, "0"), (429, "0")]


async def posted(client: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    async with client.post(url, json={"content": "raw"}) as answer:
        return answer.status, answer.headers["X-RateLimit-Remaining"]
