import base64
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.gateways import LocalGateways, Pace
from sandbox.gateways.faults import task_fails
from tests.sandbox.gateways.requests import (
    CLIP,
    NATIVE,
    NATIVE_TEXT,
    TRUST,
    create,
    customer,
    fetched,
    picture,
    picture_host,
    status,
)

IMAGE = {"model_name": "kling-v3", "mode": "pro", "prompt": "Waves", "duration": "5"}
OMNI = {"model_name": "kling-v3-omni", "prompt": "<<<image_1>>> waves", "duration": "5", "sound": "off"}


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.05, rendering=0.05), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def client(gateways: LocalGateways) -> AsyncIterator[httpx.AsyncClient]:
    async with customer(gateways, "anyint-native") as opened:
        yield opened


async def test_a_task_is_created_polled_and_its_film_fetched(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    created = (await create(client, "anyint-native")).json()
    await gateways.until(lambda: gateways.tasks[0].is_over)
    finished = (await status(client, gateways)).json()
    video = finished["data"]["task_result"]["videos"][0]
    film = await fetched(video["url"])

    assert (created["code"], created["message"]) == (0, "SUCCEED")
    assert created["data"]["task_status"] == "submitted"
    assert finished["data"]["task_status"] == "succeed"
    assert finished["data"]["final_unit_deduction"] == "3"
    assert video["duration"] == "5.0"
    assert film.content == CLIP


async def test_ids_are_decimal_texts_that_no_float_holds(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    created = (await create(client, "anyint-native")).json()

    assert created["data"]["task_id"].isdecimal()
    assert int(created["data"]["task_id"]) > 2**53
    assert created["data"]["task_id"] == gateways.tasks[0].id


async def test_a_failed_task_still_says_succeed_in_its_envelope(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    gateways.faults.add(task_fails("Image pixel is invalid"))

    await create(client, "anyint-native")
    await gateways.until(lambda: gateways.tasks[0].is_over)
    told = (await status(client, gateways)).json()

    assert (told["code"], told["message"]) == (0, "SUCCEED")
    assert told["data"]["task_status"] == "failed"
    assert told["data"]["task_status_msg"] == "Image pixel is invalid"
    assert told["data"]["task_result"] == {}


async def test_a_task_is_found_by_the_callers_own_id(client: httpx.AsyncClient) -> None:
    created = await client.post(NATIVE + "text2video", json=NATIVE_TEXT | {"external_task_id": "job-1"})
    found = await client.get(NATIVE + "text2video/job-1")
    again = await client.post(NATIVE + "text2video", json=NATIVE_TEXT | {"external_task_id": "job-1"})

    assert found.json()["data"]["task_id"] == created.json()["data"]["task_id"]
    assert found.json()["data"]["task_info"] == {"external_task_id": "job-1"}
    assert again.status_code == 400


async def test_another_family_does_not_know_the_task(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    await create(client, "anyint-native")

    answer = await client.get(f"{NATIVE}image2video/{gateways.tasks[0].id}")

    assert answer.status_code == 404
    assert answer.json()["code"] == 1203


async def test_a_picture_may_come_inside_the_request(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    inside = base64.b64encode(picture()).decode()

    await client.post(NATIVE + "image2video", json=IMAGE | {"image": inside})
    await gateways.until(lambda: gateways.tasks[0].is_over)

    assert gateways.tasks[0].state == "succeeded"


async def test_omni_fetches_every_picture_of_its_list(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    async with picture_host(picture()) as link:
        images = [
            {"image_url": f"{link}?last", "type": "end_frame"},
            {"image_url": link, "type": "first_frame"},
        ]
        await client.post(NATIVE + "omni-video", json=OMNI | {"image_list": images})
        await gateways.until(lambda: gateways.tasks[0].is_over)

    assert gateways.tasks[0].order.links == (link, f"{link}?last")
    assert gateways.tasks[0].order.mode == "pro"
    assert gateways.tasks[0].state == "succeeded"


@pytest.mark.parametrize(
    ("family", "body"),
    [
        ("text2video", NATIVE_TEXT | {"model_name": "kling-v3-std"}),
        ("text2video", NATIVE_TEXT | {"model_name": "kling-3.0"}),
        ("text2video", NATIVE_TEXT | {"model_name": "kling-v3-omni"}),
        ("text2video", NATIVE_TEXT | {"model": "kling-v1"}),
        ("text2video", {"model": "kling-v3", "prompt": "No model_name"}),
        ("text2video", NATIVE_TEXT | {"image": "https://example.com/a.png"}),
        ("text2video", NATIVE_TEXT | {"image_list": [{"image_url": "https://example.com/a.png"}]}),
        ("text2video", NATIVE_TEXT | {"cfg_scale": 2}),
        ("text2video", NATIVE_TEXT | {"duration": "2"}),
        ("image2video", IMAGE),
        ("image2video", IMAGE | {"image": "https://example.com/a.png", "aspect_ratio": "16:9"}),
        ("image2video", IMAGE | {"image": "data:image/png;base64,AAAA"}),
        ("image2video", IMAGE | {"image": "ftp://example.com/a.png"}),
        ("image2video", IMAGE | {"image": 7}),
        ("omni-video", OMNI),
        ("omni-video", OMNI | {"model_name": "kling-v3", "aspect_ratio": "16:9"}),
        ("omni-video", OMNI | {"aspect_ratio": "16:9", "negative_prompt": "rain"}),
        (
            "omni-video",
            OMNI | {"image_list": [{"image_url": "https://example.com/a.png", "type": "end_frame"}]},
        ),
        ("omni-video", OMNI | {"image_list": [{"image": "https://example.com/a.png"}]}),
    ],
)
async def test_what_the_family_does_not_know_is_refused(
    gateways: LocalGateways, client: httpx.AsyncClient, family: str, body: dict[str, Any]
) -> None:
    refused = await client.post(NATIVE + family, json=body)

    assert refused.status_code == 400
    assert refused.json()["code"] == 1201
    assert gateways.tasks == []


async def test_the_key_is_needed(gateways: LocalGateways) -> None:
    async with httpx.AsyncClient(base_url=gateways.anyint_url, verify=TRUST) as stranger:
        refused = await stranger.post(NATIVE + "text2video", json=NATIVE_TEXT)

    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "invalid_api_key"


async def test_more_than_the_account_may_run_is_refused(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    gateways.anyint_limits.pending = 1

    await create(client, "anyint-native")
    refused = await create(client, "anyint-native")

    assert refused.status_code == 429
    assert refused.json()["code"] == 1303
