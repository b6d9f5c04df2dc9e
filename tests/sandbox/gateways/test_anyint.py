import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.film import Film, Renderer
from sandbox.gateways import LocalGateways, Pace
from tests.sandbox.gateways.requests import (
    CLIP,
    OPENAI_TEXT,
    TRUST,
    create,
    customer,
    picture,
    picture_host,
    status,
)

VIDEOS = "/openai/v1/videos"
OMNI = {
    "model": "kling-v3-omni",
    "prompt": "She turns",
    "duration": "5",
    "aspect_ratio": "16:9",
    "sound": "off",
}


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.05, rendering=0.1), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def client(gateways: LocalGateways) -> AsyncIterator[httpx.AsyncClient]:
    async with customer(gateways, "anyint") as opened:
        yield opened


async def test_a_task_is_created_polled_and_its_film_fetched(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    created = (await client.post(VIDEOS, json=OPENAI_TEXT)).json()
    waiting = (await client.get(f"{VIDEOS}/{created['id']}")).json()
    await gateways.until(lambda: gateways.tasks[0].is_over)
    finished = (await client.get(f"{VIDEOS}/{created['id']}")).json()
    film = await client.get(f"/openai{finished['download_url']}")

    assert created == {
        "id": created["id"],
        "object": "video",
        "status": "processing",
        "model": "kling-3.0",
        "error": None,
    }
    assert waiting["status"] == "processing"
    assert "download_url" not in waiting
    assert (finished["status"], finished["progress"], finished["error"]) == ("completed", 100, None)
    assert finished["download_url"] == f"/v1/videos/{created['id']}/content"
    assert film.headers["content-type"] == "video/mp4"
    assert film.content == CLIP


async def test_a_film_is_rendered_as_it_was_asked_for() -> None:
    wanted = OPENAI_TEXT | {"duration": 3, "aspect_ratio": "1:1"}
    async with (
        LocalGateways(pace=Pace(queued=0, rendering=0)) as rendering,
        customer(rendering, "anyint") as client,
    ):
        await client.post(VIDEOS, json=wanted)
        await rendering.until(lambda: rendering.tasks[0].is_over)
        film = await client.get(f"{VIDEOS}/{rendering.tasks[0].id}/content")

    same = Film("A paper airplane", 3, "1:1", caption="kling-3.0 · std · 3 s · local stand-in")
    assert film.content == await Renderer().render(same)
    assert film.content[4:8] == b"ftyp"


async def test_closing_ends_what_is_being_rendered() -> None:
    async with LocalGateways(pace=Pace(queued=0)) as gateways, customer(gateways, "anyint") as client:
        await client.post(VIDEOS, json=OPENAI_TEXT | {"duration": 15, "mode": "pro"})
        await gateways.until(lambda: gateways.tasks[0].state == "running")
        started = time.perf_counter()

    assert time.perf_counter() - started < 3
    assert gateways.tasks[0].state == "running"


async def test_ids_need_care_in_a_path(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    await create(client, "anyint")

    escaped = gateways.tasks[0].id.replace("=", "%3D")

    assert escaped.endswith("%3D")
    assert (await client.get(f"{VIDEOS}/{escaped}")).status_code == 200


async def test_progress_moves_while_the_task_runs(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    await create(client, "anyint")

    seen = [await gateways.until(lambda: gateways.tasks[0].progress)]
    await gateways.until(lambda: gateways.tasks[0].is_over)

    assert 0 < seen[0] < 100
    assert [state for state, _ in gateways.tasks[0].history] == ["queued", "running", "succeeded"]


async def test_a_task_is_charged_for_its_seconds_once_it_is_over(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    await create(client, "anyint")
    before = gateways.tasks[0].charged
    await gateways.until(lambda: gateways.tasks[0].is_over)

    assert before is None
    assert gateways.charged == Decimal("0.42")


@pytest.mark.parametrize(
    "change",
    [
        {"model": "kling-v3"},
        {"model": "kling-v3-std"},
        {"model": 3},
        {"model": None},
        {"prompt": ""},
        {"prompt": 7},
        {"prompt": "x" * 2501},
        {"duration": 5.0},
        {"duration": "five"},
        {"duration": True},
        {"duration": 99},
        {"aspect_ratio": "21:9"},
        {"mode": "fast"},
        {"generate_audio": "false"},
        {"sound": "off"},
        {"image": "http://example.com/a.png"},
        {"image": "data:image/png;base64,AAAA"},
        {"image": ["https://example.com/a.png"]},
        {"frame_images": [{"url": "https://example.com/a.png", "kind": "first_frame"}]},
        {"frame_images": {"url": "https://example.com/a.png"}},
        {"frame_images": ["https://example.com/a.png"]},
        {"aspectRatio": "16:9"},
        {"negative_prompt": "rain"},
    ],
)
async def test_what_the_document_does_not_know_is_refused(
    gateways: LocalGateways, client: httpx.AsyncClient, change: dict[str, Any]
) -> None:
    refused = await client.post(VIDEOS, json=OPENAI_TEXT | change)

    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "invalid_request_error"
    assert gateways.tasks == []


@pytest.mark.parametrize("missing", ["model", "prompt"])
async def test_required_fields_are_required(
    gateways: LocalGateways, client: httpx.AsyncClient, missing: str
) -> None:
    body = {name: value for name, value in OPENAI_TEXT.items() if name != missing}

    refused = await client.post(VIDEOS, json=body)

    assert refused.json()["error"]["message"] == f"missing field: {missing}"
    assert gateways.tasks == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"text"'])
async def test_a_body_that_is_no_json_object_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    refused = await client.post(VIDEOS, content=body, headers={"Content-Type": "application/json"})

    assert refused.status_code == 400


async def test_a_form_is_refused(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    refused = await client.post(VIDEOS, data={"model": "kling-3.0", "prompt": "A"})

    assert refused.status_code == 400
    assert gateways.tasks == []


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer wrong", "local-anyint-key", "Basic local-anyint-key"]
)
@pytest.mark.parametrize("route", ["create", "status", "content", "models"])
async def test_no_route_works_without_the_key(
    gateways: LocalGateways, client: httpx.AsyncClient, authorization: str | None, route: str
) -> None:
    await create(client, "anyint")
    task = gateways.tasks[0].id
    paths = {"create": "", "status": f"/{task}", "content": f"/{task}/content", "models": "/../models"}
    headers = {} if authorization is None else {"Authorization": authorization}

    async with httpx.AsyncClient(base_url=gateways.anyint_url, headers=headers, verify=TRUST) as stranger:
        method = "POST" if route == "create" else "GET"
        refused = await stranger.request(method, VIDEOS + paths[route], json=OPENAI_TEXT)

    assert refused.status_code == 401
    assert refused.json()["error"] == {
        "message": "Invalid or missing API key",
        "type": "authentication_error",
        "code": "invalid_api_key",
    }
    assert len(gateways.tasks) == 1


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v1/videos", 404),
        ("POST", "/openai/v1/chat/completions", 404),
        ("GET", "/openai/v1/videos", 405),
        ("DELETE", "/openai/v1/videos/video_1", 405),
        ("GET", "/openai/v1/videos/video_1", 404),
        ("GET", "/openai/v1/videos/video_1/content", 404),
    ],
)
async def test_other_routes_do_not_exist(
    gateways: LocalGateways, client: httpx.AsyncClient, method: str, path: str, expected: int
) -> None:
    answer = await client.request(method, path, json=OPENAI_TEXT)

    assert answer.status_code == expected
    assert answer.json()["error"]["message"]
    assert gateways.tasks == []


async def test_content_before_the_end_is_refused(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    await create(client, "anyint")

    refused = await client.get(f"{VIDEOS}/{gateways.tasks[0].id}/content")

    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == "Task is not completed yet"


async def test_a_picture_is_fetched_and_filmed(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    async with picture_host(picture()) as link:
        await client.post(VIDEOS, json=OPENAI_TEXT | {"image": link, "mode": "pro"})
        await gateways.until(lambda: gateways.tasks[0].is_over)

    assert gateways.tasks[0].state == "succeeded"


async def test_an_omni_reference_may_be_the_first_frame_too(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    async with picture_host(picture()) as link:
        frames = [{"url": link, "role": "first_frame"}]
        await client.post(VIDEOS, json=OMNI | {"input_reference": link, "frame_images": frames})
        await gateways.until(lambda: gateways.tasks[0].is_over)

    assert gateways.tasks[0].order.links == (link,)
    assert gateways.tasks[0].state == "succeeded"


@pytest.mark.parametrize(
    ("content", "http_status", "reason"),
    [
        (b"gone", 404, "answered 404"),
        (b"<html>", 200, "format is invalid"),
        (picture(kind="GIF"), 200, "only JPEG and PNG"),
        (picture(200, 200), 200, "pixel is invalid"),
        (picture(1200, 300), 200, "pixel is invalid"),
        (b"\x89PNG" + bytes(11 * 2**20), 200, "exceeds 10 MB"),
    ],
)
async def test_a_picture_that_cannot_be_used_fails_the_task_late_and_costs_nothing(
    gateways: LocalGateways, client: httpx.AsyncClient, content: bytes, http_status: int, reason: str
) -> None:
    async with picture_host(content, http_status) as link:
        created = await client.post(VIDEOS, json=OPENAI_TEXT | {"image": link})
        await gateways.until(lambda: gateways.tasks[0].is_over)
        told = (await status(client, gateways)).json()

    assert created.status_code == 200
    assert told["status"] == "failed"
    assert reason in told["error"]["message"]
    assert gateways.charged == 0


async def test_a_picture_that_no_server_has_fails_the_task(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    await client.post(VIDEOS, json=OPENAI_TEXT | {"image": "http://127.0.0.1:9/picture.png"})
    await gateways.until(lambda: gateways.tasks[0].is_over)

    assert gateways.tasks[0].state == "failed"


async def test_models_are_listed(client: httpx.AsyncClient) -> None:
    models = (await client.get("/openai/v1/models")).json()["data"]

    assert [model["id"] for model in models] == ["kling-3.0", "kling-v3-omni"]


async def test_every_request_is_in_the_history(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    await create(client, "anyint")
    await status(client, gateways)
    await client.get("/nowhere?a=1")

    told = [(one.vendor, one.method, one.stage, one.status) for one in gateways.requests]
    assert told == [
        ("anyint", "POST", "create", 200),
        ("anyint", "GET", "status", 200),
        ("anyint", "GET", None, 404),
    ]
    assert gateways.creates()[0].json == OPENAI_TEXT
    assert gateways.creates()[0].headers["authorization"] == f"Bearer {gateways.anyint_key}"
    assert gateways.requests[2].path == "/nowhere?a=1"
    assert gateways.requests[2].json is None


async def test_a_wait_that_fails_reports_what_happened(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    await create(client, "anyint")

    with pytest.raises(AssertionError, match="POST /openai/v1/videos -> 200"):
        await gateways.until(lambda: len(gateways.tasks) == 2, timeout=0.01)
