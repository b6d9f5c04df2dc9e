"""AnyInt's Transtreams-native routes: Kling's own fields, and Kling's envelope around every reply."""

import base64
import binascii
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from sandbox.gateways.fields import (
    Body,
    Rule,
    anything,
    check_fields,
    choice,
    flag,
    items,
    link,
    number,
    seconds,
    text,
)
from sandbox.gateways.orders import Order, Refusal
from sandbox.gateways.prices import price
from sandbox.gateways.surfaces.openai_style import gateway_error
from sandbox.gateways.surfaces.surface import Place, Route, bearer, route, spelled
from sandbox.gateways.tasks import State, Task

PREFIX = "/transtreams/kling/v1/videos/"
MODEL_OF = {"text2video": "kling-v3", "image2video": "kling-v3", "omni-video": "kling-v3-omni"}
DOLLARS_A_UNIT = 0.14
GATEWAY_STATUSES = (401, 402, 403)
KLING_CODES = {404: 1203, 405: 1202, 429: 1303}
SPELLING: Mapping[State, str] = {
    "queued": "submitted",
    "running": "processing",
    "succeeded": "succeed",
    "cancelled": "failed",
    "expired": "failed",
}
EVERYWHERE: Mapping[str, Rule] = {
    "model_name": anything,
    "model": anything,
    "prompt": text(),
    "duration": seconds(*range(3, 16)),
    "mode": choice("std", "pro"),
    "generate_audio": flag,
    "sound": choice("on", "off"),
    "external_task_id": text(512),
    "callback_url": link,
}
NOT_OMNI: Mapping[str, Rule] = {
    "negative_prompt": text(),
    "cfg_scale": number(0, 1),
    "camera_control": anything,
    "voice_id": anything,
    "voice_list": anything,
}
RATIO: Mapping[str, Rule] = {"aspect_ratio": choice("16:9", "9:16", "1:1")}


def _picture(value: object) -> None:
    """A link, or the bare base64 of a picture without `data:` before it."""
    if isinstance(value, str) and not value.startswith(("http:", "https:")):
        _decoded(value)
    else:
        link(value)


IMAGE: Mapping[str, Rule] = {"image_url": link, "type": choice("first_frame", "end_frame")}
FIELDS: Mapping[str, Mapping[str, Rule]] = {
    "text2video": {**EVERYWHERE, **NOT_OMNI, **RATIO},
    "image2video": {
        **EVERYWHERE,
        **NOT_OMNI,
        "image": _picture,
        "image_tail": _picture,
        "element_list": anything,
    },
    "omni-video": {
        **EVERYWHERE,
        **RATIO,
        "image_list": items(IMAGE, ("image_url",)),
        "video_list": anything,
        "element_list": anything,
    },
}
REQUIRED = {
    "text2video": ("model_name", "prompt"),
    "image2video": ("model_name",),
    "omni-video": ("model_name", "prompt"),
}


