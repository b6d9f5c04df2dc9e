import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from sandbox.gateways import Fault, LocalGateways, Pace
from sandbox.gateways import faults as script
from sandbox.gateways.history import SurfaceName
from tests.sandbox.gateways.requests import CLIP, create, customer, fetched, status

SURFACES: list[SurfaceName] = ["anyint", "anyint-native", "worldrouter"]
REFUSED: dict[Callable[[], Fault], int] = {
    script.status_not_found: 404,
    script.status_unauthorized: 401,
    script.status_denied: 403,
    script.status_rate_limited: 429,
}
BREAKING: list[tuple[Callable[[], Fault], type[httpx.HTTPError]]] = [
    (script.status_hangs, httpx.ReadTimeout),
    (script.status_reset, httpx.ReadError),
    (script.status_truncated, httpx.RemoteProtocolError),
    (script.status_is_broken_gzip, httpx.DecodingError),
]


def named(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.01, rendering=0.01), clip=CLIP) as opened:
        yield opened


async def finished(gateways: LocalGateways, client: httpx.AsyncClient, surface: SurfaceName) -> None:
    """One task that is over."""
    await create(client, surface)
    await gateways.until(lambda: gateways.tasks[-1].is_over)


def inner(reply: dict[str, Any]) -> dict[str, Any]:
    """What the reply says about the task, inside Kling's envelope or without one."""
    data: dict[str, Any] = reply.get("data", reply)
    return data


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("fault", REFUSED, ids=named)
async def test_a_poll_is_refused_once(
    gateways: LocalGateways, fault: Callable[[], Fault], surface: SurfaceName
) -> None:
    gateways.faults.add(fault())

    async with customer(gateways, surface) as client:
        await create(client, surface)
        answers = [(await status(client, gateways)).status_code for _ in range(2)]

    assert answers == [REFUSED[fault], 200]


@pytest.mark.parametrize(("fault", "error"), BREAKING, ids=named)
async def test_a_poll_breaks(
    gateways: LocalGateways, fault: Callable[[], Fault], error: type[httpx.HTTPError]
) -> None:
    gateways.faults.add(fault())

    async with customer(gateways, "anyint", patience=0.3) as client:
        await create(client, "anyint")
        with pytest.raises(error):
            await status(client, gateways)
        assert (await status(client, gateways)).status_code == 200


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_state_has_another_spelling_or_none(gateways: LocalGateways, surface: SurfaceName) -> None:
    gateways.faults.add(script.state_reads(" SUCCEED "))
    gateways.faults.add(script.state_reads(None))
    gateways.faults.add(script.state_missing())

    async with customer(gateways, surface) as client:
        await create(client, surface)
        told = [inner((await status(client, gateways)).json()) for _ in range(3)]

    name = "task_status" if surface == "anyint-native" else "status"
    assert [one.get(name, "missing") for one in told] == [" SUCCEED ", None, "missing"]


@pytest.mark.parametrize("progress", ["45%", "45", 0.45, 101, -1, None, float("nan")], ids=repr)
async def test_progress_is_nonsense(gateways: LocalGateways, progress: object) -> None:
    gateways.faults.add(script.progress_reads(progress))

    async with customer(gateways, "anyint") as client:
        await create(client, "anyint")
        told = (await status(client, gateways)).json()

    assert repr(told["progress"]) == repr(progress)


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_reason_is_given_while_the_task_still_runs(
    gateways: LocalGateways, surface: SurfaceName
) -> None:
    gateways.faults.add(script.reason_reads(["slow", 7]))

    async with customer(gateways, surface) as client:
        await create(client, surface)
        told = inner((await status(client, gateways)).json())

    assert told["task_status_msg" if surface == "anyint-native" else "error"] == ["slow", 7]


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_link_is_missing_for_some_polls_after_success(
    gateways: LocalGateways, surface: SurfaceName
) -> None:
    gateways.faults.add(script.link_missing(), times=2)

    async with customer(gateways, surface) as client:
        await create(client, surface)
        early = (await status(client, gateways)).text
        await gateways.until(lambda: gateways.tasks[0].is_over)
        later = [(await status(client, gateways)).text for _ in range(3)]

    assert [("/content" in text or "/media/" in text) for text in (early, *later)] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_link_leads_elsewhere_even_before_success(
    gateways: LocalGateways, surface: SurfaceName
) -> None:
    gateways.faults.add(script.link_reads("http://169.254.169.254/"))

    async with customer(gateways, surface) as client:
        await create(client, surface)
        told = (await status(client, gateways)).text

    assert "http://169.254.169.254/" in told


