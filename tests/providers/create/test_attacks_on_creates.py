"""Unforeseen answers to a create, each over HTTP: what was made is never called refused."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.errors import OutcomeUnknown, Refusal, Refused
from core.ports import Provider
from providers import AnyInt, Network, WorldRouter
from providers.replies import outcomes
from sandbox.gateways import LocalGateways
from sandbox.gateways.faults import (
    after_create,
    create_refused,
    create_repeated_by_the_gateway,
    create_says,
    says,
)
from storage.files.reply_log import FileReplyLog
from tests.providers.world import RememberedReplies, built, film, order, refused

RETRIES = "x-litellm-num-retries"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def gzip_twice(body: bytes) -> bytes:
    return gzip.compress(gzip.compress(body))


def gzip_in_two(body: bytes) -> bytes:
    return gzip.compress(body[:9]) + gzip.compress(body[9:])


MADE_ALL_THE_SAME: list[tuple[int, object]] = [
    (200, {"code": 201, "message": "Accepted", "data": {"taskId": "t-1"}}),
    (200, {"code": 1, "msg": "success", "data": {"taskId": "t-1"}}),
    (200, {"code": 1, "msg": "success", "result": "queued"}),
    (200, {"code": 200, "msg": "ok", "data": {"video_uuid": "t-1"}}),
    (200, {"error": {"message": "context deadline exceeded"}}),
    (200, {"error": {"message": "upstream read timed out", "type": "server_error"}}),
    (200, {"message": "Accepted; your balance is low: 3 credits left"}),
    (200, {"error": None, "warning": "quota nearly used up", "code": "insufficient_quota"}),
    (200, {"code": 1102, "message": "your balance is low: 3 credits left", "state": "queued"}),
    (200, {"code": 1303, "message": "parallel task over resource pack limit", "queue": 4}),
    (200, {"success": True, "generationTask": "t-1"}),
    (200, {"result": {"jobs": [{"jobNo": 4711}]}}),
    (200, {"output": json.dumps({"task": {"id": "t-1"}})}),
    (200, {"ids": ["t-1"]}),
    (202, {"message": "Принято"}),
    (202, {"code": "ACCEPTED", "error": "no webhook is set"}),
    (400, {"error": {"message": "webhook unreachable"}, "id": "t-1"}),
    (402, {"message": "last credit used", "generation_id": "t-1"}),
    (422, {"message": "audio ignored", "video": {"uuid": "t-1"}}),
    (429, {"error": {"message": "Too many requests", "task_id": "t-1"}}),
    (429, {"message": "slow down", "running": [{"jobNo": "t-1"}]}),
    (429, {"message": 'upstream: {"data": {"task_id": "t-1"}}'}),
    (503, {"error": {"message": "No available channel", "code": "model_not_found"}}),
    (400, '{"error": {"message": "no"}, "id": "t-1", "id": null}'),
    (429, '{"error": {"message": "busy"}, "data": {"taskId": "t-1"}, "data": null}'),
    (402, {"error": {"message": "balance low; task_id=t-1 goes on"}}),
    (429, {"message": "Task ID: t-1 holds the only place"}),
    (429, "status=busy&task_id=t-1"),
    (429, "error: busy\ntask_id: t-1\n"),
]


@pytest.mark.parametrize(("status", "body"), MADE_ALL_THE_SAME, ids=range(len(MADE_ALL_THE_SAME)))
async def test_a01_an_answer_to_a_task_that_was_made_is_never_a_refusal(
    provider: Provider, gateways: LocalGateways, status: int, body: object
) -> None:
    gateways.faults.add(after_create(says(body, status)))

    named: str | None = None
    with suppress(OutcomeUnknown):
        named = (await provider.create(order(provider.name))).ticket.task_id

    assert named in {None, "t-1"}
    assert len(gateways.creates()) == len(gateways.tasks) == 1


@pytest.mark.parametrize("status", [400, 402, 429])
@pytest.mark.parametrize("name", ["Location", "Operation-Location", "X-Task-Id", "Video-ID"])
async def test_a01_an_error_whose_header_names_a_task_is_no_refusal_after_a_crash_either(
    provider: Provider, gateways: LocalGateways, replies: RememberedReplies, name: str, status: int
) -> None:
    body = {"error": {"message": "see there", "code": "odd"}}
    gateways.faults.add(
        after_create(says(body, status, headers={name: "/v1/videos/t-1", "X-Request-Id": "7"}))
    )

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))
    with pytest.raises(OutcomeUnknown):
        provider.read(replies.kept[1][-1])


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (raw_deflate, "deflate"),
        (zlib.compress, "deflate"),
        (gzip.compress, None),
        (gzip.compress, "gzip, identity"),
        (gzip.compress, "br"),
        (gzip_twice, "gzip, gzip"),
        (gzip_in_two, "gzip"),
    ],
    ids=range(7),
)
async def test_a01_a_task_is_found_in_a_packed_answer_whatever_its_header_says(
    provider: Provider, gateways: LocalGateways, packed: Callable[[bytes], bytes], encoding: str | None
) -> None:
    headers = {} if encoding is None else {"Content-Encoding": encoding}
    body = packed(json.dumps({"error": {"message": "busy"}, "task_id": "t-1"}).encode())
    gateways.faults.add(after_create(says(body, 429, headers=headers)))

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))


@pytest.mark.parametrize("code", [1102, 1303])
async def test_a01_kling_s_own_error_in_a_success_ends_the_order_for_good(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, code: int
) -> None:
    native = built("anyint-native", gateways, network, replies)
    gateways.faults.add(create_says({"code": code, "message": "resource pack", "data": None}))

    error = await refused(native)

    assert error.is_final


async def test_a01_the_words_of_an_answer_that_proves_nothing_are_kept_for_the_operator(
    provider: Provider, gateways: LocalGateways
) -> None:
    words = "No available channel; see https://gateway.example/a?token=secret"
    gateways.faults.add(create_says({"error": {"message": words, "code": "model_not_found"}}, 503))
    gateways.faults.add(create_says("upstream connect error", 503))

    said: list[str] = []
    for _ in range(2):
        with pytest.raises(OutcomeUnknown) as unknown:
            await provider.create(order(provider.name))
        said.append(unknown.value.said)
        assert unknown.value.said in str(unknown.value)

    assert said == [
        "No available channel; see https://gateway.example/a (model_not_found)",
        "upstream connect error",
    ]


@pytest.mark.parametrize(
    "words",
    [
        "Quota exceeded for requests per minute, retry in 12 s",
        "You have used up your quota of 3 requests a minute",
        "Insufficient quota left in this minute",
    ],
)
async def test_a06_a_quota_of_requests_is_not_the_balance(
    provider: Provider, gateways: LocalGateways, words: str
) -> None:
    gateways.faults.add(create_says({"error": {"message": words}}, 429))
    gateways.faults.add(create_refused(429, "insufficient_quota", words, {"Retry-After": "12"}))

    for _ in range(2):
        assert (await refused(provider)).why is Refusal.BUSY


SPELLINGS: list[Callable[[str], str]] = [
    str,
    lambda key: f"Bearer {key}",
    lambda key: quote(key, safe=""),
    lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
    lambda key: b64encode(f"user:{key}".encode()).decode(),
    lambda key: key.encode().hex(),
    lambda key: f"{key[:13]}…",
    lambda key: f"…{key[-13:]}",
    lambda key: f'{key[:13]}", "rest": "{key[13:]}',
    lambda key: json.dumps({"headers": {"authorization": f"Bearer {key}"}}).replace('"', '\\"'),
]


@pytest.mark.parametrize("spelled", SPELLINGS, ids=range(len(SPELLINGS)))
async def test_a17_the_key_that_a_gateway_repeats_is_not_in_the_log_of_replies(
    gateways: LocalGateways, network: Network, tmp_path: Path, spelled: Callable[[str], str]
) -> None:
    key = "sk-live/0123456789+AbCdEf="
    log = FileReplyLog(tmp_path / "replies.log")
    anyint = AnyInt(base_url=gateways.anyint_url, key=key, network=network, replies=log)
    padding = "x" * 16_300  # so that the cut of what is stored goes through the key of the last reply
    for body in (f'{{"error": "Incorrect {spelled(key)} given"}}', f"{padding} {spelled(key)} {padding}"):
        gateways.faults.add(create_says(body, 401))
        with pytest.raises((Refused, OutcomeUnknown)) as caught:
            await anyint.create(order("anyint"))
        assert key not in str(caught.value)

    kept = (tmp_path / "replies.log").read_bytes().decode()

    assert "Incorrect" in kept
    for form in {key, spelled(key), key[:14], quote(key, safe="")[:14]}:
        assert form not in kept
        assert json.dumps(form)[1:-1] not in kept


async def test_a_gateway_that_repeats_a_create_by_itself_is_told_not_to(
    provider: Provider, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_repeated_by_the_gateway())

    with pytest.raises(OutcomeUnknown):
        await provider.create(order(provider.name))

    assert [sent.passed_on for sent in gateways.creates()] == [1]
    assert len(gateways.tasks) == 1


async def test_only_a_create_forbids_to_be_repeated(
    provider: Provider, gateways: LocalGateways, tmp_path: Path
) -> None:
    created = await provider.create(order(provider.name))
    await film(provider, created.ticket, gateways, tmp_path / "video-1.mp4")

    assert {(sent.stage == "create", sent.headers.get(RETRIES)) for sent in gateways.requests} == {
        (True, "0"),
        (False, None),
    }


@pytest.mark.parametrize(
    ("status", "body", "why", "said"),
    [
        (
            404,
            {"code": "fail_to_fetch_task", "message": '{"code":1201,"message":"duration is invalid"}'},
            Refusal.REQUEST,
            "duration is invalid (1201)",
        ),
        (
            400,
            {
                "error": {
                    "message": 'litellm.BadRequestError: OpenAIException - {"error": {"message": "No such '
                    'ratio", "code": "bad_ratio"}}',
                    "code": "400",
                }
            },
            Refusal.REQUEST,
            "No such ratio (bad_ratio)",
        ),
        (
            400,
            {"error": {"message": "Error code: 400 - {'error': {'message': \"It's full\", 'code': '1102'}}"}},
            Refusal.CREDIT,
            "It's full (1102)",
        ),
    ],
)
async def test_an_error_that_is_passed_on_as_text_is_read_to_its_innermost_words(
    provider: Provider, gateways: LocalGateways, status: int, body: object, why: Refusal, said: str
) -> None:
    gateways.faults.add(create_says(body, status))

    error = await refused(provider)

    assert (error.why, error.said) == (why, said)


@pytest.mark.parametrize("status", [400, 422, 429])
async def test_a_budget_of_litellm_is_the_operators_money(
    provider: Provider, gateways: LocalGateways, status: int
) -> None:
    words = "Budget has been exceeded! Current cost: 0.42, Max budget: 0.4"
    body = {"error": {"message": words, "type": "budget_exceeded", "param": None, "code": str(status)}}
    gateways.faults.add(create_says(body, status))

    assert (await refused(provider)).why is Refusal.CREDIT


async def test_an_unsupported_model_is_about_that_model_only(
    worldrouter: WorldRouter, gateways: LocalGateways
) -> None:
    gateways.faults.add(create_refused(400, "invalid_request", "unsupported model"))
    gateways.faults.add(create_refused(401, "invalid_api_key"))

    about_model, about_key = await refused(worldrouter), await refused(worldrouter)

    assert (about_model.why, about_model.is_about_model) == (Refusal.CONFIGURATION, True)
    assert (about_key.why, about_key.is_about_model) == (Refusal.CONFIGURATION, False)


async def test_no_answer_writes_the_key_into_the_log_of_the_program(
    anyint: AnyInt, gateways: LocalGateways, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    gateways.faults.add(create_says({"message": f"Bearer {gateways.anyint_key} is not welcome"}, 500))

    with pytest.raises(OutcomeUnknown) as unknown:
        await anyint.create(order("anyint"))

    assert gateways.anyint_key not in f"{unknown.value!r}{caplog.text}"


_WORDS = st.text(max_size=12)
_KEYS = st.sampled_from(
    ["message", "msg", "status", "code", "error", "data", "result", "state", "object", "model"]
)
_BODIES = st.dictionaries(
    _KEYS | _WORDS,
    st.none() | st.booleans() | st.integers(-1, 1400) | _WORDS | st.dictionaries(_KEYS, _WORDS, max_size=3),
    max_size=6,
)
_IN_DOUBT = st.sampled_from(
    [*range(100, 200), *range(200, 400), 408, 409, 410, 421, 423, 425, 451, *range(500, 600)]
)


@given(body=_BODIES, status=_IN_DOUBT)
def test_no_body_makes_a_refusal_of_a_status_that_proves_nothing(
    body: dict[str, object], status: int
) -> None:
    evidence = outcomes.Evidence(status=status, document=body)
    is_closed_shape = (
        {"error", "status"} <= body.keys() and body.keys() & {"object", "model"}
    ) or body.keys() <= {"code", "message", "msg", "request_id", "data"}

    for table in (outcomes.ANYINT, outcomes.NATIVE, outcomes.WORLDROUTER):
        outcome = outcomes.decide(evidence, table).outcome
        assert outcome is outcomes.Known.NOTHING or (status in range(200, 300) and is_closed_shape)


@given(body=_BODIES, status=st.integers(100, 599))
def test_an_id_is_never_refused_whatever_stands_beside_it(body: dict[str, object], status: int) -> None:
    evidence = outcomes.Evidence(status=status, document=body, has_id=True)

    for table in (
        outcomes.ANYINT,
        outcomes.NATIVE,
        outcomes.add_safe_statuses(outcomes.WORLDROUTER, [status]),
    ):
        assert outcomes.decide(evidence, table).outcome is outcomes.Known.NOTHING
