import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from sandbox.gateways import Fault, LocalGateways, Pace
from sandbox.gateways import faults as script
from sandbox.gateways.history import SurfaceName
from tests.sandbox.gateways.requests import CLIP, CREATES, create, customer

NOTHING_MADE: dict[Callable[[], Fault], int] = {
    script.create_unauthorized: 401,
    script.create_needs_a_team_key: 403,
    script.create_out_of_credit: 402,
    script.create_too_many_pending: 429,
    script.create_out_of_quota: 429,
    script.create_moderated: 400,
    script.create_failed_upstream: 424,
}
BREAKING: list[tuple[Callable[[], Fault], type[httpx.HTTPError], int]] = [
    (script.create_reset, httpx.ReadError, 0),
    (script.create_hangs, httpx.ReadTimeout, 0),
    (script.create_accepted_then_reset, httpx.ReadError, 1),
    (script.create_accepted_then_hangs, httpx.ReadTimeout, 1),
    (script.create_accepted_then_closed, httpx.RemoteProtocolError, 1),
    (script.create_accepted_then_truncated, httpx.RemoteProtocolError, 1),
    (script.create_accepted_then_not_http, httpx.RemoteProtocolError, 1),
]
SURFACES: list[SurfaceName] = ["anyint", "anyint-native", "worldrouter"]


