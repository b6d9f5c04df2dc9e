"""Links whose end was written down by another clock than the one by which they are opened."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.web import screen as screens
from tests.web.screen import Screen


@pytest.fixture
async def screen(tmp_path: Path) -> AsyncIterator[Screen]:
    async with screens.opened(tmp_path, b"a film" * 1000) as opened:
        yield opened


async def test_a_link_outlives_a_clock_that_is_set_back_for_a_while(screen: Screen) -> None:
    path = await screen.path()

    screen.clock.jump(timedelta(hours=-25))

    assert await screen.status(path) == 200


async def test_a_link_that_a_clock_far_ahead_gave_opens_nothing(screen: Screen) -> None:
    path = await screen.path()

    screen.clock.jump(timedelta(days=-300))

    assert await screen.status(path) == 410
