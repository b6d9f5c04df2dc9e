import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.discord import LocalDiscord
from tests.sandbox.small_bot import SmallBot, ping, pointed_at, running

OTHER_PROCESS = """
import asyncio, sys
from tests.sandbox.small_bot import SmallBot, ping, pointed_at

with pointed_at(sys.argv[1], sys.argv[2]):
    asyncio.run(SmallBot(ping).start(sys.argv[3]))
"""


async def test_what_happened_during_a_break_is_sent_on_resume(server: LocalDiscord, bot: SmallBot) -> None:
    await server.drop_gateway()
    assert not server.connected

    await server.member("member").send("ideas", "while you were away")
    message = await bot.heard.get()
    call = await server.member("member").command("general", "ping")
    await call.answered()

    assert message.content == "while you were away"
    assert (bot.resumes, server.identified) == (1, 1)


async def test_op_7_makes_the_bot_resume(server: LocalDiscord, bot: SmallBot) -> None:
    server.ask_to_reconnect()

    await server.until(lambda: server.resumed)
    await server.member("member").send("ideas", "still there?")
    assert (await bot.heard.get()).content == "still there?"
    assert server.identified == 1


async def test_a_forgotten_session_has_to_identify_again(server: LocalDiscord) -> None:
    async with gateway(server) as (socket, _):
        await socket.send_json({"op": 6, "d": {"token": server.token, "session_id": "gone", "seq": 3}})

        assert await socket.receive_json() == {"op": 9, "d": False}


async def test_a_killed_bot_is_followed_by_a_new_one(server: LocalDiscord) -> None:
    first = await bot_process(server)
    await server.bot_ready()
    os.kill(first.pid, signal.SIGKILL)
    await first.wait()
    await server.until(lambda: not server.connected)

    async with running(server, SmallBot(ping)):
        call = await server.member("member").command("general", "ping")
        await call.answered()

    assert server.identified == 2


async def test_a_heartbeat_is_answered(server: LocalDiscord) -> None:
    async with gateway(server) as (socket, hello):
        await socket.send_json({"op": 1, "d": None})

        assert hello == {"op": 10, "d": {"heartbeat_interval": 41250}}
        assert await socket.receive_json() == {"op": 11}


async def test_a_heartbeat_is_answered_as_from_afar(server: LocalDiscord) -> None:
    """An answer before discord.py has noted when it asked makes it warn of a connection that is behind."""
    async with gateway(server) as (socket, _):
        asked = time.monotonic()
        await socket.send_json({"op": 1, "d": None})
        await socket.receive_json()

        assert time.monotonic() - asked >= 0.04


async def test_ready_names_the_session_and_the_server(server: LocalDiscord) -> None:
    async with gateway(server) as (socket, _):
        await socket.send_json({"op": 2, "d": {"token": server.token, "intents": 0}})
        ready: dict[str, Any] = await socket.receive_json()

    assert (ready["t"], ready["s"]) == ("READY", 1)
    assert ready["d"]["guilds"] == [{"id": str(server.guild_id), "unavailable": True}]
    assert ready["d"]["resume_gateway_url"] == server.gateway_url


async def test_a_wrong_token_is_closed_with_4004(server: LocalDiscord) -> None:
    async with gateway(server) as (socket, _):
        await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0}})
        await socket.receive()

        assert socket.close_code == 4004


async def test_a_privileged_intent_has_to_be_granted() -> None:
    async with LocalDiscord(message_content=False) as server:
        with pointed_at(server.api_url, server.gateway_url):
            async with SmallBot() as bot:
                with pytest.raises(discord.PrivilegedIntentsRequired):
                    await bot.start(server.token)


async def test_without_the_content_intent_only_mentions_are_read(server: LocalDiscord) -> None:
    async with running(server, SmallBot(ping, content=False)) as bot:
        await server.member("member").send("ideas", "a secret")
        await server.member("member").send("ideas", f"<@{server.bot_id}> a prompt")
        hidden, mention = await bot.heard.get(), await bot.heard.get()

    assert (hidden.content, mention.content) == ("", f"<@{server.bot_id}> a prompt")


async def test_what_happens_in_a_hidden_channel_is_not_sent(server: LocalDiscord, bot: SmallBot) -> None:
    server.set_permissions("ideas", view_channel=False)

    await server.member("member").send("ideas", "hidden")
    await server.member("member").send("general", "seen")

    assert (await bot.heard.get()).content == "seen"


async def test_a_restarted_bot_does_not_hear_the_past(server: LocalDiscord) -> None:
    async with running(server, SmallBot(ping)):
        pass
    await server.member("member").send("ideas", "nobody is listening")

    async with running(server, SmallBot(ping)) as second:
        await server.member("member").send("ideas", "hello")
        assert (await second.heard.get()).content == "hello"


async def test_members_are_given_on_request(server: LocalDiscord) -> None:
    async with gateway(server) as (socket, _):
        await socket.send_json({"op": 2, "d": {"token": server.token, "intents": 1}})
        assert [(await socket.receive_json())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
        request = {"guild_id": str(server.guild_id), "query": "mod", "limit": 0, "nonce": "n"}
        await socket.send_json({"op": 8, "d": request})
        chunk = await socket.receive_json()

    assert [member["user"]["username"] for member in chunk["d"]["members"]] == ["moderator"]
    assert chunk["d"]["nonce"] == "n"


async def test_closing_does_not_wait_for_clients() -> None:
    async with LocalDiscord() as server:
        server.faults.delay("GET", "/users/@me", seconds=600)
        client = aiohttp.ClientSession(headers={"Authorization": f"Bot {server.token}"})
        waiting = asyncio.create_task(get(client, f"{server.api_url}/users/@me"))
        socket = await client.ws_connect(server.gateway_url)
        await socket.receive_json()

    assert isinstance(await waiting, aiohttp.ClientError)
    await client.close()


async def test_a_taken_port_is_an_error_and_leaves_nothing_open(server: LocalDiscord) -> None:
    with pytest.raises(OSError, match="address already in use"):
        async with LocalDiscord(port=server.port):
            pass


async def get(client: aiohttp.ClientSession, url: str) -> aiohttp.ClientError | int:
    try:
        async with client.get(url) as answer:
            return answer.status
    except aiohttp.ClientError as error:
        return error


async def bot_process(server: LocalDiscord) -> asyncio.subprocess.Process:
    arguments = ["-c", OTHER_PROCESS, server.api_url, server.gateway_url, server.token]
    return await asyncio.create_subprocess_exec(sys.executable, *arguments)


@asynccontextmanager
async def gateway(
    server: LocalDiscord,
) -> AsyncGenerator[tuple[aiohttp.ClientWebSocketResponse, dict[str, Any]]]:
    """A bare socket and the server's hello."""
    async with aiohttp.ClientSession() as client, client.ws_connect(server.gateway_url) as socket:
        yield socket, json.loads(await socket.receive_str())
