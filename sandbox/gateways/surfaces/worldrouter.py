"""WorldRouter's three Kling routes, as its Kling page describes them: PascalCase in, snake_case out."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Literal

from sandbox.gateways.fields import Body, Rule, anything, check_fields, choice, items, link, seconds, text
from sandbox.gateways.orders import Order, Refusal
from sandbox.gateways.surfaces.surface import Place, Route, bearer, route
from sandbox.gateways.tasks import Task

PREFIX = "/v1/videos/"
ACTION = {"text2video": "text", "image2video": "image", "omni-video": "omni"}
MODELS_OF = {
    "text2video": ("kling-v2-6", "kling-v3"),
    "image2video": ("kling-v2-6", "kling-v3"),
    "omni-video": ("kling-v3-omni",),
}
IMAGE: Mapping[str, Rule] = {"ImageUrl": link, "Type": choice("first_frame")}
IMAGES = items(IMAGE, ("ImageUrl", "Type"), most=1)
EVERYWHERE: Mapping[str, Rule] = {"Model": anything, "Prompt": text(), "Duration": seconds(5, 10)}
MODE: Mapping[str, Rule] = {"Mode": choice("std", "pro")}
RATIO: Mapping[str, Rule] = {"AspectRatio": choice("16:9", "9:16", "1:1")}
FIELDS: Mapping[str, Mapping[str, Rule]] = {
    "text2video": {**EVERYWHERE, **MODE, **RATIO},
    "image2video": {**EVERYWHERE, **MODE, "ImageList": IMAGES},
    "omni-video": {**EVERYWHERE, **RATIO, "ImageList": IMAGES},
}
NO_TEAM = "no team"


class WorldRouter:
    """A task belongs to the team whose key created it, and to the route on which it was created."""

    name: Literal["worldrouter"] = "worldrouter"
    vendor: Literal["worldrouter"] = "worldrouter"
    models: Sequence[str] = ("kling-v2-6", "kling-v3", "kling-v3-omni")
    id_at: Place = ("id",)
    state_at: Place = ("status",)
    reason_at: Place = ("error",)
    link_at: Place = ("content", "video_url")

    def __init__(self, key: str, other_team_key: str, personal_key: str) -> None:
        self._owners = {key: "team", other_team_key: "other team", personal_key: NO_TEAM}

    def routes(self) -> Sequence[Route]:
        creates = [route("POST", PREFIX + family, "create", self, family) for family in FIELDS]
        statuses = [route("GET", PREFIX + family + "/{id}", "status", self, family) for family in FIELDS]
        return (*creates, *statuses, route("GET", "/media/kling/{id}/output.mp4", "media", self))

    def owner(self, authorization: str | None) -> str:
        owner = bearer(authorization, self._owners)
        if owner == NO_TEAM:
            raise Refusal(403, "kling_team_required", "The API key is not scoped to a team")
        return owner

    def order(self, family: str, body: Body) -> Order:
        if body.get("Model") not in MODELS_OF[family]:
            raise Refusal(400, "unsupported_model", f"unsupported model: {body.get('Model')!r}")
        required = ("Model", "Prompt", "ImageList") if family == "image2video" else ("Model", "Prompt")
        check_fields(body, FIELDS[family], required)
        return Order(
            model=body["Model"],
            prompt=body["Prompt"],
            seconds=int(body.get("Duration", 5)),
            ratio=body.get("AspectRatio"),
            mode=body.get("Mode", "std"),
            links=tuple(image["ImageUrl"] for image in body.get("ImageList", [])),
        )

    def new_id(self) -> str:
        return f"job-{secrets.token_hex(12)}"

    def created(self, task: Task) -> Body:
        return self._task_body(task) | {"requestId": _request_id()}

    def status(self, task: Task, media_link: str) -> Body:
        body = self._task_body(task)
        if task.state == "succeeded":
            body["content"] = {"video_url": media_link}
        elif task.is_over:
            body["error"] = task.reason
        return body

    def refused(self, refusal: Refusal) -> Body:
        error = {"code": refusal.code, "message": refusal.message}
        return {"error": error, "requestId": _request_id()}

    def _task_body(self, task: Task) -> Body:
        family = ACTION[task.family]
        return {"id": task.id, "model": task.order.model, "status": task.state, "kling_action_family": family}


def _request_id() -> str:
    return f"req-{secrets.token_hex(8)}"