def named(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.fixture
async def gateways() -> AsyncIterator[LocalGateways]:
    async with LocalGateways(pace=Pace(queued=0.02, rendering=0.02), clip=CLIP) as opened:
        yield opened


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("fault", NOTHING_MADE, ids=named)
async def test_a_refused_create_makes_nothing(
    gateways: LocalGateways, fault: Callable[[], Fault], surface: SurfaceName
) -> None:
    gateways.faults.add(fault())

    async with customer(gateways, surface) as client:
        refused = await create(client, surface)
        accepted = await create(client, surface)

    assert (refused.status_code, accepted.status_code) == (NOTHING_MADE[fault], 200)
    assert len(gateways.tasks) == 1


@pytest.mark.parametrize(("fault", "error", "made"), BREAKING, ids=named)
async def test_a_connection_breaks_before_or_after_the_task_is_made(
    gateways: LocalGateways, fault: Callable[[], Fault], error: type[httpx.HTTPError], made: int
) -> None:
    gateways.faults.add(fault())

    async with customer(gateways, "worldrouter", patience=0.3) as client:
        with pytest.raises(error):
            await create(client, "worldrouter")

    assert len(gateways.tasks) == made
    assert len(gateways.creates()) == 1


async def test_a_lost_task_is_charged_all_the_same(gateways: LocalGateways) -> None:
    gateways.faults.add(script.create_accepted_then_refused(502))

    async with customer(gateways, "anyint") as client:
        answer = await create(client, "anyint")
    await gateways.until(lambda: gateways.tasks[0].is_over)

    assert answer.status_code == 502
    assert gateways.charged > 0


@pytest.mark.parametrize(("forbids", "status", "times"), [(False, 429, 3), (True, 500, 1)])
async def test_a_gateway_repeats_a_create_by_itself_unless_that_is_forbidden(
    gateways: LocalGateways, *, forbids: bool, status: int, times: int
) -> None:
    gateways.faults.add(script.create_repeated_by_the_gateway())

    async with customer(gateways, "anyint") as client:
        client.headers.update({"x-litellm-num-retries": "0"} if forbids else {})
        answer = await create(client, "anyint")

    assert answer.status_code == status
    assert [sent.passed_on for sent in gateways.creates()] == [times]
    assert len(gateways.tasks) == 1


@pytest.mark.parametrize(
    ("fault", "body"),
    [
        (script.create_accepted_then_html(), "<!doctype html>"),
        (script.create_says({"error": {"message": "no"}}), '{"error": {"message": "no"}}'),
        (script.on_create(script.says("\ufeff{}", 202)), "\ufeff{}"),
        (script.on_create(script.says(b"")), ""),
    ],
    ids=["html", "error", "byte order mark", "empty"],
)
async def test_a_create_is_answered_with_anything(gateways: LocalGateways, fault: Fault, body: str) -> None:
    gateways.faults.add(fault)

    async with customer(gateways, "anyint") as client:
        answer = await create(client, "anyint")

    assert answer.content.decode().startswith(body)
    assert gateways.faults.left() == []


@pytest.mark.parametrize("surface", SURFACES)
async def test_an_id_is_missing_or_of_another_kind(gateways: LocalGateways, surface: SurfaceName) -> None:
    gateways.faults.add(script.create_accepted_without_id())
    gateways.faults.add(script.create_accepted_with_numeric_id())
    gateways.faults.add(script.create_accepted_with_id(""))

    async with customer(gateways, surface) as client:
        replies = [(await create(client, surface)).json() for _ in range(3)]

    told = [reply["data"] if surface == "anyint-native" else reply for reply in replies]
    name = "task_id" if surface == "anyint-native" else "id"
    assert name not in told[0]
    assert isinstance(told[1][name], int)
    assert told[2][name] == ""


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_create_reply_is_final_already(gateways: LocalGateways, surface: SurfaceName) -> None:
    gateways.faults.add(script.create_accepted_in_state("FAILED"))

    async with customer(gateways, surface) as client:
        reply = (await create(client, surface)).json()

    assert "FAILED" in str(reply)


@pytest.mark.parametrize("retry_after", ["3600", "-5", "1.5", "inf", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_retry_after_is_sent_as_it_is_written(gateways: LocalGateways, retry_after: str) -> None:
    gateways.faults.add(script.create_too_many_pending(retry_after))

    async with customer(gateways, "worldrouter") as client:
        refused = await create(client, "worldrouter")

    assert refused.headers["retry-after"] == retry_after


async def test_an_upstream_failure_keeps_its_status(gateways: LocalGateways) -> None:
    gateways.faults.add(script.create_failed_upstream(400, "invalid_parameter"))

    async with customer(gateways, "worldrouter") as client:
        refused = await create(client, "worldrouter")

    assert refused.json()["error"]["code"] == "invalid_parameter"
    assert refused.json()["error"]["upstream_status"] == 400


async def test_a_create_is_redirected(gateways: LocalGateways) -> None:
    gateways.faults.add(script.create_redirected("https://elsewhere.example/v1/videos"))

    async with customer(gateways, "anyint") as client:
        answer = await create(client, "anyint")

    assert answer.status_code == 307
    assert answer.headers["location"] == "https://elsewhere.example/v1/videos"
    assert gateways.tasks == []


async def test_a_create_may_take_its_time(gateways: LocalGateways) -> None:
    gateways.faults.add(script.create_accepted_slowly(0.2))

    async with customer(gateways, "anyint") as client:
        started = time.perf_counter()
        answer = await create(client, "anyint")

    assert answer.status_code == 200
    assert time.perf_counter() - started >= 0.2


async def test_a_fault_strikes_where_it_shall_and_as_often(gateways: LocalGateways) -> None:
    gateways.faults.add(script.create_unauthorized(), times=2, surface="worldrouter")
    gateways.faults.add(script.create_moderated(), where=lambda call: b"forbidden" in call.exchange.body)

    async with customer(gateways, "anyint") as anyint, customer(gateways, "worldrouter") as worldrouter:
        usual = await create(anyint, "anyint")
        twice = [(await create(worldrouter, "worldrouter")).status_code for _ in range(3)]
        path, body = CREATES["anyint"]
        chosen = await anyint.post(path, json=body | {"prompt": "forbidden"})

    assert usual.status_code == 200
    assert twice == [401, 401, 200]
    assert chosen.status_code == 400


async def test_faults_can_be_taken_back(gateways: LocalGateways) -> None:
    gateways.faults.add(script.create_unauthorized(), times=script.FOREVER)
    fault = gateways.faults.add(script.create_moderated())

    left = gateways.faults.left()
    gateways.faults.clear()

    assert left == [fault]
    async with customer(gateways, "anyint") as client:
        assert (await create(client, "anyint")).status_code == 200


async def test_closing_does_not_wait_for_those_who_hang() -> None:
    async with (
        LocalGateways(pace=Pace(queued=60)) as gateways,
        customer(gateways, "anyint", patience=0.1) as client,
    ):
        gateways.faults.add(script.create_accepted_then_hangs())
        with pytest.raises(httpx.ReadTimeout):
            await create(client, "anyint")
        started = time.perf_counter()

    assert time.perf_counter() - started < 3


async def test_a_vendor_out_of_reach_comes_back_at_the_same_address(gateways: LocalGateways) -> None:
    async with customer(gateways, "anyint") as anyint, customer(gateways, "worldrouter") as worldrouter:
        await create(anyint, "anyint")
        async with gateways.unreachable("anyint"):
            with pytest.raises(httpx.ConnectError):
                await create(anyint, "anyint")
            other = await create(worldrouter, "worldrouter")
        again = await anyint.get(f"/openai/v1/videos/{gateways.tasks[0].id}")

    assert (other.status_code, again.status_code) == (200, 200)
    assert len(gateways.tasks) == 2
