import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from sandbox.gateways import Fault, LocalGateways, Pace
from sandbox.gateways import faults as script
from tests.sandbox.gateways.requests import CLIP, create, customer


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0, rendering=0), clip=CLIP) as opened:
        yield opened


@pytest.fixture
async def client(gateways: LocalGateways) -> AsyncIterator[httpx.AsyncClient]:
    async with customer(gateways, "anyint", patience=0.5) as opened:
        await create(opened, "anyint")
        await gateways.until(lambda: gateways.tasks[0].is_over)
        yield opened


async def content(
    gateways: LocalGateways, client: httpx.AsyncClient, *, follow: bool = False
) -> httpx.Response:
    path = f"/openai/v1/videos/{gateways.tasks[0].id}/content"
    return await client.get(path, follow_redirects=follow)


def named(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(
    ("fault", "status", "start"),
    [
        (script.file_not_ready(425), 425, b'{"error"'),
        (script.file_refused(500), 500, b'{"error"'),
        (script.file_is_html(), 200, b"<!doctype html>"),
        (script.file_is_json_error(), 200, b'{"error"'),
        (script.file_is_at("https://cdn.example/a.mp4"), 200, b'{"url": "https://cdn.example/a.mp4"}'),
        (script.file_is_picture(), 200, b"\x89PNG"),
        (script.file_gzipped(), 200, CLIP),
        (script.on_file(script.says(b"", 202)), 202, b""),
    ],
    ids=["not ready", "refused", "html", "json error", "at", "picture", "gzip", "accepted"],
)
async def test_a_film_is_something_else_once(
    gateways: LocalGateways, client: httpx.AsyncClient, fault: Fault, status: int, start: bytes
) -> None:
    gateways.faults.add(fault)

    first, second = await content(gateways, client), await content(gateways, client)

    assert first.status_code == status
    assert first.content.startswith(start)
    assert second.content == CLIP


async def test_a_film_is_empty_or_half_and_nothing_tells(
    gateways: LocalGateways, client: httpx.AsyncClient
) -> None:
    gateways.faults.add(script.file_is_empty())
    gateways.faults.add(script.file_cut_short())
    gateways.faults.add(script.file_truncated(is_length_told=False))

    sizes = [len((await content(gateways, client)).content) for _ in range(3)]

    assert sizes == [0, len(CLIP) // 2, len(CLIP) // 2]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (script.file_truncated, httpx.RemoteProtocolError),
        (script.file_resets_midway, httpx.ReadError),
        (script.file_hangs, httpx.ReadTimeout),
    ],
    ids=named,
)
async def test_a_download_breaks(
    gateways: LocalGateways,
    client: httpx.AsyncClient,
    fault: Callable[[], Fault],
    error: type[httpx.HTTPError],
) -> None:
    gateways.faults.add(fault())

    with pytest.raises(error):
        await content(gateways, client)

    assert (await content(gateways, client)).content == CLIP


async def test_a_film_is_padded_to_a_size(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    gateways.faults.add(script.file_is_huge(3))

    answer = await content(gateways, client)

    assert len(answer.content) == 3 * 2**20
    assert answer.content.startswith(CLIP)


@pytest.mark.parametrize("fault", [script.file_is_endless, script.file_drips], ids=named)
async def test_a_reader_leaves_when_it_has_had_enough(
    gateways: LocalGateways, client: httpx.AsyncClient, fault: Callable[[], Fault]
) -> None:
    gateways.faults.add(fault())
    path = f"/openai/v1/videos/{gateways.tasks[0].id}/content"

    async with client.stream("GET", path) as answer:
        part = await anext(answer.aiter_raw())

    assert part.startswith(CLIP[:1])
    assert (await content(gateways, client)).content == CLIP


async def test_redirects_make_a_chain(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    gateways.faults.add(script.file_redirected(), times=4)

    answer = await content(gateways, client, follow=True)

    assert len(answer.history) == 4
    assert answer.content == CLIP


async def test_redirects_make_a_loop(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    gateways.faults.add(script.file_redirected(), times=script.FOREVER)

    with pytest.raises(httpx.TooManyRedirects):
        await content(gateways, client, follow=True)


async def test_a_redirect_leads_anywhere(gateways: LocalGateways, client: httpx.AsyncClient) -> None:
    gateways.faults.add(script.file_redirected("file:///etc/passwd", 307))

    answer = await content(gateways, client)

    assert (answer.status_code, answer.headers["location"]) == (307, "file:///etc/passwd")


async def test_closing_ends_an_endless_film() -> None:
    async with (
        LocalGateways(pace=Pace(queued=0, rendering=0), clip=CLIP) as gateways,
        customer(gateways, "anyint") as client,
    ):
        await create(client, "anyint")
        await gateways.until(lambda: gateways.tasks[0].is_over)
        gateways.faults.add(script.file_is_endless())
        path = f"/openai/v1/videos/{gateways.tasks[0].id}/content"
        async with client.stream("GET", path) as answer:
            await anext(answer.aiter_raw())
            started = time.perf_counter()
            await gateways.__aexit__(None, None, None)

    assert time.perf_counter() - started < 3
