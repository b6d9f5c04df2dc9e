"""An unknown gateway in the place of WorldRouter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stranger.driver import Stage
from tests.stranger.made_up.documents import Surface
from tests.stranger.proving import WORLDS, prove


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    opened = Stage(Surface.WORLDROUTER, tmp_path_factory.mktemp("clips"))
    yield opened
    opened.close()


@pytest.mark.timeout(900)
def test_in_many_worlds_every_promise_is_kept(stage: Stage) -> None:
    prove(stage, WORLDS)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_in_20_000_worlds_every_promise_is_kept(stage: Stage) -> None:
    prove(stage, 20_000, number=20_261_130)
