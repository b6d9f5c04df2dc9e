import socket
from collections.abc import AsyncIterator

import pytest

from core.ports import Provider
from providers import AnyInt, AnyIntNative, Network, WorldRouter, open_network
from sandbox.gateways import LocalGateways, Pace
from tests.providers.world import CLIP, RememberedReplies, VirtualClock, built, place, ready


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.01, rendering=0.01), clip=CLIP) as opened:
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


@pytest.fixture
def native(gateways: LocalGateways, network: Network, replies: RememberedReplies) -> AnyIntNative:
    return AnyIntNative(
        base_url=gateways.anyint_url, key=gateways.anyint_key, network=network, replies=replies
    )


@pytest.fixture
def worldrouter(gateways: LocalGateways, network: Network, replies: RememberedReplies) -> WorldRouter:
    return WorldRouter(
        base_url=gateways.worldrouter_url, key=gateways.worldrouter_key, network=network, replies=replies
    )


@pytest.fixture(params=["anyint", "anyint-native", "worldrouter"])
def provider(
    request: pytest.FixtureRequest, gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> Provider:
    """Each surface in turn."""
    name: str = request.param
    return built(name, gateways, network, replies)


@pytest.fixture
def free_port() -> int:
    """A port on which no program listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
    return port


@pytest.fixture
async def media_link(gateways: LocalGateways, network: Network) -> str:
    """A living link to a clip on a host that is not AnyInt's."""
    worldrouter = built("worldrouter", gateways, network, RememberedReplies())
    _, result = await ready(worldrouter, gateways)
    assert result.url is not None
    return result.url
