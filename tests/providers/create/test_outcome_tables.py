"""Every row of the tables that decide about money, over HTTP, from a list written beside the documents.

The list is a second one on purpose: nothing of it is taken from the program's tables.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final, TypeAlias

import pytest

from core.model.errors import OutcomeUnknown, Refusal, Refused
from core.ports import Created, Failed, Provider, Reply
from providers import AnyInt, AnyIntNative, Network
from providers.replies import refusals
from providers.replies.refusals import WHO_CAN_ACT
from sandbox.gateways import LocalGateways
from sandbox.gateways.faults import on_create, says
from tests.providers.world import RememberedReplies, built, order

ANYINT, NATIVE, WORLDROUTER = "anyint", "anyint-native", "worldrouter"
ALL: Final = (ANYINT, NATIVE, WORLDROUTER)
ANY_INT: Final = (ANYINT, NATIVE)

REQUEST, BUSY, UPSTREAM = Refusal.REQUEST, Refusal.BUSY, Refusal.UPSTREAM
CREDIT, CONFIGURATION = Refusal.CREDIT, Refusal.CONFIGURATION
CREATED, UNKNOWN, MODEL = "created", "unknown", "configuration of that model"

Case: TypeAlias = tuple[tuple[str, ...], int, object, object]
WAIT: Final = {"Retry-After": "9"}


def error(message: str = "no", code: object = None, **more: object) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code, **more}}


def kling(code: object, message: str = "no", **more: object) -> dict[str, object]:
    return {"code": code, "message": message, "request_id": "Cj-1", **more}


def failed(**more: object) -> dict[str, object]:
    return {"id": "", "object": "video", "status": "failed", "model": "kling-3.0", "error": "no", **more}


def litellm(code: str, kind: str = "budget_exceeded", message: str = "Budget has been exceeded!") -> object:
    """Write an error as LiteLLM 1.108.7 does: its kind stands in `type`, and `code` repeats a status.

    That of a budget is 422, or what its operator sets it to; it was 400 and 429 in earlier ones.
    """
    return {"error": {"message": message, "type": kind, "param": "None", "code": code}}


MONEY_WORDS: Final = (
    *("balance", "insufficient", "quota", "budget", "arrears", "out of credit", "not enough video credits"),
    *("billing", "prepaid", "resource pack"),
)
ID_FIELDS: Final[dict[str, object]] = {"task_id": "t-1", "jobNo": 17, "result": [{"video_uuid": "t-1"}]}
ROW_1: Final[list[Case]] = [
    (ALL, 200, {"id": "t-1", "data": {"task_id": "t-1"}, "status": "queued"}, CREATED),
    (ALL, 201, {"task_id": "t-1"}, CREATED),
    (ALL, 202, {"data": {"id": "t-1"}, "error": {"message": "x"}}, CREATED),
    (ALL, 200, {"data": [{"task_id": "t-1", "task_status": "submitted"}]}, CREATED),
    (ALL, 200, {"code": 1102, "message": "x", "data": {"task_id": "t-1"}}, CREATED),
    (ALL, 299, {"id": "t-1", "task_id": "t-1", "status": "failed", "error": "no"}, CREATED),
]
ROW_2: Final[list[Case]] = [
    *(
        (ALL, status, {"error": {"message": "no"}, name: value}, UNKNOWN)
        for status in (400, 401, 402, 403, 404, 405, 413, 415, 422, 424, 429, 500)
        for name, value in ID_FIELDS.items()
    ),
    (ALL, 200, {"result": {"taskId": "t-1"}}, UNKNOWN),
    (ALL, 200, failed(generationTask="t-1"), UNKNOWN),
    (ALL, 200, kling(1201, data={"list": [{"taskId": "t-1"}]}), UNKNOWN),
    (ALL, 429, '[{"task_id": "t-1"}]', UNKNOWN),
    (ALL, 400, error('{"task_id": "t-1"}'), UNKNOWN),
]
ROW_3: Final[list[Case]] = [
    (ALL, status, body, UNKNOWN)
    for status in (200, 202, 400, 401, 402, 403, 404, 413, 414, 422, 424, 431, 500)
    for body in ("", "<html>no</html>", "no", "[]", "17", '{"error": {"message": "no"')
]
ROW_4: Final[list[Case]] = [
    *((ALL, 429, body, BUSY) for body in ("", "<html>slow down</html>", "[]", "{}", '{"error": "mo')),
    (ALL, 429, error("Not enough balance: buy credits"), BUSY),
    (ALL, 429, error("no", "kling_balance_too_low"), BUSY),
    (ALL, 429, kling(1303), BUSY),
    (ALL, 429, kling(1302, "quota"), BUSY),
    (ALL, 429, kling(1201), BUSY),
    *((ALL, 429, kling(code), CREDIT) for code in (1100, 1101, "1102")),
    (ALL, 429, error("no", "insufficient_quota"), CREDIT),
    *((ALL, 429, litellm(code), CREDIT) for code in ("429", "422", "400")),
    (ALL, 429, error("no", "budget_exceeded"), CREDIT),
    (ALL, 429, litellm("429", "None", "No deployments available - crossed budget: 1.2 of 1.0"), BUSY),
    (ALL, 429, litellm("429", "None", "Max parallel request limit reached"), BUSY),
    (ALL, 429, kling(1304), CONFIGURATION),
    *(
        (ALL, 429, error("no", code, type="insufficient_quota"), BUSY)
        for code in (
            "rate_limit_exceeded",
            "TooManyTasks",
            "throttled",
            "concurrency",
            "parallel",
            1302,
            1303,
        )
    ),
]
ROW_5: Final[list[Case]] = [
    *(
        (ALL, status, error("No available channel", "model_not_found"), UNKNOWN)
        for status in (301, 302, 307, 308, 408, 409, 410, 421, 423, 425, 451)
    ),
    *(
        (ALL, status, body, UNKNOWN)
        for status in (409, 500, 502, 503, 504, 520, 524, 599)
        for body in (error("No available channel", "model_not_found"), failed(), kling(1201))
    ),
]
ERRORS: Final[list[Case]] = [
    (ALL, 400, error("duration"), REQUEST),
    (ALL, 400, {"message": "no", "data": None}, REQUEST),
    (ALL, 400, error("no", "model_not_found"), MODEL),
    (ALL, 400, error("unsupported model: kling-v9"), MODEL),
    *(
        (ALL, status, error("no", code), MODEL)
        for code in ("unsupported_model", "key_model_access_denied", "team_model_access_denied")
        for status in (400, 401, 403)
    ),
    *(
        (ALL, status, {"message": f"The {said}"}, MODEL)
        for said in (
            "unknown model",
            "invalid model",
            "model kling-9 does not exist",
            "model_name is invalid",
        )
        for status in (400, 404, 422)
    ),
    (ALL, 404, error("model kling-9 not found"), MODEL),
    (ALL, 422, error("model kling-9 is not supported"), MODEL),
    (ALL, 403, error("unknown model"), CONFIGURATION),
    (ALL, 400, litellm("400"), CREDIT),
    *(
        (ALL, 400, error("no", code), CREDIT)
        for code in ("low_balance", "insufficient_funds", "user_quota", "arrears", "billing", "prepaid_empty")
    ),
    (ALL, 400, error("your balance and quota are low"), REQUEST),
    (ALL, 400, error("no", "invalid_api_key"), CONFIGURATION),
    (ALL, 402, error("no", "kling_team_required"), CONFIGURATION),
    *((ALL, 400, kling(code), CONFIGURATION) for code in (1000, 1001, 1002, 1003, 1004)),
    *((ALL, 400, kling(code), CONFIGURATION) for code in (1103, 1202, 1203, 1304)),
    *((ALL, 400, kling(code), CREDIT) for code in (1100, 1101, 1102)),
    *((ALL, status, kling(code), REQUEST) for code in (1200, 1201, 1300, 1301) for status in (401, 403, 404)),
    *((ALL, status, kling(code), BUSY) for code in (1302, 1303) for status in (400, 403)),
    *((ALL, 400, kling(code), REQUEST) for code in (1200, 1201, 1300, 1301)),
    (ALL, 400, kling(1201, data={"note": "x"}), UNKNOWN),
    *(
        (ALL, status, body, UNKNOWN)
        for status in (400, 401, 402, 403, 404, 405, 413, 415, 422)
        for body in ({}, {"message": "no", "data": {"note": "x"}})
    ),
    (ALL, 401, {"detail": "Not authenticated"}, CONFIGURATION),
    (ALL, 403, {"detail": "Forbidden"}, CONFIGURATION),
    *((ALL, 403, error(f"No: {words}."), CREDIT) for words in MONEY_WORDS),
    *((ALL, 400, error(f"The field {words} is not known"), REQUEST) for words in MONEY_WORDS),
    *((ALL, 400, error("no", code), REQUEST) for code in ("rate_limit", "too_many_tasks")),
    (ALL, 401, error("Invalid key", "invalid_api_key"), CONFIGURATION),
    *((ALL, 401, kling(code), CONFIGURATION) for code in (1000, 1001, 1002, 1003, 1004)),
    (ALL, 402, error("no", "kling_balance_too_low"), CREDIT),
    (ALL, 402, {"detail": "Payment required"}, CREDIT),
    (ALL, 403, error("no", "kling_team_required"), CONFIGURATION),
    (ALL, 403, error("no", "insufficient_user_quota"), CREDIT),
    (ALL, 403, error("The quota of this token is used up"), CREDIT),
    (ALL, 403, kling(1103), CONFIGURATION),
    *((ALL, status, {"detail": "Not Found"}, CONFIGURATION) for status in (404, 405, 415)),
    *((ALL, 404, kling(code), CONFIGURATION) for code in (1202, 1203)),
    (ALL, 413, error("too large"), REQUEST),
    (ALL, 422, {"detail": [{"loc": ["body", "duration"], "msg": "Field required"}]}, REQUEST),
    (ALL, 422, litellm("422"), CREDIT),
    *((ALL, status, error("no"), UNKNOWN) for status in (406, 411, 412, 414, 416, 418, 426, 428, 431, 499)),
]
UPSTREAM_ERRORS: Final[list[Case]] = [
    (ANY_INT, 424, error("no", "upstream", upstream_status=503), UNKNOWN),
    *(
        ((WORLDROUTER,), 424, error("no", code), UPSTREAM)
        for code in (
            "upstream_timeout",
            "insufficient_quota",
            "model_not_found",
            "invalid_api_key",
            1102,
            1304,
        )
    ),
    *(
        ((WORLDROUTER,), 424, error("no", "x", upstream_status=told), REQUEST)
        for told in (400, 413, 415, 422)
    ),
    *(
        ((WORLDROUTER,), 424, error("no", "x", upstream_status=told), UPSTREAM)
        for told in (401, 402, 403, 404, 408, 429, 500, 503)
    ),
    ((WORLDROUTER,), 424, {"error": {"upstream_status": 400}}, REQUEST),
    ((WORLDROUTER,), 424, {"message": "something went wrong"}, UNKNOWN),
    ((WORLDROUTER,), 424, {}, UNKNOWN),
]
SUCCESSES: Final[list[Case]] = [
    ((ANYINT,), 200, failed(), REQUEST),
    ((ANYINT,), 200, failed(id=None, status="cancelled", error={"code": 1301, "message": "no"}), REQUEST),
    ((ANYINT,), 201, {"model": "kling-3.0", "status": "canceled", "error": error("no")["error"]}, REQUEST),
    ((ANYINT,), 200, {"object": "video", "status": "failed", "error": "no"}, REQUEST),
    ((ANYINT,), 200, failed(error={"code": 1102, "message": "no"}), CREDIT),
    ((ANYINT,), 200, failed(error=None), UNKNOWN),
    ((ANYINT,), 200, failed(error={}), UNKNOWN),
    ((ANYINT,), 200, failed(status="processing"), UNKNOWN),
    ((ANYINT,), 200, failed(status="error"), UNKNOWN),
    ((ANYINT,), 200, {"status": "failed", "error": "no"}, UNKNOWN),
    ((NATIVE, WORLDROUTER), 200, failed(), UNKNOWN),
    *(((NATIVE,), 200, kling(code), CONFIGURATION) for code in (1000, 1001, 1002, 1003, 1004, 1103)),
    *(((NATIVE,), 200, kling(code, data=None), CREDIT) for code in (1100, 1101, "1102")),
    *(((NATIVE,), 200, kling(code, data={}), REQUEST) for code in (1200, 1201, 1300, 1301)),
    *(((NATIVE,), 200, kling(code, data=[]), CONFIGURATION) for code in (1202, 1203, 1304)),
    *(((NATIVE,), 200, {"code": code, "msg": "no"}, BUSY) for code in (1302, 1303)),
    *(((NATIVE,), 200, kling(code), REQUEST) for code in (1005, 1104, 1299)),
    *(((NATIVE,), 200, kling(code), UNKNOWN) for code in (0, 1, 200, 201, 400, 999, 1305, 5000, 5002, True)),
    ((NATIVE,), 200, kling(1201, status="accepted"), UNKNOWN),
    ((NATIVE,), 200, kling(1201, data={"note": "x"}), UNKNOWN),
    ((ANYINT, WORLDROUTER), 200, kling(1201), UNKNOWN),
    *(
        (ALL, 200, body, UNKNOWN)
        for body in (error(), {"error": "no"}, {}, {"status": "queued"}, {"id": None})
    ),
]
CASES: Final = [
    case for row in (ROW_1, ROW_2, ROW_3, ROW_4, ROW_5, ERRORS, UPSTREAM_ERRORS, SUCCESSES) for case in row
]


async def came_to(provider: Provider) -> object:
    """Say in a word what became of an order."""
    return said_of(await outcome_of(provider))


async def outcome_of(provider: Provider) -> Created | Refused | OutcomeUnknown:
    try:
        return await provider.create(order(provider.name))
    except (Refused, OutcomeUnknown) as error:
        return error


def said_of(outcome: Created | Refused | OutcomeUnknown) -> object:
    match outcome:
        case Created():
            return CREATED
        case Refused(is_about_model=True, why=Refusal.CONFIGURATION):
            return MODEL
        case Refused():
            return outcome.why
        case OutcomeUnknown():
            return UNKNOWN


@pytest.mark.parametrize("surface", ALL)
async def test_every_row_of_the_table_of_a_surface(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, surface: str
) -> None:
    provider = built(surface, gateways, network, replies)
    wrong: list[object] = []

    mine = [case for case in CASES if surface in case[0]]
    for _, status, body, expected in mine:
        gateways.faults.add(on_create(says(body, status)))
        outcome = await outcome_of(provider)
        if said_of(outcome) != expected:
            wrong.append((status, body, expected, said_of(outcome)))
        if isinstance(outcome, Refused) and outcome.is_final != (status < 300):
            wrong.append((status, body, "final", outcome.is_final))

    assert wrong == []
    assert len(gateways.creates()) == len(mine) > 200


@pytest.mark.parametrize("surface", ALL)
async def test_the_log_of_replies_comes_to_the_same_as_the_reply_did(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, surface: str
) -> None:
    provider = built(surface, gateways, network, replies)
    wrong: list[object] = []

    for _, status, body, _ in (case for case in CASES if surface in case[0] and case[2] != ""):
        gateways.faults.add(on_create(says(body, status, headers=WAIT if status == 429 else {})))
        outcome = await outcome_of(provider)
        reply = replies.kept[1][-1]
        try:
            again: Created | Refused | OutcomeUnknown = provider.read(reply, order(surface))
        except (Refused, OutcomeUnknown) as error:
            again = error
        if told(again) != told(outcome):
            wrong.append((status, body, told(outcome), told(again)))

    assert wrong == []


@pytest.mark.parametrize("number", range(len(WHO_CAN_ACT)))
async def test_no_row_about_who_can_act_can_be_left_out(
    gateways: LocalGateways, network: Network, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Each row is tried by an answer that comes to something else without it."""
    monkeypatch.setattr(refusals, "WHO_CAN_ACT", WHO_CAN_ACT[:number] + WHO_CAN_ACT[number + 1 :])
    tried = [
        *((surfaces[-1], status, body, expected, None) for surfaces, status, body, expected in CASES),
        (ANYINT, 429, error("no", "insufficient_quota"), BUSY, 9.0),
    ]
    changed: list[bytes] = []

    for surface, status, body, expected, wait in tried:
        if expected in {CREATED, UNKNOWN} or not isinstance(body, dict):
            continue
        provider = built(surface, gateways, network, RememberedReplies())
        written = json.dumps(body).encode()
        reply = Reply(surface, "videos", gateways.anyint_url, status, written, retry_after=wait)
        with pytest.raises(Refused) as refused:
            provider.read(reply)
        if said_of(refused.value) != expected:
            changed.append(written)

    assert changed


