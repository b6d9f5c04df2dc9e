"""Hard cases 1 to 13: what became of the paid create (the numbers are those of the list of hard cases)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.errors import NotSent, OutcomeUnknown, Refusal
from core.ports import Failed, Finished, Provider, Unlocated
from providers import AnyInt, AnyIntNative, Network, WorldRouter
from sandbox.gateways import Fault, LocalGateways
from sandbox.gateways.faults import (
    create_accepted_in_state,
    create_accepted_then_closed,
    create_accepted_then_hangs,
    create_accepted_then_not_http,
    create_accepted_then_reset,
    create_accepted_then_truncated,
    create_accepted_with_id,
    create_accepted_with_numeric_id,
    create_accepted_without_id,
    create_failed_upstream,
    create_out_of_credit,
    create_out_of_quota,
    create_redirected,
    create_refused,
    create_says,
    create_too_many_pending,
)
from tests.providers.world import RememberedReplies, order, refused


async def test_case_01_an_answer_that_never_comes_leaves_the_outcome_unknown(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_accepted_then_hangs())

    with pytest.raises(OutcomeUnknown, match="may have been charged"):
        await provider.create(order(provider.name))

    assert len(gateways.creates()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        create_accepted_then_reset,
        create_accepted_then_closed,
        create_accepted_then_not_http,
        create_accepted_then_truncated,
    ],
)
async def test_case_02_a_connection_lost_after_sending_leaves_the_outcome_unknown(
    provider: Provider, gateways: LocalGateways, fault: Callable[[], Fault]
) -> None:
    gateways.faults.add(fault())

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))

    assert len(gateways.creates()) == len(gateways.tasks) == 1


async def test_case_02_a_connection_that_never_was_is_not_sent(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, free_port: int
) -> None:
    nobody = AnyInt(
        base_url=f"http://127.0.0.1:{free_port}", key=gateways.anyint_key, network=network, replies=replies
    )

    with pytest.raises(NotSent):
        await nobody.create(order("anyint"))


async def test_case_02_a_name_that_does_not_resolve_is_not_sent(
    network: Network, replies: RememberedReplies
) -> None:
    nobody = AnyInt(base_url="https://gateway.invalid", key="key", network=network, replies=replies)

    with pytest.raises(NotSent):
        await nobody.create(order("anyint"))


async def test_case_02_a_failed_tls_handshake_is_not_sent(
    gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> None:
    speaks_plain = gateways.anyint_url.replace("http://", "https://")
    nobody = AnyInt(base_url=speaks_plain, key=gateways.anyint_key, network=network, replies=replies)

    with pytest.raises(NotSent):
        await nobody.create(order("anyint"))

    assert gateways.creates() == []


@pytest.mark.parametrize(
    ("upstream_status", "why"),
    [(503, Refusal.UPSTREAM), (429, Refusal.UPSTREAM), (None, Refusal.UPSTREAM), (400, Refusal.REQUEST)],
)
async def test_case_03_worldrouters_424_made_nothing(
    worldrouter: WorldRouter, gateways: LocalGateways, upstream_status: int | None, why: Refusal
) -> None:
    gateways.faults.add(create_failed_upstream(upstream_status, "prompt_invalid"))

    error = await refused(worldrouter)

    assert error.why is why
    assert error.said == "The upstream video provider returned an error (prompt_invalid)"


async def test_case_03_a_424_of_anyint_promises_nothing(anyint: AnyInt, gateways: LocalGateways) -> None:
    gateways.faults.add(create_refused(424))

    with pytest.raises(OutcomeUnknown):
        await anyint.create(order("anyint"))


async def test_case_04_too_many_pending_tasks_pass_by_themselves(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_too_many_pending(retry_after="7"))

    error = await refused(provider)

    assert (error.why, error.retry_after) == (Refusal.BUSY, timedelta(seconds=7))


@pytest.mark.parametrize(
    "fault",
    [
        create_out_of_quota(),
        create_refused(429, 1101, "Account in arrears (postpaid scenario)"),
        create_says({"error": {"message": "You exceeded your plan", "code": "insufficient_quota"}}, 429),
    ],
)
async def test_case_05_a_429_with_a_code_about_money_is_for_the_operator(
    provider: Provider, gateways: LocalGateways, fault: Fault
) -> None:
    gateways.faults.add(replace(fault, times=1))

    error = await refused(provider)

    assert error.why is Refusal.CREDIT


@pytest.mark.parametrize(
    "fault",
    [
        create_refused(429, 1303, "parallel task over resource pack limit"),
        create_says({"message": "Not enough balance"}, 429),
        create_refused(429, 1102, "resource pack exhausted", {"Retry-After": "3"}),
    ],
)
async def test_case_05_a_429_about_rates_or_about_money_in_words_only_passes_by_itself(
    native: AnyIntNative, gateways: LocalGateways, fault: Fault
) -> None:
    gateways.faults.add(replace(fault, times=1))

    error = await refused(native)

    assert error.why is Refusal.BUSY


async def test_case_06_no_credit_is_for_the_operator(provider: Provider, gateways: LocalGateways) -> None:
    gateways.faults.add(create_out_of_credit())

    error = await refused(provider)

    assert error.why is Refusal.CREDIT
    assert gateways.tasks == []


async def test_case_07_a_key_without_a_team_is_for_the_operator(
    gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> None:
    personal = WorldRouter(
        base_url=gateways.worldrouter_url,
        key=gateways.worldrouter_personal_key,
        network=network,
        replies=replies,
    )

    error = await refused(personal)

    assert error.why is Refusal.CONFIGURATION
    assert "kling_team_required" in error.said


async def test_case_08_a_wrong_key_is_for_the_operator_and_is_not_echoed(
    gateways: LocalGateways, network: Network, replies: RememberedReplies
) -> None:
    gateways.faults.add(create_says({"error": {"message": "Incorrect API key: sk-wrong-key"}}, 401))
    anyint = AnyInt(base_url=gateways.anyint_url, key="sk-wrong-key", network=network, replies=replies)

    error = await refused(anyint)

    assert (error.why, error.said) == (Refusal.CONFIGURATION, "Incorrect API key: …")
    assert "sk-wrong-key" not in f"{error!r} {anyint!r} {vars(anyint)!r}"
    assert len(gateways.creates()) == 1


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_case_09_every_2xx_with_an_id_means_accepted(
    anyint: AnyInt, gateways: LocalGateways, status: int
) -> None:
    gateways.faults.add(create_says({"id": "video_1", "status": "processing"}, status))

    created = await anyint.create(order("anyint"))

    assert created.ticket.task_id == "video_1"


async def test_case_09_a_success_refuses_only_in_anyints_failed_object(
    anyint: AnyInt, gateways: LocalGateways
) -> None:
    error = {"message": "No such ratio", "code": "bad_ratio"}
    gateways.faults.add(create_says({"id": None, "object": "video", "status": "failed", "error": error}))

    found = await refused(anyint)

    assert (found.why, found.is_final, found.code) == (Refusal.REQUEST, True, "bad_ratio")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ({"code": 1201, "message": "duration is invalid", "request_id": "req-1"}, Refusal.REQUEST),
        ({"code": 1102, "message": "Resource pack exhausted", "data": None}, Refusal.CREDIT),
        ({"code": 1004, "message": "Authorization expired"}, Refusal.CONFIGURATION),
    ],
)
async def test_case_09_a_success_refuses_only_in_klings_own_envelope(
    native: AnyIntNative, gateways: LocalGateways, reply: object, why: Refusal
) -> None:
    gateways.faults.add(create_says(reply))

    error = await refused(native)

    assert (error.why, error.is_final) == (why, True)


@pytest.mark.parametrize(
    "reply",
    [
        {"code": 5000, "message": "Internal error"},
        {"error": {"message": "Upstream timed out", "type": "server_error"}},
        {"code": 0, "message": "SUCCEED", "data": {}},
        {"code": "success", "data": None},
        {"status": "processing", "error": None},
        {"message": "Welcome"},
        {"id": None, "error": {"message": "No such ratio", "code": "bad_ratio"}},
        {"error": "Your prompt was rejected"},
        {"code": 1201, "message": "duration is invalid", "status": "accepted"},
        {},
        [],
        "ok",
    ],
)
async def test_case_09_a_success_that_says_neither_is_unknown(
    provider: Provider, gateways: LocalGateways, reply: object
) -> None:
    gateways.faults.add(create_says(reply))

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))


@pytest.mark.parametrize(
    "fault", [create_accepted_without_id(), create_accepted_with_id(""), create_accepted_with_id(1.5e17)]
)
async def test_case_10_an_accepted_create_without_an_id_is_unknown_and_kept(
    provider: Provider, gateways: LocalGateways, replies: RememberedReplies, fault: Fault
) -> None:
    gateways.faults.add(replace(fault, times=1))

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))

    assert replies.kept[1][0].body.startswith(b"{")
    assert len(gateways.creates()) == 1


async def test_case_10_a_whole_number_is_an_id_to_its_last_digit(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_accepted_with_id(854321098765432109))
    gateways.faults.add(create_accepted_with_numeric_id())

    first = await provider.create(order(provider.name))
    second = await provider.create(order(provider.name))

    assert first.ticket.task_id == "854321098765432109"
    assert second.ticket.task_id.isdigit()


@pytest.mark.parametrize(
    "reply", [{"task_id": "t-1"}, {"data": {"task_id": "t-1"}}, {"data": {"id": "t-1"}}, {"id": "t-1"}]
)
async def test_case_11_an_id_under_another_name_is_found(
    provider: Provider, gateways: LocalGateways, reply: dict[str, object]
) -> None:
    gateways.faults.add(create_says({"request_id": "req-1", "requestId": "req-2"} | reply))

    created = await provider.create(order(provider.name))

    assert created.ticket.task_id == "t-1"


async def test_case_11_a_request_id_is_never_taken_for_a_task(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_says({"request_id": "req-1", "requestId": "req-2", "status": "queued"}))

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))


async def test_case_12_a_reply_may_already_be_the_end(provider: Provider, gateways: LocalGateways) -> None:
    gateways.faults.add(create_accepted_in_state("failed"))

    created = await provider.create(order(provider.name))

    assert isinstance(created.progress, Failed)


async def test_case_12_a_clip_may_be_ready_at_once(anyint: AnyInt, gateways: LocalGateways) -> None:
    gateways.faults.add(create_accepted_in_state("completed"))

    created = await anyint.create(order("anyint"))

    assert isinstance(created.progress, Finished)


async def test_case_12_worldrouters_link_is_read_from_the_status_reply_only(
    worldrouter: WorldRouter, gateways: LocalGateways
) -> None:
    early = {"video_url": "https://media.example.com/early.mp4"}
    gateways.faults.add(create_says({"id": "job-1", "status": "succeeded", "content": early}))

    created = await worldrouter.create(order("worldrouter"))

    assert isinstance(created.progress, Unlocated)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_case_13_a_create_is_never_redirected(
    provider: Provider, gateways: LocalGateways, status: int
) -> None:
    gateways.faults.add(create_redirected(f"{gateways.worldrouter_url}/v1/videos/text2video", status))

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))

    assert len(gateways.requests) == 1
