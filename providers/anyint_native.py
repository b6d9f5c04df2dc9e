"""AnyInt's Transtreams-native routes: Kling's own fields and Kling's envelope around every reply.

The page shows no bodies of these routes, so replies are read in every wrapping that is in use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from core.model.errors import CheckFailed, TaskMissing
from core.model.video import Input
from core.ports import Created, Order
from providers.anyint import AnyInt, gateway_root
from providers.http import wire
from providers.replies import outcomes
from providers.replies.error_payloads import reason, reason_code
from providers.replies.statuses import Report, find_status
from providers.replies.task_identity import is_echoed
from providers.surface import Call, Surface, plain_prompt

_TEXT = "text2video"
_IMAGE = "image2video"
_OMNI = "omni-video"
_OMNI_MODEL = "kling-v3-omni"
_DEEPEST = 3


class TaskReply(wire.Wire):
    """One layer of a reply: Kling's task, or an envelope around it."""

    task_id: object = None
    id: object = None
    progress: object = None
    task_status_msg: object = None
    fail_reason: object = None
    error: object = None
    model: object = None
    seconds: object = None
    task_result: wire.Part
    data: wire.Part

    def layers(self) -> Iterator[TaskReply]:
        """Yield the innermost layer first: it is Kling's own and says most."""
        inside: list[TaskReply] = [self]
        while inside[-1].data and len(inside) <= _DEEPEST:
            inside.append(TaskReply.model_validate(inside[-1].data))
        return reversed(inside)

    @property
    def link(self) -> str | None:
        """Where Kling's own task has its clip."""
        return wire.link(wire.part(wire.first(self.task_result.get("videos"))).get("url"))

    def report(self, key: str, status: object) -> Report:
        """Read the reply. Of an envelope only its id and state count, never its code."""
        layers = list(self.layers())
        ids = [name for layer in reversed(layers) for name in (layer.task_id, layer.id)]
        reasons = [
            word for layer in layers for word in (layer.task_status_msg, layer.fail_reason, layer.error)
        ]
        return Report(
            task_id=wire.task_id(*ids),
            status=status,
            progress=next((layer.progress for layer in layers if layer.progress is not None), None),
            link=next(filter(None, (layer.link for layer in layers)), None),
            error_text=wire.explain(reason(*reasons), key),
            code=reason_code(*reasons),
            model=next((layer.model for layer in layers if layer.model is not None), None),
            seconds=next((layer.seconds for layer in layers if layer.seconds is not None), None),
        )


class AnyIntNative(Surface):
    """With `sends_job_id` a task carries our own id and can be found by it.

    Kling documents that; whether AnyInt passes it on is for the operator to try first.
    """

    surface = "anyint-native"
    gateway = AnyInt.gateway
    title = AnyInt.title
    default_base_url = AnyInt.default_base_url
    families = (_TEXT, _IMAGE, _OMNI)
    table = outcomes.NATIVE
    probe_paths = AnyInt.probe_paths

    @staticmethod
    def root(base_url: str) -> str:
        return gateway_root(base_url)

    async def create(self, order: Order) -> Created:
        return self._with_own_id(await super().create(order), order)

    async def look_up(self, order: Order) -> Created | None:
        """Find a task by our own id; None where none carries it, or where none was sent.

        An answer that does not repeat the id is about another task, whatever else it contains.
        """
        if not self._sends_job_id:
            return None
        family = self._call(order).family
        url = f"{self._access.base_url}{self._path(family)}/{quote(_own_id(order), safe='')}"
        try:
            document = await self._ask(url)
        except TaskMissing:
            return None
        if not is_echoed(document, _own_id(order)):
            return None
        created = self._answers.existing(document, family, self._access.base_url)
        if created is None:
            raise CheckFailed(f"{self.name} does not say whether the task exists")
        return self._with_own_id(created, order)

    def _with_own_id(self, created: Created, order: Order) -> Created:
        """Remember our own id with the task: a gateway that changes its task ids may still repeat ours."""
        own = _own_id(order) if self._sends_job_id else None
        return replace(created, ticket=replace(created.ticket, external_id=own))

    def _call(self, order: Order) -> Call:
        request = order.request
        family = _family(order)
        body: wire.Document = {"model_name": order.model.name, "prompt": plain_prompt(order)} | _pictures(
            order, family
        )
        body["duration"] = str(request.duration_seconds)
        if request.mode is not None:
            body["mode"] = request.mode.value
        if _needs_ratio(order, family):
            body["aspect_ratio"] = request.aspect_ratio
        body |= _sound(order, family)
        if self._sends_job_id:
            body["external_task_id"] = _own_id(order)
        return Call(family, body)

    def _path(self, family: str) -> str:
        return f"/transtreams/kling/v1/videos/{family}"

    def _report(self, document: wire.Document) -> Report:
        return TaskReply.model_validate(document).report(self._access.key, find_status(document))


def _family(order: Order) -> str:
    """Choose the route from the model and the input, never from what the member typed."""
    if order.model.name == _OMNI_MODEL:
        return _OMNI
    return _TEXT if order.request.input is Input.TEXT else _IMAGE


def _pictures(order: Order, family: str) -> wire.Document:
    request = order.request
    if family == _IMAGE:
        return {"image": request.first_frame}
    if request.first_frame is not None:
        return {"image_list": [{"image_url": request.first_frame, "type": "first_frame"}]}
    return {} if request.reference is None else {"image_list": [{"image_url": request.reference}]}


def _needs_ratio(order: Order, family: str) -> bool:
    """Whether the ratio is a choice: a first frame brings its own (Kling's legacy video pages)."""
    return family != _IMAGE and order.request.first_frame is None


def _sound(order: Order, family: str) -> wire.Document:
    """Send whether sound is wanted, also when not; a model that makes none gets no such field."""
    if order.request.audio is None and not order.model.audio:
        return {}
    if family == _OMNI:
        return {"sound": "on" if order.request.audio else "off"}
    return {"generate_audio": bool(order.request.audio)}


def _own_id(order: Order) -> str:
    return f"matinee-{order.job_id}"
