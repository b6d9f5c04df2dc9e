"""What the gateways' documents show: routes, bodies, refusals. Written from those pages alone.

AnyInt: "Kling video" (OpenAI-style route, Transtreams native routes; Kling's own envelope on the latter).
WorldRouter: "Generate Videos with Kling".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeAlias, assert_never

from tests.stranger.made_up.answers import ID, LINK, Answer

Body: TypeAlias = dict[str, Any]


class Surface(StrEnum):
    ANYINT = "anyint"
    NATIVE = "anyint-native"
    WORLDROUTER = "worldrouter"


CREATE_ROUTES: Final[dict[Surface, tuple[str, ...]]] = {
    Surface.ANYINT: ("/openai/v1/videos",),
    Surface.NATIVE: tuple(
        f"/transtreams/kling/v1/videos/{kind}" for kind in ("text2video", "image2video", "omni-video")
    ),
    Surface.WORLDROUTER: tuple(f"/v1/videos/{kind}" for kind in ("text2video", "image2video", "omni-video")),
}


def written(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)


def prompt_of(sent: bytes) -> str:
    """Return the prompt of a create, by the name that its surface has for it."""
    body = json.loads(sent)
    return str(body.get("prompt", body.get("Prompt", "")))


def external_id_of(sent: bytes) -> str | None:
    """Return the id that a create gives its task, by Kling's name for it."""
    given = json.loads(sent).get("external_task_id")
    return None if given is None else str(given)


@dataclass(frozen=True, slots=True)
class Created:
    """A create response: the id in its place, with these words around it."""

    state: str
    error: object = None
    extra: Body = field(default_factory=dict[str, Any])
    status: int = 200


def created(surface: Surface, said: Created) -> Answer:
    match surface:
        case Surface.ANYINT:
            body: Body = {
                "id": ID,
                "object": "video",
                "status": said.state,
                "model": "kling-3.0",
                "error": said.error,
            }
        case Surface.NATIVE:
            body = {
                "code": 0,
                "message": "SUCCEED",
                "request_id": "Cjik8mdQ",
                "data": {"task_id": ID, "task_status": said.state, "created_at": 1772366400000},
            }
        case Surface.WORLDROUTER:
            body = {
                "id": ID,
                "model": "kling-v3",
                "status": said.state,
                "kling_action_family": "text",
                "requestId": "req-123",
            }
        case _:
            assert_never(surface)
    return Answer("accepted", said.status, written({**body, **said.extra}))


STARTED: Final[dict[Surface, str]] = {
    Surface.ANYINT: "processing",
    Surface.NATIVE: "submitted",
    Surface.WORLDROUTER: "queued",
}
RUNNING: Final[dict[Surface, str]] = {
    Surface.ANYINT: "processing",
    Surface.NATIVE: "processing",
    Surface.WORLDROUTER: "running",
}
SUCCEEDED: Final[dict[Surface, str]] = {
    Surface.ANYINT: "completed",
    Surface.NATIVE: "succeed",
    Surface.WORLDROUTER: "succeeded",
}
FAILED: Final[dict[Surface, tuple[str, ...]]] = {
    Surface.ANYINT: ("failed", "cancelled", "canceled"),
    Surface.NATIVE: ("failed",),
    Surface.WORLDROUTER: ("failed", "cancelled", "expired"),
}