def told(outcome: Created | Refused | OutcomeUnknown) -> object:
    if isinstance(outcome, Created):
        return outcome
    return type(outcome), str(outcome), vars(outcome)


async def test_a_429_that_says_when_is_busy_whatever_its_code(
    provider: Provider, gateways: LocalGateways
) -> None:
    for code in (1100, 1102, 1304, "insufficient_quota", "budget_exceeded"):
        gateways.faults.add(on_create(says(error("no", code), 429, headers=WAIT)))

        assert await came_to(provider) is BUSY


async def test_a_body_that_broke_refuses_nothing_though_all_of_it_can_be_read(
    provider: Provider, gateways: LocalGateways, replies: RememberedReplies
) -> None:
    broken: list[tuple[int, object, object]] = [
        *((status, error("no", 1201), UNKNOWN) for status in (400, 401, 402, 403, 404, 413, 422, 424)),
        (200, failed(), UNKNOWN),
        (200, kling(1201), UNKNOWN),
        (200, {"task_id": "t-1"}, CREATED),
        (429, error("no"), BUSY),
        (429, error("no") | {"task_id": "t-1"}, UNKNOWN),
    ]
    for status, body, expected in broken:
        gateways.faults.add(on_create(says(body, status, headers={"Content-Encoding": "gzip"})))

        outcome = await outcome_of(provider)

        assert said_of(outcome) == expected, (status, body)
        assert replies.kept[1][-1].is_cut