class Native:
    """Three families; a task is only known on the family that created it."""

    name: Literal["anyint-native"] = "anyint-native"
    vendor: Literal["anyint"] = "anyint"
    models: Sequence[str] = ("kling-v3", "kling-v3-omni")
    id_at: Place = ("data", "task_id")
    state_at: Place = ("data", "task_status")
    reason_at: Place = ("data", "task_status_msg")
    link_at: Place = ("data", "task_result", "videos", "0", "url")

    def __init__(self, key: str) -> None:
        self._owners = {key: "account"}

    def routes(self) -> Sequence[Route]:
        creates = [route("POST", PREFIX + family, "create", self, family) for family in FIELDS]
        statuses = [route("GET", PREFIX + family + "/{id}", "status", self, family) for family in FIELDS]
        return (*creates, *statuses, route("GET", "/media/kling/{id}/output.mp4", "media", self))

    def owner(self, authorization: str | None) -> str:
        return bearer(authorization, self._owners)

    def order(self, family: str, body: Body) -> Order:
        check_fields(body, FIELDS[family], REQUIRED[family])
        _check_model(family, body)
        _check_pictures(family, body)
        picture, links = _pictures(body)
        return Order(
            model=body["model_name"],
            prompt=body.get("prompt", ""),
            seconds=int(body.get("duration", 5)),
            ratio=body.get("aspect_ratio"),
            mode=body.get("mode", "pro" if family == "omni-video" else "std"),
            audio=body.get("generate_audio") is True or body.get("sound") == "on",
            links=links,
            picture=picture,
            external_id=body.get("external_task_id"),
        )

    def new_id(self) -> str:
        """A decimal string beyond what a float can hold exactly."""
        return str(8 * 10**17 + secrets.randbelow(10**17))

    def created(self, task: Task) -> Body:
        return _envelope(self._task_body(task))

    def status(self, task: Task, media_link: str) -> Body:
        body: Body = self._task_body(task) | {"task_status_msg": _reason_text(task.reason), "task_result": {}}
        if task.state == "succeeded":
            body["final_unit_deduction"] = f"{float(price(task.order)) / DOLLARS_A_UNIT:g}"
            body["task_result"] = {"videos": [_video(task, media_link)]}
        return _envelope(body)

    def refused(self, refusal: Refusal) -> Body:
        if refusal.status in GATEWAY_STATUSES or refusal.code == "rate_limit_exceeded":
            return gateway_error(refusal)
        code = refusal.code if isinstance(refusal.code, int) else KLING_CODES.get(refusal.status, 1201)
        return {"code": code, "message": refusal.message, "request_id": _request_id()}

    def _task_body(self, task: Task) -> Body:
        name = task.order.external_id
        return {
            "task_id": task.id,
            "task_status": spelled(task.state, SPELLING),
            "task_info": {} if name is None else {"external_task_id": name},
            "created_at": round(task.history[0][1] * 1000),
            "updated_at": round(task.history[-1][1] * 1000),
        }


def _envelope(data: Body) -> Body:
    """Code and message say that the question was answered, never how the task went."""
    return {"code": 0, "message": "SUCCEED", "request_id": _request_id(), "data": data}


def _video(task: Task, media_link: str) -> Body:
    length = f"{task.order.seconds}.0"
    return {"id": f"vid-{task.id}", "url": media_link, "watermark_url": "", "duration": length}


def _reason_text(reason: object) -> object:
    if reason is None:
        return ""
    return cast("Body", reason).get("message", "") if isinstance(reason, dict) else reason


def _request_id() -> str:
    return f"req-{secrets.token_hex(8)}-{round(time.time())}"


def _check_model(family: str, body: Body) -> None:
    if body["model_name"] != MODEL_OF[family]:
        raise Refusal(400, 1201, f"model_name value {body['model_name']!r} is invalid")
    if body.get("model", body["model_name"]) != body["model_name"]:
        raise Refusal(400, 1201, "model and model_name must be the same")


def _check_pictures(family: str, body: Body) -> None:
    kinds = [image.get("type") for image in body.get("image_list", [])]
    if family == "image2video" and not body.keys() & {"image", "image_tail"}:
        raise Refusal(400, 1201, "image and image_tail cannot both be empty")
    if "end_frame" in kinds and "first_frame" not in kinds:
        raise Refusal(400, 1201, "image_list: end_frame needs a first_frame")
    if family == "omni-video" and "first_frame" not in kinds and "aspect_ratio" not in body:
        raise Refusal(400, 1201, "aspect_ratio is required without a first frame")


def _pictures(body: Body) -> tuple[bytes | None, tuple[str, ...]]:
    """A picture inside the request, and the links of the others, first frame first."""
    named = [body[name] for name in ("image", "image_tail") if name in body]
    first_to_last = sorted(body.get("image_list", []), key=lambda image: image.get("type") != "first_frame")
    named += [image["image_url"] for image in first_to_last]
    links = tuple(one for one in named if one.startswith(("http:", "https:")))
    inside = [_decoded(one) for one in named if one not in links]
    return (inside[0] if inside else None), links


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("must be an https:// link or bare base64") from error
