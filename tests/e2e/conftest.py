from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.film import Film, Renderer
from tests.e2e.harness import town as towns
from tests.e2e.harness.bots import bot_inside
from tests.e2e.harness.town import Town


@pytest.fixture(scope="session")
def clip() -> bytes:
    """A real film of a second, for all tests in which it does not matter what is to be seen."""
    return asyncio.run(Renderer().render(Film("A paper boat", seconds=1)))


@pytest.fixture
async def town(tmp_path: Path, clip: bytes) -> AsyncIterator[Town]:
    """A town without a bot: the test runs one, or several after another."""
    async with towns.opened(tmp_path / "data", clip=clip) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lively_town(tmp_path_factory: pytest.TempPathFactory, clip: bytes) -> AsyncIterator[Town]:
    """A town with a running bot, for all tests of a module that do not get into each other's way."""
    folder = tmp_path_factory.mktemp("matinee") / "data"
    async with towns.opened(folder, clip=clip) as opened, bot_inside(opened):
        yield opened
