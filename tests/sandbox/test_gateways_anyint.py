from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.gateways import LocalGateways, Pace

TEXT = {
    "model": "kling-3.0",
    "prompt": "A paper airplane",
    "duration": "5",
    "aspect_ratio": "16:9",
    "mode": "std",
    "generate_audio": False,
}


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.05, rendering=0.1)) as opened:
        yield opened


@pytest.fixture
async def client(gateways: LocalGateways) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {gateways.anyint_key}"}
    async with httpx.AsyncClient(base_url=gateways.anyint_url, headers=headers) as opened:
        yield opened


async def test_a_task_is_created_polled_and_its_film_fetched(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    created = (await client.post("/openai/v1/videos", json=TEXT)).json()

    await gateways.until(lambda: gateways.tasks[0].state == "succeeded")
    status = (await client.get(f"/openai/v1/videos/{created['id']}")).json()
    film = await client.get(f"/openai{status['download_url']}")

    assert created["status"] == "processing"
    assert status["status"] == "completed"
    assert film.content[4:8] == b"ftyp"
