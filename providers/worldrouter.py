"""WorldRouter's three Kling routes (WorldRouter's Kling page): PascalCase out, snake_case in."""

from __future__ import annotations

from core.model.video import Input
from core.ports import Order
from providers.http import wire
from providers.replies import outcomes
from providers.replies.error_payloads import reason, reason_code
from providers.replies.statuses import Report, find_status
from providers.surface import NO_TASK, Call, Surface, plain_prompt

_TEXT = "text2video"
_IMAGE = "image2video"
_OMNI = "omni-video"
_OMNI_MODEL = "kling-v3-omni"


class VideoReply(wire.Wire):
    """The reply to a create and to a status question."""

    id: object = None
    task_id: object = None
    data: wire.Part
    progress: object = None
    content: wire.Part
    error: object = None
    message: object = None
    fail_reason: object = None
    code: object = None
    model: object = None
    seconds: object = None

    def report(self, key: str, status: object) -> Report:
        """Read the reply. What it wraps says more than the wrapping."""
        inner = VideoReply.model_validate(self.data) if self.data else self
        reasons = [
            word for part in (inner, self) for word in (part.error, part.fail_reason, part.message, part.code)
        ]
        return Report(
            task_id=wire.task_id(self.id, self.task_id, inner.task_id, inner.id),
            status=status,
            progress=inner.progress if inner.progress is not None else self.progress,
            link=wire.link(self.content.get("video_url")) or wire.link(inner.content.get("video_url")),
            error_text=wire.explain(reason(*reasons), key),
            code=reason_code(*reasons),
            model=inner.model if inner.model is not None else self.model,
            seconds=inner.seconds if inner.seconds is not None else self.seconds,
        )


class WorldRouter(Surface):
    """A team's key is needed, and a task is asked about on the route that made it."""

    surface = "worldrouter"
    gateway = "worldrouter"
    title = "WorldRouter"
    default_base_url = "https://inference-api-pre-d80ca3.worldrouter.ai"
    families = (_TEXT, _IMAGE, _OMNI)
    probe_paths = (f"/v1/videos/{_TEXT}/{NO_TASK}",)
    table = outcomes.WORLDROUTER
    takes_link_of_create = False  # "not from the create response", says the page

    @staticmethod
    def root(base_url: str) -> str:
        return Surface.root(base_url).removesuffix("/videos").removesuffix("/v1")

    def _call(self, order: Order) -> Call:
        """Choose the route by model and picture; the ratio of a picture is its own and is left out."""
        request = order.request
        is_omni = order.model.name == _OMNI_MODEL
        body: wire.Document = {
            "Model": order.model.name,
            "Prompt": plain_prompt(order),
            "Duration": str(request.duration_seconds),
        }
        if request.mode is not None and not is_omni:
            body["Mode"] = request.mode.value
        if request.input is Input.TEXT:
            body["AspectRatio"] = request.aspect_ratio
        else:
            body["ImageList"] = [
                {"ImageUrl": request.first_frame or request.reference, "Type": "first_frame"}
            ]
        if is_omni:
            return Call(_OMNI, body)
        return Call(_TEXT if request.input is Input.TEXT else _IMAGE, body)

    def _path(self, family: str) -> str:
        return f"/v1/videos/{family}"

    def _report(self, document: wire.Document) -> Report:
        return VideoReply.model_validate(document).report(self._access.key, find_status(document))
