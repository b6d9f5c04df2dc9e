"""Hard cases 33 to 48: asking until the end. Numbers are those of the project's list of hard cases."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.model.errors import CheckFailed, LinkExpired, TaskMissing
from core.model.video import Result
from core.ports import Failed, Finished, Provider, Unlocated, Working
from providers import AnyInt, AnyIntNative, Network, WorldRouter
from sandbox.gateways import FOREVER, Fault, LocalGateways
from sandbox.gateways.faults import (
    link_missing,
    link_reads,
    on_status,
    says,
    status_hangs,
    status_is_html,
    status_not_found,
    status_rate_limited,
    status_refused,
    status_reset,
    status_says,
    status_unauthorized,
    status_with,
    task_cancelled,
    task_expires,
    task_fails,
    task_never_ends,
)
from tests.providers.world import (
    CLIP,
    PICTURE,
    TEXT,
    RememberedReplies,
    VirtualClock,
    built,
    film,
    order,
    outcome,
    said,
)


async def test_case_33_anyint_has_a_content_route_also_without_a_link(
    anyint: AnyInt, gateways: LocalGateways, tmp_path: Path
) -> None:
    created = await anyint.create(order("anyint"))
    gateways.faults.add(link_missing())

    await film(anyint, created.ticket, gateways, tmp_path / "video-1.mp4")

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP


@pytest.mark.parametrize("name", ["anyint-native", "worldrouter"])
async def test_case_33_a_clip_that_is_nowhere_yet_is_asked_for_again(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, tmp_path: Path, name: str
) -> None:
    provider = built(name, gateways, network, replies)
    created = await provider.create(order(name))
    gateways.faults.add(link_missing(), times=2)

    answers = [await outcome(provider, created.ticket, gateways) for _ in range(3)]

    assert [type(answer) for answer in answers] == [Unlocated, Unlocated, Finished]
    with pytest.raises(LinkExpired):
        await provider.fetch(
            created.ticket, Result(url=None, seen_at=VirtualClock().now()), tmp_path / "x.mp4"
        )


async def test_case_34_a_link_before_the_end_is_not_the_end(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(task_never_ends())
    created = await provider.create(order(provider.name))
    gateways.faults.add(link_reads("https://media.example.com/preview.mp4"))

    assert isinstance(await provider.check(created.ticket), Working)


async def test_case_35_a_404_after_success_says_nothing_about_the_task(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    created = await provider.create(order(provider.name))
    finished = await outcome(provider, created.ticket, gateways)
    gateways.faults.add(status_not_found())

    with pytest.raises(TaskMissing):
        await provider.check(created.ticket)

    assert isinstance(finished, Finished)
    await provider.fetch(created.ticket, finished.result, tmp_path / "video-1.mp4")
    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP


async def test_case_36_a_404_right_after_the_create_passes(
    provider: Provider, gateways: LocalGateways
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_not_found())

    with pytest.raises(TaskMissing):
        await provider.check(created.ticket)

    assert isinstance(await provider.check(created.ticket), Working | Finished)


async def test_case_37_a_task_of_another_team_is_out_of_reach_but_not_lost(
    worldrouter: WorldRouter, gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> None:
    created = await worldrouter.create(order("worldrouter"))
    rotated = WorldRouter(
        base_url=gateways.worldrouter_url,
        key=gateways.worldrouter_other_team_key,
        network=network,
        replies=replies,
    )

    with pytest.raises(CheckFailed, match=r"media_resource_access_denied.*another key"):
        await rotated.check(created.ticket)


async def test_case_38_a_key_that_is_refused_while_asking_fails_nothing(
    provider: Provider, gateways: LocalGateways
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_unauthorized())

    with pytest.raises(CheckFailed, match="401"):
        await provider.check(created.ticket)

    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


@pytest.mark.parametrize(
    "fault",
    [
        *(status_refused(status) for status in (400, 408, 500, 502, 503, 504, 524)),
        status_is_html(502),
        status_reset(),
        status_hangs(),
    ],
)
async def test_case_39_trouble_while_asking_fails_nothing(
    provider: Provider, gateways: LocalGateways, network: Network, fault: Fault
) -> None:
    network.asking.timeout = httpx.Timeout(0.3)
    created = await provider.create(order(provider.name))
    gateways.faults.add(replace(fault, times=2))  # a reset question is asked once more by aiohttp

    with pytest.raises(CheckFailed):
        await provider.check(created.ticket)

    gateways.faults.clear()
    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


async def test_case_39_a_gateway_may_say_how_long_to_wait(
    provider: Provider, gateways: LocalGateways
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_rate_limited("12"))

    with pytest.raises(CheckFailed) as caught:
        await provider.check(created.ticket)

    assert caught.value.retry_after == timedelta(seconds=12)


@pytest.mark.parametrize("name", ["anyint-native", "worldrouter"])
async def test_case_40_a_task_is_asked_about_on_the_route_that_made_it(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, name: str
) -> None:
    provider = built(name, gateways, network, replies)
    created = await provider.create(order(name, replace(TEXT, first_frame=PICTURE)))

    assert created.ticket.family == "image2video"
    assert isinstance(await provider.check(created.ticket), Working | Failed)
    with pytest.raises(TaskMissing):
        await provider.check(replace(created.ticket, family="text2video"))


async def test_case_41_expired_is_an_end_of_its_own(
    worldrouter: WorldRouter, gateways: LocalGateways
) -> None:
    gateways.faults.add(task_expires("Nobody came"))
    created = await worldrouter.create(order("worldrouter"))

    assert await outcome(worldrouter, created.ticket, gateways) == Failed("expired", "Nobody came")


async def test_case_41_cancelled_is_an_end_of_its_own(provider: Provider, gateways: LocalGateways) -> None:
    gateways.faults.add(task_cancelled("Stopped by the account"))
    created = await provider.create(order(provider.name))
    progress = await outcome(provider, created.ticket, gateways)

    assert said(progress) == "Stopped by the account"


async def test_case_42_a_task_that_never_ends_stays_working(
    provider: Provider, gateways: LocalGateways, clock: VirtualClock
) -> None:
    gateways.faults.add(task_never_ends())
    created = await provider.create(order(provider.name))
    answers: list[object] = []
    for _ in range(5):
        await clock.sleep(6 * 3600)
        answers.append(await provider.check(created.ticket))

    assert all(isinstance(answer, Working) for answer in answers)


async def test_case_43_a_ticket_is_enough_after_a_restart(
    provider: Provider, gateways: LocalGateways, network: Network, tmp_path: Path
) -> None:
    created = await provider.create(order(provider.name))
    restarted = built(provider.name, gateways, network, RememberedReplies())

    await film(restarted, created.ticket, gateways, tmp_path / "video-1.mp4")

    assert (tmp_path / "video-1.mp4").read_bytes() == CLIP


async def test_case_44_two_callers_get_the_same_answer(provider: Provider, gateways: LocalGateways) -> None:
    created = await provider.create(order(provider.name))
    await gateways.until(lambda: gateways.tasks[0].is_over)

    one, other = await asyncio.gather(provider.check(created.ticket), provider.check(created.ticket))

    assert isinstance(one, Finished)
    assert isinstance(other, Finished)
    assert one.result.url == other.result.url


async def test_case_45_klings_envelope_says_succeed_also_for_a_failed_task(
    native: AnyIntNative, gateways: LocalGateways
) -> None:
    gateways.faults.add(task_fails("Image pixel is invalid"))
    created = await native.create(order("anyint-native"))

    assert await outcome(native, created.ticket, gateways) == Failed("failed", "Image pixel is invalid")


@pytest.mark.parametrize(
    "reply",
    [
        {
            "code": "success",
            "data": {
                "task_id": "{id}",
                "status": "SUCCESS",
                "progress": "100%",
                "fail_reason": "",
                "data": {
                    "task_status": "succeed",
                    "task_result": {"videos": [{"url": "https://cdn.example/a.mp4"}]},
                },
            },
        },
        {
            "code": "success",
            "data": {"id": "{id}", "status": "succeeded", "url": "https://cdn.example/a.mp4", "error": None},
        },
        {"task_id": "{id}", "status": "completed", "url": "https://cdn.example/a.mp4"},
        {
            "code": "success",
            "data": {"task_id": "{id}", "status": "SUCCESS", "fail_reason": "https://cdn.example/a.mp4"},
        },
    ],
)
async def test_case_45_other_wrappings_are_read_too(
    native: AnyIntNative, gateways: LocalGateways, reply: object
) -> None:
    created = await native.create(order("anyint-native"))
    named = json.dumps(reply).replace("{id}", created.ticket.task_id)
    gateways.faults.add(status_says(json.loads(named)))
    progress = await native.check(created.ticket)

    assert isinstance(progress, Finished)
    assert progress.result.url == "https://cdn.example/a.mp4"


@pytest.mark.parametrize("moment", [1700000000, 1700000000000, "2026-11-20T08:00:00Z", None, {}])
async def test_case_46_times_are_not_depended_on(
    provider: Provider, gateways: LocalGateways, moment: object
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_with(created_at=moment, updated_at=moment, completed_at=moment))

    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


async def test_case_47_unknown_fields_are_passed_over(provider: Provider, gateways: LocalGateways) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(status_with(object="movie", tier={"name": "gold"}, quality="8k", content_type=7))

    assert isinstance(await outcome(provider, created.ticket, gateways), Finished)


async def test_case_48_nothing_depends_on_callbacks(provider: Provider, gateways: LocalGateways) -> None:
    await provider.create(order(provider.name))

    assert "callback" not in str(gateways.creates()[0].json).lower()


async def test_a_gateway_that_never_answers_sensibly_only_costs_patience(
    provider: Provider, gateways: LocalGateways
) -> None:
    created = await provider.create(order(provider.name))
    gateways.faults.add(on_status(says(b"\x00\xff")), times=FOREVER)

    for _ in range(3):
        with pytest.raises(CheckFailed):
            await provider.check(created.ticket)