async def test_a_task_that_has_failed_at_once_is_made_and_has_failed(
    provider: Provider, gateways: LocalGateways
) -> None:
    body = {
        "id": "t-1",
        "data": {"task_id": "t-1"},
        "status": "failed",
        "task_status": "failed",
        "error": "no",
    }
    gateways.faults.add(on_create(says(body)))

    created = await provider.create(order(provider.name))

    assert created.ticket.task_id == "t-1"
    assert isinstance(created.progress, Failed)


@pytest.mark.parametrize("surface", ANY_INT)
async def test_what_the_operator_vouches_for_is_no_word_against_an_id_or_a_page(
    gateways: LocalGateways, network: Network, replies: RememberedReplies, surface: str
) -> None:
    kind = {ANYINT: AnyInt, NATIVE: AnyIntNative}[surface]
    provider = kind(
        base_url=gateways.anyint_url,
        key=gateways.anyint_key,
        network=network,
        replies=replies,
        safe_statuses=[200, 400, 409, 429, 503],
    )
    expected: list[tuple[int, object, object]] = [
        (503, error("no channel"), UPSTREAM),
        (409, {"message": "busy"}, UPSTREAM),
        (503, error("no channel") | {"task_id": "t-1"}, UNKNOWN),
        (503, "<html>no</html>", UNKNOWN),
        (503, "", UNKNOWN),
        (503, {}, UNKNOWN),
        (502, error("no"), UNKNOWN),
        (400, error("no"), REQUEST),
        (429, error("no"), BUSY),
        (200, error("no"), UNKNOWN),
        (200, {"task_id": "t-1"}, CREATED),
    ]

    for status, body, _ in expected:
        gateways.faults.add(on_create(says(body, status)))
    found = [await came_to(provider) for _ in expected]

    assert found == [outcome for _, _, outcome in expected]


