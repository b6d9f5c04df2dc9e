from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.interop import upstream as upstreams
from tests.interop.orders import Way
from tests.interop.proxy import Proxy
from tests.interop.upstream import Upstream

FIRST_KEY = "sk-upstream-1"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def upstream() -> AsyncIterator[Upstream]:
    async with upstreams.opened(FIRST_KEY) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def proxy(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Proxy]:
    program = os.environ.get("LITELLM", "")
    assert program, "`make interop` installs LiteLLM and says where it is"
    proxy = Proxy(program, tmp_path_factory.mktemp("litellm"), upstream.root)
    try:
        await proxy.start(FIRST_KEY)
        yield proxy
    finally:
        await proxy.kill()


@pytest.fixture(params=["own", "through"])
def way(request: pytest.FixtureRequest, proxy: Proxy, upstream: Upstream, tmp_path: Path) -> Way:
    """Each of the two gateways that LiteLLM is: its own video API, and a pass-through."""
    return Way(upstream, proxy.own if request.param == "own" else proxy.through, tmp_path)
