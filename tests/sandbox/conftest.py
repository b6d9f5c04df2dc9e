from collections.abc import AsyncIterator

import pytest

from sandbox.discord import LocalDiscord
from tests.sandbox.small_bot import SmallBot, ping, running


@pytest.fixture
async def server() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord() as running_server:
        yield running_server


@pytest.fixture
async def bot(server: LocalDiscord) -> AsyncIterator[SmallBot]:
    async with running(server, SmallBot(ping)) as small_bot:
        yield small_bot
