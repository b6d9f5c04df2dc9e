from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from coverage import Coverage

from sandbox.film import Film, Renderer
from tests.e2e.harness import town as towns
from tests.e2e.harness.town import Town


@pytest.fixture(autouse=True)
def unmeasured() -> Iterator[None]:
    """Count no lines here: the same ones are lived thousands of times, and counting doubles the time."""
    coverage = Coverage.current()
    if coverage is None:
        yield
        return
    coverage.stop()
    yield
    coverage.start()


@pytest.fixture
def unlogged() -> Iterator[None]:
    """Log nothing: in thousands of lives everything goes wrong, and each log line is a trace of it."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="session")
def clip() -> bytes:
    """A real film of a second, for all tests in which it does not matter what is to be seen."""
    return asyncio.run(Renderer().render(Film("A paper boat", seconds=1)))


@pytest.fixture
async def town(tmp_path: Path, clip: bytes) -> AsyncIterator[Town]:
    """A town without a bot."""
    async with towns.opened(tmp_path / "data", clip=clip) as opened:
        yield opened