async def test_an_echo_of_our_own_order_is_no_task(gateways: LocalGateways, network: Network) -> None:
    provider = AnyIntNative(
        base_url=gateways.anyint_url,
        key=gateways.anyint_key,
        network=network,
        replies=RememberedReplies(),
        sends_job_id=True,
    )
    await provider.create(order(NATIVE, job_id=1))
    sent = gateways.creates()[0].json
    body = {"detail": [{"loc": ["body", "mode"], "msg": "Field required", "input": sent}]}
    for echo in (body, {"error": json.dumps(body)}):
        gateways.faults.add(on_create(says(echo, 422)))

        with pytest.raises(Refused) as refused:
            await provider.create(order(NATIVE, job_id=1))

        assert refused.value.why is REQUEST
    assert sent["external_task_id"] == "matinee-1"


async def test_of_a_long_reply_what_is_not_kept_may_have_named_a_task(
    provider: Provider, gateways: LocalGateways, replies: RememberedReplies
) -> None:
    for padding, is_known in ((12_000, True), (20_000, False)):
        body = {"error": {"message": "x" * padding}}
        gateways.faults.add(on_create(says(body, 429)))
        with pytest.raises(Refused):
            await provider.create(order(provider.name))
        reply = replies.kept[1][-1]

        with pytest.raises(Refused if is_known else OutcomeUnknown):
            provider.read(reply, order(provider.name))
        with pytest.raises(OutcomeUnknown):
            provider.read(replace(reply, body=b""), order(provider.name))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, error("no", "not_an_invalid_api_key"), REQUEST),
        (400, error("no", "invalid_api_keys"), REQUEST),
        (400, error("no", 11000), REQUEST),
        (400, error("no", "x1304"), REQUEST),
        (400, error("no", "invalid_api_key"), CONFIGURATION),
        (403, error("YOUR BALANCE IS TOO LOW"), CREDIT),
        (404, error("Unsupported MODEL"), MODEL),
    ],
)
async def test_codes_are_compared_whole_and_words_whatever_their_case(
    gateways: LocalGateways,
    network: Network,
    replies: RememberedReplies,
    status: int,
    body: object,
    expected: object,
) -> None:
    gateways.faults.add(on_create(says(body, status)))

    assert said_of(await outcome_of(built(ANYINT, gateways, network, replies))) == expected