async def test_a_poll_says_exactly_this(gateways: LocalGateways) -> None:
    gateways.faults.add(script.status_says({"status": "SUCCEED"}))
    gateways.faults.add(script.status_with(status="postprocessing", extra=[1]))
    gateways.faults.add(script.status_refused(503, headers={"Retry-After": "1"}))

    async with customer(gateways, "worldrouter") as client:
        await create(client, "worldrouter")
        exact = (await status(client, gateways)).json()
        merged = (await status(client, gateways)).json()
        refused = await status(client, gateways)

    assert exact == {"status": "SUCCEED"}
    assert (merged["status"], merged["extra"], merged["model"]) == ("postprocessing", [1], "kling-v3")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


async def test_a_poll_has_bytes_that_hurt(gateways: LocalGateways) -> None:
    for fault in (
        script.status_is_html(),
        script.status_is_huge(1),
        script.status_is_nested(),
        script.status_has_byte_order_mark(),
        script.status_is_not_utf8(),
        script.status_has_duplicate_keys("t-1"),
        script.status_has_lone_surrogate(),
        script.status_is_gzip_bomb(2),
    ):
        gateways.faults.add(fault)

    async with customer(gateways, "anyint") as client:
        await create(client, "anyint")
        html, huge, nested, marked, broken, twice, lone, bomb = [
            (await status(client, gateways)).content for _ in range(8)
        ]

    assert html.startswith(b"<!doctype html>")
    assert len(huge) > 2**20
    assert nested.startswith(b"[[[[")
    assert marked.startswith(b"\xef\xbb\xbf{")
    assert b"\xff\xfe" in broken
    assert twice.count(b'"status"') == 3
    assert json.loads(lone)["error"] == "\ud83d"
    assert len(bomb) > 2 * 2**20


async def test_a_poll_drips(gateways: LocalGateways) -> None:
    gateways.faults.add(script.status_drips(0.001))

    async with customer(gateways, "anyint") as client:
        await create(client, "anyint")
        answer = await status(client, gateways)

    assert answer.json()["object"] == "video"


async def test_a_reader_who_leaves_a_dripping_reply_disturbs_no_other(gateways: LocalGateways) -> None:
    gateways.faults.add(script.status_drips(0.05))

    async with customer(gateways, "anyint", patience=1) as client:
        await create(client, "anyint")
        async with client.stream("GET", f"/openai/v1/videos/{gateways.tasks[0].id}") as answer:
            first = await anext(answer.aiter_raw())
        assert (await status(client, gateways)).status_code == 200

    assert first == b"{"


@pytest.mark.parametrize(
    ("fault", "state", "told"),
    [
        (
            script.task_fails({"code": 5000, "message": "internal"}),
            "failed",
            {"code": 5000, "message": "internal"},
        ),
        (script.task_fails("out of memory"), "failed", "out of memory"),
        (script.task_fails(), "failed", None),
        (script.task_moderated(), "failed", script.MODERATED),
        (script.task_cancelled("by operator"), "cancelled", "by operator"),
        (script.task_expires(), "expired", None),
    ],
    ids=["object", "text", "null", "moderated", "cancelled", "expired"],
)
async def test_a_task_ends_otherwise_and_costs_nothing(
    gateways: LocalGateways, fault: Fault, state: str, told: object
) -> None:
    gateways.faults.add(fault)

    async with customer(gateways, "worldrouter") as client:
        await finished(gateways, client, "worldrouter")
        reply = (await status(client, gateways)).json()

    assert (reply["status"], reply["error"]) == (state, told)
    assert gateways.charged == 0


async def test_a_task_never_ends(gateways: LocalGateways) -> None:
    gateways.faults.add(script.task_never_ends())

    async with customer(gateways, "anyint") as client:
        await create(client, "anyint")
        await gateways.until(lambda: gateways.tasks[0].progress == 99)
        reply = (await status(client, gateways)).json()

    assert reply["status"] == "processing"
    assert gateways.tasks[0].charged is None


@pytest.mark.parametrize("surface", ["anyint-native", "worldrouter"])
async def test_a_dead_link_is_replaced_by_the_next_status_reply(
    gateways: LocalGateways, surface: SurfaceName
) -> None:
    gateways.faults.add(script.media_link_expires(status=410))

    async with customer(gateways, surface) as client:
        await finished(gateways, client, surface)
        links = [link_of((await status(client, gateways)).json()) for _ in range(2)]
    dead, fresh = await fetched(links[0]), await fetched(links[1])

    assert dead.status_code == 410
    assert fresh.content == CLIP


async def test_links_may_live_for_a_while_only() -> None:
    pace = Pace(queued=0, rendering=0, link_lifetime=0)
    async with LocalGateways(pace=pace, clip=CLIP) as gateways, customer(gateways, "worldrouter") as client:
        await finished(gateways, client, "worldrouter")
        answer = await fetched(link_of((await status(client, gateways)).json()))

    assert answer.status_code == 403


def link_of(reply: dict[str, Any]) -> str:
    link: str = (
        reply["data"]["task_result"]["videos"][0]["url"] if "data" in reply else reply["content"]["video_url"]
    )
    return link
