from collections.abc import AsyncIterator

import pytest

from providers import AnyInt, Network, open_network
from sandbox.gateways import LocalGateways, Pace
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, place


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.02, rendering=0.05), clip=CLIP) as opened:
        yield opened


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def replies() -> RememberedReplies:
    return RememberedReplies()


@pytest.fixture
async def network(gateways: LocalGateways, clock: VirtualClock) -> AsyncIterator[Network]:
    allowed = [place(gateways.anyint_url), place(gateways.worldrouter_url)]
    async with open_network(clock=clock, allowed_hosts=allowed, create_read_timeout=0.5) as opened:
        yield opened


@pytest.fixture
def anyint(gateways: LocalGateways, network: Network, replies: RememberedReplies) -> AnyInt:
    return AnyInt(base_url=gateways.anyint_url, key=gateways.anyint_key, network=network, replies=replies)
