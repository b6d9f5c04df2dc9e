from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.running_core import RunningCore, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.new(tmp_path)


@pytest.fixture
async def running(world: World) -> AsyncIterator[RunningCore]:
    async with RunningCore(world).open() as running:
        yield running
