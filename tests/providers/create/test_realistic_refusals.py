"""What gateways of this family say when they made nothing: how much of that is believed, and what is not."""

from __future__ import annotations

from typing import Final

from core.model.errors import OutcomeUnknown, Refused
from providers import Network
from sandbox.gateways import LocalGateways
from sandbox.gateways.faults import create_says
from tests.providers.world import RememberedReplies, built, order

SURFACES: Final = ("anyint", "anyint-native", "worldrouter")


def openai(message: str, kind: str | None = None, code: object = None, **more: object) -> dict[str, object]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code, **more}}


def kling(code: int, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "request_id": "CjMT7WdSwWcAAAAAALtvRA", "data": None}


NOTHING_MADE: Final[list[tuple[int, object]]] = [
    # OpenAI's own errors, as gateways copy them (OpenAI, Error codes)
    (400, openai("Invalid value: '7'. Supported values are: '5' and '10'.", "invalid_request_error")),
    (400, openai("Missing required parameter: 'prompt'.", "invalid_request_error", "missing_parameter")),
    (400, openai("Your request was rejected by the safety system.", "user_error", "moderation_blocked")),
    (401, openai("Incorrect API key provided: sk-***.", "invalid_request_error", "invalid_api_key")),
    (403, openai("Country, region, or territory not supported", "request_forbidden", "unsupported_country")),
    (404, openai("The model `kling-9` does not exist", "invalid_request_error", "model_not_found")),
    (429, openai("Rate limit reached for requests", "requests", "rate_limit_exceeded")),
    (429, openai("You exceeded your current quota", "insufficient_quota", "insufficient_quota")),
    (500, openai("The server had an error while processing your request", "server_error")),
    (503, openai("The engine is currently overloaded", "server_error", "overloaded")),
    # LiteLLM's proxy (LiteLLM, Exception mapping; Virtual keys; Budgets)
    (400, openai("litellm.BadRequestError: LLM Provider NOT provided.", None, "400")),
    (400, openai("Budget has been exceeded! Current cost: 1.2, Max budget: 1.0", "budget_exceeded", "400")),
    (401, openai("Authentication Error, Invalid proxy server token passed.", "auth_error", "401")),
    (401, openai("key not allowed to access model", "key_model_access_denied", "401")),
    (429, openai("Max parallel request limit reached. Hit limit for api_key", "None", "429")),
    (500, openai("litellm.InternalServerError: Connection error.", None, "500")),
    # new-api (its error bodies)
    (400, {"code": "invalid_request", "message": "field prompt is required", "data": None}),
    (403, openai("用户额度不足, 剩余额度: $0.01", "new_api_error", "insufficient_user_quota")),
    (403, openai("This token has no access to model kling-3.0", "new_api_error")),
    (503, openai("No available channel for model kling-3.0", "new_api_error", "model_not_found")),
    (500, {"code": "fail_to_fetch_task", "message": '{"code":1102,"message":"balance not enough"}'}),
    # Kling (Kling, Error code)
    (401, kling(1002, "access key not found")),
    (401, kling(1004, "Authorization expired")),
    (429, kling(1102, "Account balance not enough")),
    (429, kling(1303, "parallel task over resource pack limit")),
    (400, kling(1201, "duration is invalid")),
    (400, kling(1301, "Failure to pass the risk control system")),
    (404, kling(1203, "model is not supported")),
    (200, kling(1201, "duration is invalid")),
    (500, kling(5000, "Internal error")),
    # WorldRouter (its Troubleshooting)
    (400, openai("unsupported model", "invalid_request_error", "unsupported_model")),
    (402, openai("Not enough credits", "billing_error", "kling_balance_too_low")),
    (403, openai("The key is not scoped to a team", "permission_error", "kling_team_required")),
    (429, openai("Too many pending tasks", "rate_limit_error", "kling_too_many_pending_tasks")),
    (
        424,
        openai("The upstream provider timed out", "upstream_error", "upstream_timeout", upstream_status=504),
    ),
    # AnyInt's create object (AnyInt, Create response)
    (
        200,
        {"id": "", "object": "video", "status": "failed", "model": "kling-3.0", "error": {"message": "no"}},
    ),
    # frameworks and what stands in front
    (422, {"detail": [{"type": "missing", "loc": ["body", "model"], "msg": "Field required", "input": {}}]}),
    (404, {"detail": "Not Found"}),
    (405, {"detail": "Method Not Allowed"}),
    (413, "<html><head><title>413 Request Entity Too Large</title></head></html>"),
    (403, "<!doctype html><html><title>Attention Required! | Cloudflare</title></html>"),
    (502, "<html><head><title>502 Bad Gateway</title></head></html>"),
]

UNKNOWN: Final = {"anyint": 11, "anyint-native": 11, "worldrouter": 11}
"""Of the 42: the seven with 5xx, the two pages below 500, and two that only other surfaces' documents have.

That is the price of never calling refused what may have been made: a person decides about these.
"""


async def test_31_of_42_realistic_refusals_are_believed_and_none_is_taken_for_a_task(
    gateways: LocalGateways, network: Network
) -> None:
    unknown = dict.fromkeys(SURFACES, 0)
    for surface in SURFACES:
        provider = built(surface, gateways, network, RememberedReplies())
        for status, body in NOTHING_MADE:
            gateways.faults.add(create_says(body, status))
            try:
                await provider.create(order(surface))
            except Refused:
                continue
            except OutcomeUnknown:
                unknown[surface] += 1

    assert len(NOTHING_MADE) == 42
    assert gateways.tasks == []
    assert unknown == UNKNOWN
