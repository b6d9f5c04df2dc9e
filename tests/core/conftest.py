from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.running_core import House, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.new(tmp_path)


@pytest.fixture
async def house(world: World) -> AsyncIterator[House]:
    async with House(world).open() as house:
        yield house
