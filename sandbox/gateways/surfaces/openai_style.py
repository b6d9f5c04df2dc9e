"""AnyInt's OpenAI-style routes, as AnyInt's Kling page describes them."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from typing import Literal

from sandbox.gateways.fields import (
    Body,
    Rule,
    anything,
    check_fields,
    choice,
    flag,
    items,
    link,
    seconds,
    text,
)
from sandbox.gateways.orders import Order, Refusal
from sandbox.gateways.surfaces.surface import Place, Route, bearer, route, spelled
from sandbox.gateways.tasks import State, Task

OMNI = "kling-v3-omni"
MODELS = ("kling-3.0", OMNI)
VIDEOS = "/openai/v1/videos"
FRAME: Mapping[str, Rule] = {"url": link, "role": choice("first_frame"), "frame_type": choice("first_frame")}
REFERENCE: Mapping[str, Rule] = {"url": link, "type": choice("image", "video", "audio")}
FIELDS: Mapping[str, Rule] = {
    "model": anything,
    "prompt": text(),
    "duration": seconds(*range(3, 16)),
    "aspect_ratio": choice("16:9", "9:16", "1:1"),
    "mode": choice("std", "pro"),
    "generate_audio": flag,
    "sound": choice("on", "off"),
    "image": link,
    "input_reference": link,
    "frame_images": items(FRAME, ("url",), most=1),
    "input_references": items(REFERENCE, ("url",)),
}
SPELLING: Mapping[State, str] = {
    "queued": "processing",
    "running": "processing",
    "succeeded": "completed",
    "expired": "failed",
}
ERROR_CODES: Mapping[str | int, str] = {
    "kling_too_many_pending_tasks": "rate_limit_exceeded",
    "kling_balance_too_low": "insufficient_balance",
    "kling_team_required": "access_denied",
    "media_resource_access_denied": "access_denied",
}
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class OpenAIStyle:
    """Model ids without a route of their own: the input decides what is made."""

    name: Literal["anyint"] = "anyint"
    vendor: Literal["anyint"] = "anyint"
    models: Sequence[str] = MODELS
    id_at: Place = ("id",)
    state_at: Place = ("status",)
    reason_at: Place = ("error",)
    link_at: Place = ("download_url",)

    def __init__(self, key: str) -> None:
        self._owners = {key: "account"}

    def routes(self) -> Sequence[Route]:
        return (
            route("POST", VIDEOS, "create", self),
            route("GET", VIDEOS + "/{id}", "status", self),
            route("GET", VIDEOS + "/{id}/content", "content", self),
            route("GET", "/openai/v1/models", "models", self),
        )

    def owner(self, authorization: str | None) -> str:
        return bearer(authorization, self._owners)

    def order(self, family: str, body: Body) -> Order:
        del family
        check_fields(body, FIELDS, ("model", "prompt"))
        _check_model(body)
        return Order(
            model=body["model"],
            prompt=body["prompt"],
            seconds=int(body.get("duration", 5)),
            ratio=body.get("aspect_ratio"),
            mode=body.get("mode", "std"),
            audio=body.get("generate_audio") is True or body.get("sound") == "on",
            links=_links(body),
        )

    def new_id(self) -> str:
        """Long, opaque, and with the padding that a careless path would not escape."""
        return "video_" + base64.urlsafe_b64encode(secrets.token_bytes(46)).decode()

    def created(self, task: Task) -> Body:
        reply = {"id": task.id, "object": "video", "status": spelled(task.state, SPELLING)}
        return reply | {"model": task.order.model, "error": None}

    def status(self, task: Task, media_link: str) -> Body:
        del media_link
        reply = self.created(task) | {"progress": task.progress, "error": task.reason}
        if task.state == "succeeded":
            reply["download_url"] = f"/v1/videos/{task.id}/content"
        return reply

    def refused(self, refusal: Refusal) -> Body:
        return gateway_error(refusal)


def gateway_error(refusal: Refusal) -> Body:
    """The error body that AnyInt itself answers, on both of its surfaces."""
    kind = ERROR_TYPES.get(refusal.status, "api_error")
    code = ERROR_CODES.get(refusal.code, refusal.code)
    return {"error": {"message": refusal.message, "type": kind, "code": code}}


def _check_model(body: Body) -> None:
    if body["model"] not in MODELS:
        raise Refusal(400, "model_not_found", f"model {body['model']!r} is not available on this route")
    if "sound" in body and body["model"] != OMNI:
        raise Refusal(400, "invalid_parameter", "sound: only for Omni; use generate_audio")
    if "sound" in body and "generate_audio" in body:
        raise Refusal(400, "invalid_parameter", "sound and generate_audio cannot be combined")


def _links(body: Body) -> tuple[str, ...]:
    """Every picture once, the first frame first."""
    frames = [frame["url"] for frame in body.get("frame_images", [])]
    references = [
        one["url"] for one in body.get("input_references", []) if one.get("type", "image") == "image"
    ]
    single = [body[name] for name in ("image", "input_reference") if name in body]
    return tuple(dict.fromkeys(frames + single + references))