def document(
    surface: Surface,
    state: str,
    *,
    task_id: str = ID,
    link: str = LINK,
    why: object = None,
    external_id: str | None = None,
) -> str:
    """Write what a status question is answered with. `why` is the reason of a failure.

    `external_id` is the id that the order's sender gave the task.
    """
    is_over = state == SUCCEEDED[surface]
    match surface:
        case Surface.ANYINT:
            body: Body = {
                "id": task_id,
                "object": "video",
                "status": state,
                "model": "kling-3.0",
                "error": why,
            }
            over: Body = {"progress": 100, "download_url": f"/v1/videos/{task_id}/content"}
            return written({**body, **over} if is_over else body)
        case Surface.NATIVE:
            data: Body = {"task_id": task_id, "task_status": state, "created_at": 1772366400000}
            over = {"task_result": {"videos": [{"id": "v-1", "url": link, "duration": "5"}]}}
            data |= over if is_over else {"task_status_msg": why or ""}
            if external_id is not None:
                data["task_info"] = {"external_task_id": external_id}
            return written({"code": 0, "message": "SUCCEED", "request_id": "Cjik8mdQ", "data": data})
        case Surface.WORLDROUTER:
            body = {"id": task_id, "model": "kling-v3", "status": state, "kling_action_family": "text"}
            over = {"content": {"video_url": link}}
            return written({**body, **over} if is_over else {**body, "error": why})
        case _:
            assert_never(surface)


def _refused(status: int, body: Body, what: str = "documented refusal", wait: str | None = None) -> Answer:
    headers = () if wait is None else (("Retry-After", wait),)
    return Answer(what, status, written(body), headers=headers)


def _kling(status: int, code: int, message: str) -> Answer:
    return _refused(status, {"code": code, "message": message, "request_id": "Cjik8mdQ", "data": None})


def _complaint(status: int, code: str, message: str, **extra: object) -> Answer:
    return _refused(status, {"error": {"code": code, "message": message, **extra}, "requestId": "req-9"})


_EMPTY_CREATE: Final[Body] = {"id": "", "object": "video", "status": "failed", "model": "kling-3.0"}

REFUSALS: Final[dict[Surface, Sequence[Answer]]] = {
    # "error: Error details when task creation fails": the create object itself, without an id.
    Surface.ANYINT: (
        _refused(200, {**_EMPTY_CREATE, "error": {"message": "The prompt is not allowed"}}),
        _refused(200, {**_EMPTY_CREATE, "id": None, "error": "upstream refused the task"}),
        _refused(200, {**_EMPTY_CREATE, "status": "canceled", "error": {"code": "x", "message": "no"}}),
        _refused(400, {"error": {"message": "duration is not supported", "type": "invalid_request_error"}}),
        _refused(401, {"error": {"message": "Invalid API key", "type": "authentication_error"}}),
        _refused(429, {"error": {"message": "Rate limit exceeded"}}, wait="7"),
    ),
    # Kling's codes, on its own envelope.
    Surface.NATIVE: (
        _kling(200, 1201, "duration is invalid"),
        _kling(200, 1102, "Account balance not enough"),
        _kling(400, 1200, "Invalid request parameters"),
        _kling(400, 1301, "The prompt triggered the content policy"),
        _kling(401, 1002, "Authorization is invalid"),
        _kling(403, 1103, "Access to the resource is denied"),
        _kling(404, 1203, "The resource does not exist"),
        _kling(429, 1303, "parallel task over resource pack limit"),
        _kling(429, 1302, "The request is too frequent"),
    ),
    # Its table "Troubleshooting".
    Surface.WORLDROUTER: (
        _complaint(400, "unsupported_model", "unsupported model"),
        _complaint(402, "kling_balance_too_low", "The team does not have enough available credits"),
        _complaint(403, "kling_team_required", "The key is not scoped to a team"),
        _complaint(429, "kling_too_many_pending_tasks", "Too many of your Kling tasks are still running"),
        _complaint(424, "upstream_error", "The upstream provider timed out", upstream_status=504),
        _complaint(424, "1201", "duration is invalid", upstream_status=400),
    ),
}

UNKNOWN_TASK: Final[dict[Surface, Answer]] = {
    Surface.ANYINT: _refused(
        404, {"error": {"message": "Video not found", "code": "video_not_found"}}, "unknown task"
    ),
    Surface.NATIVE: _refused(
        404,
        {"code": 1203, "message": "task not found", "request_id": "Cjik8mdQ", "data": None},
        "unknown task",
    ),
    Surface.WORLDROUTER: _refused(
        404, {"error": {"code": "task_not_found", "message": "task not found"}}, "unknown task"
    ),
}
"""How each of them says that it does not know a task; none documents it."""
