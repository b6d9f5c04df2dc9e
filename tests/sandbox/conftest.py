from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.discord import LocalDiscord
from sandbox.gateways import LocalGateways, Pace
from sandbox.page import Environment, Page
from tests.sandbox.gateways.requests import CLIP
from tests.sandbox.page.bot import page_bot
from tests.sandbox.page.client import Client, Sleeper, loaded
from tests.sandbox.small_bot import SmallBot, ping, running


@pytest.fixture
async def server() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as running_server:
        yield running_server


@pytest.fixture
async def bot(server: LocalDiscord) -> AsyncIterator[SmallBot]:
    async with running(server, SmallBot(ping)) as small_bot:
        yield small_bot


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.02, rendering=0.05, steps=4), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def page(server: LocalDiscord, gateways: LocalGateways) -> AsyncIterator[Client]:
    """The page, loaded, beside a bot that has one of everything."""
    process = Sleeper()
    async with (
        running(server, page_bot()),
        Page(Environment(server, gateways, process), port=0).open() as url,
        aiohttp.ClientSession() as session,
    ):
        yield await loaded(session, url)
    await process.kill()
