from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.gateways import LocalGateways, Pace
from tests.sandbox.gateways.requests import (
    CLIP,
    WORLDROUTER_TEXT,
    create,
    customer,
    fetched,
    picture,
    picture_host,
    status,
)

VIDEOS = "/v1/videos/"
FIRST_FRAME = {"ImageUrl": "https://example.com/a.png", "Type": "first_frame"}
IMAGE = {
    "Model": "kling-v3",
    "Prompt": "Dolly in",
    "Duration": "5",
    "Mode": "std",
    "ImageList": [FIRST_FRAME],
}
OMNI = {"Model": "kling-v3-omni", "Prompt": "She turns", "Duration": "5"}


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.05, rendering=0.05), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def client(gateways: LocalGateways) -> AsyncIterator[httpx.AsyncClient]:
    async with customer(gateways, "worldrouter") as opened:
        yield opened


async def test_a_task_is_created_polled_and_its_film_fetched(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    created = (await create(client, "worldrouter")).json()
    waiting = (await status(client, gateways)).json()
    await gateways.until(lambda: gateways.tasks[0].is_over)
    finished = (await status(client, gateways)).json()
    film = await client.get(finished["content"]["video_url"])

    assert created == {
        "id": gateways.tasks[0].id,
        "model": "kling-v3",
        "status": "queued",
        "kling_action_family": "text",
        "requestId": created["requestId"],
    }
    assert "content" not in waiting
    assert finished["status"] == "succeeded"
    assert film.content == CLIP


async def test_the_media_link_stays_the_same_and_tells_who_sent_a_key(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    await create(client, "worldrouter")
    await gateways.until(lambda: gateways.tasks[0].is_over)
    links = [(await status(client, gateways)).json()["content"]["video_url"] for _ in range(2)]
    await client.get(links[0])
    await fetched(links[0])

    downloads = [one for one in gateways.requests if one.stage == "media"]
    assert links[0] == links[1]
    assert ["Authorization" in one.headers for one in downloads] == [True, False]
    assert (await client.get("/media/kling/unknown/output.mp4")).status_code == 404


@pytest.mark.parametrize("duration", ["5", 5, "10", 10], ids=repr)
async def test_a_duration_is_coerced(
    gateways: LocalGateways, client: httpx.AsyncClient, duration: str | int
) -> None:
    await client.post(VIDEOS + "text2video", json=WORLDROUTER_TEXT | {"Duration": duration})

    assert gateways.tasks[0].order.seconds == int(duration)


@pytest.mark.parametrize("family", ["image2video", "omni-video"])
async def test_a_first_frame_is_fetched(
    gateways: LocalGateways, client: httpx.AsyncClient, family: str
) -> None:
    async with picture_host(picture()) as link:
        images = [{"ImageUrl": link, "Type": "first_frame"}]
        body = IMAGE if family == "image2video" else OMNI
        await client.post(VIDEOS + family, json=body | {"ImageList": images})
        await gateways.until(lambda: gateways.tasks[0].is_over)

    assert gateways.tasks[0].state == "succeeded"


async def test_an_unreachable_picture_fails_the_task_once_it_is_polled(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    images = [{"ImageUrl": "http://127.0.0.1:9/a.png", "Type": "first_frame"}]

    created = await client.post(VIDEOS + "image2video", json=IMAGE | {"ImageList": images})
    await gateways.until(lambda: gateways.tasks[0].is_over)
    told = (await client.get(f"{VIDEOS}image2video/{created.json()['id']}")).json()

    assert created.status_code == 200
    assert told["status"] == "failed"
    assert "fetch" in told["error"]["message"]
    assert gateways.tasks[0].charged == 0


@pytest.mark.parametrize(
    ("family", "body"),
    [
        ("text2video", WORLDROUTER_TEXT | {"ImageList": [FIRST_FRAME]}),
        ("text2video", WORLDROUTER_TEXT | {"Model": "kling-v3-std"}),
        ("text2video", WORLDROUTER_TEXT | {"Model": "kling-v3-omni"}),
        ("text2video", WORLDROUTER_TEXT | {"Duration": "7"}),
        ("text2video", WORLDROUTER_TEXT | {"Duration": 5.0}),
        ("text2video", WORLDROUTER_TEXT | {"Audio": True}),
        ("text2video", {"model": "kling-v3", "prompt": "snake case", "duration": "5"}),
        ("text2video", {"Model": "kling-v3", "Duration": "5"}),
        ("image2video", {name: value for name, value in IMAGE.items() if name != "ImageList"}),
        ("image2video", IMAGE | {"AspectRatio": "16:9"}),
        ("image2video", IMAGE | {"ImageList": []}),
        (
            "image2video",
            IMAGE | {"ImageList": [{"ImageUrl": "http://example.com/a.png", "Type": "first_frame"}]},
        ),
        (
            "image2video",
            IMAGE | {"ImageList": [{"ImageUrl": "https://example.com/a.png", "Type": "last_frame"}]},
        ),
        ("image2video", IMAGE | {"ImageList": [{"Url": "https://example.com/a.png", "Type": "first_frame"}]}),
        ("omni-video", OMNI | {"Model": "kling-v3"}),
        ("omni-video", OMNI | {"Mode": "pro"}),
    ],
)
async def test_what_the_family_does_not_know_is_refused(
    gateways: LocalGateways, client: httpx.AsyncClient, family: str, body: dict[str, Any]
) -> None:
    refused = await client.post(VIDEOS + family, json=body)

    assert refused.status_code == 400
    assert refused.json()["error"]["message"]
    assert gateways.tasks == []


async def test_a_model_of_another_route_is_called_unsupported(client: httpx.AsyncClient) -> None:
    refused = await client.post(VIDEOS + "text2video", json=WORLDROUTER_TEXT | {"Model": "sora"})

    assert refused.json()["error"] == {
        "code": "unsupported_model",
        "message": "unsupported model: 'sora'",
    }


@pytest.mark.parametrize("path", ["image2video/{}", "omni-video/{}"])
async def test_another_family_does_not_know_the_task(
    gateways: LocalGateways, client: httpx.AsyncClient, path: str
) -> None:
    await create(client, "worldrouter")

    answer = await client.get(VIDEOS + path.format(gateways.tasks[0].id))

    assert answer.status_code == 404


async def test_there_is_no_list(client: httpx.AsyncClient) -> None:
    assert (await client.get(VIDEOS + "text2video")).status_code == 405
    assert (await client.get("/v1/videos")).status_code == 404


async def test_another_team_may_not_read_the_task(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    await create(client, "worldrouter")
    client.headers["Authorization"] = f"Bearer {gateways.worldrouter_other_team_key}"

    refused = await status(client, gateways)

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "media_resource_access_denied"


async def test_a_personal_key_creates_nothing(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = f"Bearer {gateways.worldrouter_personal_key}"

    refused = await create(client, "worldrouter")

    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "kling_team_required"
    assert gateways.tasks == []


async def test_a_team_without_credit_creates_nothing(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    gateways.worldrouter_limits.credit = Decimal("0.80")

    answers = [await create(client, "worldrouter") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 402]
    assert answers[1].json()["error"]["code"] == "kling_balance_too_low"
    assert len(gateways.tasks) == 1


async def test_too_many_pending_tasks_are_refused_until_one_ends(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    gateways.worldrouter_limits.pending = 1

    await create(client, "worldrouter")
    refused = await create(client, "worldrouter")
    await gateways.until(lambda: gateways.tasks[0].is_over)
    accepted = await create(client, "worldrouter")

    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "kling_too_many_pending_tasks"
    assert accepted.status_code == 200
