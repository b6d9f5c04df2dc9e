"""A small real bot on unchanged discord.py, for the tests of the local Discord."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from io import BytesIO
from typing import Any

import discord
import pytest
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from sandbox.discord import LocalDiscord

Command = Callable[..., Coroutine[Any, Any, None]]


class SmallBot(discord.Client):
    """Has these functions as slash commands; the messages and reactions it gets are in `heard`."""

    def __init__(self, *commands: Command, content: bool = True) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__(intents=intents, max_messages=None, guild_ready_timeout=0.05)
        self.tree: app_commands.CommandTree[SmallBot] = app_commands.CommandTree(self)
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.resumes = 0
        for command in commands:
            self.tree.command()(command)

    async def setup_hook(self) -> None:
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        self.heard.put_nowait(message)

    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        self.heard.put_nowait(payload)

    async def on_resumed(self) -> None:
        self.resumes += 1


async def ping(interaction: discord.Interaction) -> None:
    """Answer at once."""
    await interaction.response.send_message("pong")


@contextmanager
def pointed_at(api_url: str, gateway_url: str) -> Generator[None]:
    """Make discord.py talk to this server instead of Discord."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api_url, yarl.URL(gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


@asynccontextmanager
async def running(server: LocalDiscord, bot: SmallBot) -> AsyncGenerator[SmallBot]:
    """The bot, logged in to this server and ready."""
    with pointed_at(server.api_url, server.gateway_url):
        async with bot, asyncio.TaskGroup() as tasks:
            run = tasks.create_task(bot.start(server.token))
            await server.bot_ready()
            await bot.wait_until_ready()
            yield bot
            await bot.close()
            await run


def code_of(failure: pytest.ExceptionInfo[discord.HTTPException]) -> tuple[int, int]:
    """The HTTP status and Discord's own code of an error."""
    return failure.value.status, failure.value.code


def a_file(name: str, content: bytes) -> discord.File:
    return discord.File(BytesIO(content), name)


def post(bot: SmallBot, channel_id: int) -> discord.PartialMessageable:
    """A channel to post to by its id, as after a restart: nothing is cached."""
    return bot.get_partial_messageable(channel_id)
